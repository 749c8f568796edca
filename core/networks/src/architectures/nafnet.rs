//! NAFNet: a U-net of blocks whose only nonlinearity is the product of two halves of the channels.
//!
//! Source: Chen et al., "Simple Baselines for Image Restoration", 2022. Each block weighs its channels by means over the whole picture.

use super::graph::{Convolution, Layer, Padding};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

/// Added to variances.
const EPSILON: f32 = 1e-6;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("intro.weight")
        && weights.has("ending.weight")
        && weights.names().any(|name| name.ends_with(".sca.1.weight"))
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [width, channels, ..] = weights.dimensions::<4>("intro.weight")?;
    let levels = weights.count("downs.", ".weight");
    let multiple = 1usize
        .checked_shl(levels as u32)
        .filter(|_| levels < 12)
        .ok_or_else(|| Misfit::contradiction("it has too many levels"))?;

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let size = graph.size(&picture);
    let padded = graph.padded_to(&picture, &size, [multiple; 2], Padding::Zeros);
    let mut value = graph.convolution(&padded, "intro")?;
    let (mut skips, mut count) = (Vec::new(), 0);
    for level in 0..levels {
        value = blocks(&mut graph, value, &format!("encoders.{level}"), &mut count)?;
        skips.push(value.clone());
        let halving = Convolution { stride: 2, pads: Some([0; 4]), groups: 1 };
        value = graph.convolution_with(&value, &format!("downs.{level}"), halving)?;
    }
    value = blocks(&mut graph, value, "middle_blks", &mut count)?;
    for (level, skip) in skips.iter().rev().enumerate() {
        value = graph.convolution(&value, &format!("ups.{level}.0"))?;
        value = graph.shuffled(&value, 2)?;
        if value.channels != skip.channels {
            return Err(Misfit::contradiction(format!(
                "the way up has {} channels where the way down has {}",
                value.channels, skip.channels
            )));
        }
        value = graph.sum(&value, skip);
        value = blocks(&mut graph, value, &format!("decoders.{level}"), &mut count)?;
    }
    value = graph.convolution(&value, "ending")?;
    if value.channels != channels {
        return Err(Misfit::contradiction(format!("it adds {} channels to a picture of {channels}", value.channels)));
    }
    value = graph.sum(&value, &padded);
    value = graph.cropped_to(&value, &size, 1);
    Ok(Design {
        multiple: multiple as u32,
        reach: Reach::Whole,
        ..Design::new(graph, &value, 1, format!("{width} features, {count} blocks on {} levels", levels + 1))?
    })
}

/// The blocks `name.0`, `name.1`, …, each of which is counted.
fn blocks(graph: &mut Graph<'_>, mut value: Value, name: &str, count: &mut usize) -> Outcome<Value> {
    for at in 0..graph.weights.count_groups(&format!("{name}.")) {
        value = block(graph, &value, &format!("{name}.{at}"))?;
        *count += 1;
    }
    Ok(value)
}

fn block(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let part = |inner: &str| format!("{name}.{inner}");
    let channels = input.channels;
    let value = graph.standardised(input, EPSILON)?;
    let value = graph.layer_after_norm(&part("conv1"), &part("norm1"), channels)?.apply(graph, &value)?;
    let value = graph.convolution_with(&value, &part("conv2"), Convolution::depthwise(value.channels))?;
    let value = halves_multiplied(graph, &value)?;
    let mean = graph.mean(&value);
    let gain = graph.convolution(&mean, &part("sca.1"))?;
    let value = graph.product(&value, &gain);
    let value = scaled_layer(graph, &value, &part("conv3"), &part("beta"), channels)?;
    let middle = graph.sum(input, &value);

    let value = graph.standardised(&middle, EPSILON)?;
    let value = graph.layer_after_norm(&part("conv4"), &part("norm2"), channels)?.apply(graph, &value)?;
    let value = halves_multiplied(graph, &value)?;
    let value = scaled_layer(graph, &value, &part("conv5"), &part("gamma"), channels)?;
    Ok(graph.sum(&middle, &value))
}

/// The product of the two halves of the channels.
fn halves_multiplied(graph: &mut Graph<'_>, value: &Value) -> Outcome<Value> {
    let [first, second] = graph.halves(value)?;
    Ok(graph.product(&first, &second))
}

/// A layer of one pixel with `channels` outputs, each multiplied by its value in the tensor `scale`.
fn scaled_layer(graph: &mut Graph<'_>, value: &Value, name: &str, scale: &str, channels: usize) -> Outcome<Value> {
    let layer = Layer::pointwise(graph.weights, name, value.channels)?;
    let factors = graph.weights.values(scale, &[1, channels, 1, 1])?;
    if layer.outputs() != channels {
        return Err(Misfit::contradiction(format!("'{name}' makes {} channels, not {channels}", layer.outputs())));
    }
    layer.before(&factors, &vec![0.0; channels]).apply(graph, value)
}
