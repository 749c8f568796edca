//! SRResNet without normalisation (MSRResNet): residual blocks, pixel shuffles, and the sum with the picture enlarged bilinearly.
//!
//! Source: Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network", 2017, as BasicSR
//! changed it.

use super::{Design, Graph, Misfit, Outcome, Weights};

const SLOPE: f32 = 0.1;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    ["conv_first", "body.0.conv1", "upconv1", "conv_hr"].iter().all(|name| weights.has(&format!("{name}.weight")))
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("conv_first.weight")?;
    let blocks = weights.count("body.", ".conv1.weight");
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let first = graph.convolution(&picture, "conv_first")?;
    let mut value = graph.leaky_relu(&first, SLOPE);
    for at in 0..blocks {
        let change = graph.convolution(&value, &format!("body.{at}.conv1"))?;
        let change = graph.relu(&change);
        let change = graph.convolution(&change, &format!("body.{at}.conv2"))?;
        value = graph.sum(&value, &change);
    }
    let mut scale = 1usize;
    for step in (1..=5).take_while(|step| weights.has(&format!("upconv{step}.weight"))) {
        let squares = graph.convolution(&value, &format!("upconv{step}"))?;
        let factor = squares.channels.checked_div(value.channels).unwrap_or(0).isqrt();
        value = graph.shuffled(&squares, factor)?;
        value = graph.leaky_relu(&value, SLOPE);
        scale = scale.saturating_mul(factor);
    }
    value = graph.convolution(&value, "conv_hr")?;
    value = graph.leaky_relu(&value, SLOPE);
    value = graph.convolution(&value, "conv_last")?;
    if value.channels != channels {
        return Err(Misfit::contradiction(format!("it adds a picture of {channels} channels to {}", value.channels)));
    }
    let size = graph.size(&picture);
    let large = graph.size_times(&size, scale);
    let base = graph.resized(&picture, &large);
    value = graph.sum(&value, &base);
    Design::new(graph, &value, scale, format!("{features} features, {blocks} blocks"))
}
