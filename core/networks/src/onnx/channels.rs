//! Gives networks of gray, or of colour and alpha, the three channels of the pipeline.
//!
//! Only what the shapes state is adapted. A network with other channels is left alone, and judged as it is.

use std::borrow::Cow;

use enlarger::Result;

use super::judge::is_noise_level;
use super::wrap::{Channels, Wrapping};
use super::{Dimension, Network, Port};

/// Returns the network with three channels; the file itself if it has them, or if it cannot be adapted. `scale`: the network's factor,
/// if it is known.
///
/// # Errors
/// As [`Network::read`].
pub fn three_channels(file: &[u8], scale: Option<u32>) -> Result<Cow<'_, [u8]>> {
    let network = Network::read(file)?;
    let pictures: Vec<&Port<'_>> = network.inputs.iter().filter(|input| !is_noise_level(input)).collect();
    let ([input], [output]) = (pictures.as_slice(), network.outputs.as_slice()) else { return Ok(Cow::Borrowed(file)) };
    let (channels, planes) = match (channels(input), channels(output)) {
        // Some exporters leave out the output's shape. A network that takes gray then returns gray.
        (Some(1), Some(1) | None) => (Channels::Luminance { scale }, Vec::new()),
        (Some(1), Some(3)) => (Channels::Colourises, Vec::new()),
        (Some(4), Some(4)) => (Channels::Alpha, vec![1.0]),
        _ => return Ok(Cow::Borrowed(file)),
    };
    Wrapping { channels, planes, ..Wrapping::default() }.applied(file)
}

fn channels(port: &Port<'_>) -> Option<u64> {
    match port.shape.as_deref() {
        Some([_, Dimension::Fixed(channels), _, _]) => Some(*channels),
        _ => None,
    }
}
