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
use enlarger_networks::onnx::{Network, Wrapping, wrap};

use crate::findings::Findings;

pub use runner::Open;
use runner::Runner;

/// Finds out what a network does. Returns the network, with mirrored padding added if it shrinks the picture, and the
/// findings. `open` opens a model on the engine to probe with.
///
/// # Errors
/// `ModelInvalid`, with one sentence on why the network cannot enlarge pictures, or the engine's error.
pub fn probe(network: Vec<u8>, open: &Open<'_>) -> Result<(Vec<u8>, Findings)> {
    let facts = Network::read(&network)?.judge()?;
    let sizes = sizes::find(&Runner::new(network.clone(), open)?)?;
    let network = match sizes.pad {
        0 => network,
        pad => wrap(&network, &Wrapping { pad, ..Wrapping::default() })?,
    };
    let runner = Runner::new(network, open)?.with_sizes(&sizes)?;
    let fit = range_and_order::find(&runner)?;
    let runner = runner.with_encoding(fit.encoding.clone());
    let (support, halo, overlap) = halo::measure(&runner)?.judge(facts.whole.is_some());
    let findings = Findings {
        scale: sizes.scale,
        pad: sizes.pad,
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
