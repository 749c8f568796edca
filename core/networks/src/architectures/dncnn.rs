//! DnCNN: a chain of convolutions whose result, the noise, is subtracted from the picture; and FDnCNN, which is told the noise level.
//!
//! Source: Zhang et al., "Beyond a Gaussian Denoiser", 2017, and their KAIR, which publishes both without batch normalisation and
//! trains with it.

use super::{Design, Graph, Misfit, NoiseRange, Outcome, Weights};

/// What batch normalisation adds to the variance.
const EPSILON: f64 = 1e-4;

/// The noise levels that FDnCNN and DRUNet are trained for, and the one that other programs use if nobody chooses.
pub(super) const NOISE: NoiseRange = NoiseRange { minimum: 0.0, maximum: 75.0 / 255.0, default: 15.0 / 255.0 };

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("model.0.weight") && weights.has("model.2.weight") && weights.names().all(is_layer)
}

/// Whether the name is that of a tensor in one chain of layers.
fn is_layer(name: &str) -> bool {
    let parts = name.strip_prefix("model.").and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(number, part)| number.parse::<u16>().is_ok() && !part.contains('.'))
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let layer = |at: usize| format!("model.{at}");
    let normalised = |at: usize| weights.has(&format!("model.{}.running_mean", at + 1));
    let [features, channels_in, ..] = weights.dimensions::<4>("model.0.weight")?;
    let mut convolutions = vec![0];
    loop {
        let last = convolutions.last().copied().unwrap_or(0);
        let next = last + if normalised(last) { 3 } else { 2 };
        if !weights.has(&format!("{}.weight", layer(next))) {
            break;
        }
        convolutions.push(next);
    }
    let last = convolutions.last().copied().unwrap_or(0);
    let [channels, ..] = weights.dimensions::<4>(&format!("{}.weight", layer(last)))?;
    let takes_level = channels_in == channels + 1;
    if !takes_level && channels_in != channels {
        return Err(Misfit::contradiction(format!("it turns {channels_in} channels into {channels}")));
    }

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let mut value = if takes_level { graph.with_noise_plane(&picture) } else { picture.clone() };
    for at in &convolutions {
        value = if normalised(*at) {
            graph.normalised_convolution(&value, &layer(*at), &layer(at + 1), EPSILON)?
        } else {
            graph.convolution(&value, &layer(*at))?
        };
        if *at != last {
            value = graph.relu(&value);
        }
    }
    if !takes_level {
        value = graph.difference(&picture, &value);
    }
    Ok(Design {
        noise: takes_level.then_some(NOISE),
        ..Design::new(graph, &value, 1, format!("{features} features, {} convolutions", convolutions.len()))?
    })
}
