//! RCAN: groups of residual blocks, each of which weighs its channels by their means over the whole picture.
//!
//! Source: Zhang et al., "Image Super-Resolution Using Very Deep Residual Channel Attention Networks", 2018; newer ones have a pixel
//! unshuffle before the network.

use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights, upscaled};

/// White, in networks that subtract a mean colour.
const WHITE: f32 = 255.0;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("body.0.body.0.body.3.conv_du.0.weight") && weights.has("tail.1.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let unshuffles = weights.has("head.1.weight");
    let head = if unshuffles { "head.1" } else { "head.0" };
    let [features, channels_in, ..] = weights.dimensions::<4>(&format!("{head}.weight"))?;
    let [channels, ..] = weights.dimensions::<4>("tail.1.weight")?;
    let factor = if unshuffles { channels_in.checked_div(channels).unwrap_or(0).isqrt() } else { 1 };
    if factor == 0 || factor * factor * channels != channels_in && unshuffles {
        return Err(Misfit::contradiction(format!("{channels_in} channels do not come from a picture of {channels}")));
    }
    let groups = weights.count_groups("body.").saturating_sub(1);
    let centred = weights.has("sub_mean.weight");

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels_in / (factor * factor));
    let mut value = picture.clone();
    if centred {
        value = graph.scaled(&value, WHITE);
        value = graph.convolution(&value, "sub_mean")?;
    }
    let first = graph.unshuffled_convolution(&value, head, factor)?;
    value = first.clone();
    let mut blocks = 0;
    for group in 0..groups {
        let input = value.clone();
        let body = format!("body.{group}.body");
        blocks = weights.count(&format!("{body}."), ".body.0.weight");
        for block in 0..blocks {
            value = attentive_block(&mut graph, &value, &format!("{body}.{block}.body"))?;
        }
        value = graph.convolution(&value, &format!("{body}.{blocks}"))?;
        value = graph.sum(&value, &input);
    }
    value = graph.convolution(&value, &format!("body.{groups}"))?;
    value = graph.sum(&value, &first);
    let (enlarged, enlargement) = upscaled(&mut graph, &value, "tail.0")?;
    value = graph.convolution(&enlarged, "tail.1")?;
    if centred {
        value = graph.convolution(&value, "add_mean")?;
        value = graph.scaled(&value, 1.0 / WHITE);
    }
    if !enlargement.is_multiple_of(factor) {
        return Err(Misfit::contradiction(format!(
            "it would enlarge {enlargement} times a picture that was reduced {factor} times"
        )));
    }
    Ok(Design {
        network: graph.finish(&value)?,
        summary: format!("{features} features, {groups} groups of {blocks} blocks"),
        scale: (enlargement / factor) as u32,
        input_channels: picture.channels,
        output_channels: channels,
        multiple: factor as u32,
        minimum: factor as u32,
        fixed: None,
        reach: Reach::Whole,
        noise: None,
        faces: false,
        alternatives: 1,
    })
}

/// Two convolutions, whose result is weighed by the means of its channels and added to the input.
fn attentive_block(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let first = graph.convolution(input, &format!("{name}.0"))?;
    let active = graph.relu(&first);
    let second = graph.convolution(&active, &format!("{name}.2"))?;
    let means = graph.mean(&second);
    let few = graph.convolution(&means, &format!("{name}.3.conv_du.0"))?;
    let few = graph.relu(&few);
    let all = graph.convolution(&few, &format!("{name}.3.conv_du.2"))?;
    let gate = graph.sigmoid(&all);
    let weighed = graph.product(&second, &gate);
    Ok(graph.sum(&weighed, input))
}
