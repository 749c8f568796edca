//! Finds out what a network does by running it on small pictures.
//!
//! The order of the steps matters. The output's size gives the scale, the scale makes input and output comparable, and only
//! then can the range, the channel order and the halo be found. The number of runs is bounded; the caller has to limit time
//! and memory when it probes a network of unknown origin.

mod halo;
mod pixel_encoding;
mod range_and_order;
mod runner;
mod sizes;
mod speed;
mod test_picture;

use enlarger::Result;
use enlarger_networks::onnx::Network;

use crate::findings::{Findings, wrapping};

use range_and_order::Fit;
pub use runner::Open;
use runner::{Runner, Sizes};

/// Gains that bring an output into the range of the input, where one is from 0 to 1 and the other from 0 to 255.
const GAINS: [f32; 2] = [1.0 / 255.0, 255.0];

/// A runner for the network with what it needs around it, and the encoding that fits it. A network whose output is in
/// another range than its input gets a gain, which is returned.
fn fitted<'a>(network: &[u8], sizes: &Sizes, open: &'a Open<'a>) -> Result<(Runner<'a>, Fit, Option<f32>)> {
    let fit = |gain: Option<f32>| {
        let runner = Runner::new(wrapping(sizes.pad, gain).applied(network)?.into_owned(), open)?.with_sizes(sizes)?;
        let fit = range_and_order::find(&runner)?;
        Ok((runner, fit, gain))
    };
    fit(None).or_else(|error| GAINS.iter().find_map(|gain| fit(Some(*gain)).ok()).ok_or(error))
}

/// Finds out what a network does. Returns the network, with mirrored padding added if it shrinks the picture and a gain if
/// its output is in another range than its input, and the findings. `open` opens a model on the engine to probe with.
///
/// # Errors
/// `ModelInvalid`, with one sentence on why the network cannot enlarge pictures, or the engine's error.
pub fn probe(network: Vec<u8>, open: &Open<'_>) -> Result<(Vec<u8>, Findings)> {
    let facts = Network::read(&network)?.judge()?;
    let sizes = sizes::find(&Runner::new(network.clone(), open)?)?;
    let (runner, fit, gain) = fitted(&network, &sizes, open)?;
    let runner = runner.with_encoding(fit.encoding.clone());
    let (support, halo, overlap) = halo::measure(&runner)?.judge(facts.whole.is_some());
    let findings = Findings {
        scale: sizes.scale,
        pad: sizes.pad,
        gain,
        multiple: sizes.multiple,
        minimum: sizes.minimum,
        range: fit.encoding.range,
        fidelity: fit.fidelity,
        bgr: fit.encoding.bgr,
        order_known: fit.order_known,
        support,
        halo,
        overlap,
        seconds: speed::seconds_per_megapixel(&runner)?,
    };
    Ok((runner.into_network(), findings))
}
