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
use crate::known::Known;

use pixel_encoding::PixelEncoding;
use range_and_order::Fit;
pub use runner::Open;
use runner::{Runner, Sizes};

/// The minimum, the maximum and the default of a noise level that nothing else is known about: that of photos, for pixels from 0
/// to 1.
const NOISE: [f32; 3] = [0.0, 75.0 / 255.0, 0.0];

/// Gains that bring an output into the range of the input, where one is from 0 to 1 and the other from 0 to 255.
const GAINS: [f32; 2] = [1.0 / 255.0, 255.0];

/// A runner for the network with what it needs around it, and the encoding that fits it. A network whose output is in
/// another range than its input gets a gain, which is returned.
fn fitted<'a>(network: &[u8], sizes: &Sizes, noise: f32, open: &'a Open<'a>) -> Result<(Runner<'a>, Fit, Option<f32>)> {
    let fit = |gain: Option<f32>| {
        let network = wrapping(sizes.pad, gain).applied(network)?.into_owned();
        let runner = Runner::new(network, noise, open)?.with_sizes(sizes)?;
        let fit = range_and_order::find(&runner)?;
        Ok((runner, fit, gain))
    };
    fit(None).or_else(|error| GAINS.iter().find_map(|gain| fit(Some(*gain)).ok()).ok_or(error))
}

/// Finds out what a network does. Returns the network, with mirrored padding added if it shrinks the picture and a gain if
/// its output is in another range than its input, and the findings. `known` is what its architecture tells, if that is known: such
/// a network is accepted even if its output is not the picture it was given. `open` opens a model on the engine to probe with.
///
/// # Errors
/// `ModelInvalid`, with one sentence on why the network cannot enlarge pictures, or the engine's error.
pub fn probe(network: Vec<u8>, known: Option<&Known>, open: &Open<'_>) -> Result<(Vec<u8>, Findings)> {
    let facts = Network::read(&network)?.judge()?;
    let noise_level = known.and_then(|known| known.noise_level).or(facts.noise_level.then_some(NOISE));
    let noise = noise_level.map_or(0.0, |[_, _, usual]| usual);
    let (sizes, (runner, fit, gain)) = match known {
        Some(known) => {
            let (multiple, minimum) = if facts.size.is_some() { (1, 1) } else { (known.multiple, known.minimum) };
            let sizes = Sizes { scale: known.scale, pad: 0, multiple, minimum };
            let runner = Runner::new(network, noise, open)?.with_sizes(&sizes)?;
            let fit = range_and_order::known(&runner, PixelEncoding::default())?;
            (sizes, (runner, fit, None))
        }
        None => {
            let sizes = sizes::find(&Runner::new(network.clone(), noise, open)?)?;
            let fitted = fitted(&network, &sizes, noise, open)?;
            (sizes, fitted)
        }
    };
    let runner = runner.with_encoding(fit.encoding.clone());
    let whole = facts.whole.is_some() || known.is_some_and(|known| known.whole);
    let (support, halo, overlap) = halo::measure(&runner)?.judge(whole);
    let findings = Findings {
        scale: sizes.scale,
        pad: sizes.pad,
        gain,
        multiple: sizes.multiple,
        minimum: sizes.minimum,
        range: fit.encoding.range,
        size: facts.size,
        noise_level,
        faces: known.is_some_and(|known| known.faces),
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
