//! DAT: blocks of attention in rectangles and blocks of attention between channels in turns, each beside a convolution.
//!
//! Source: Chen et al., "Dual Aggregation Transformer for Image Super-Resolution", 2023. The two branches of a block gate each other.

use super::graph::{Convolution, Layer, Size, batch_normalisation};
use super::rectangles::{EPSILON, Rectangles, gated_layers};
use super::{Design, Graph, Misfit, Outcome, Value, Weights, aggregation};

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    aggregation::claims(weights) && weights.has("layers.0.blocks.0.attn.spatial_interaction.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    aggregation::build(weights, |graph, value, block| {
        let name = &block.name;
        let attention = match block.shifted {
            Some(shifted) => pixel_attention(graph, value, name, block.rectangles, shifted)?,
            None => channel_attention(graph, value, name, block.size)?,
        };
        let value = graph.sum(value, &attention);
        gated_layers(graph, &value, &format!("{name}.ffn"), &format!("{name}.norm2"))
    })
}

/// Attention in rectangles, weighed for each channel, and a convolution, weighed for each pixel.
fn pixel_attention(
    graph: &mut Graph<'_>,
    input: &Value,
    name: &str,
    rectangles: &mut Rectangles,
    shifted: bool,
) -> Outcome<Value> {
    let value = graph.standardised(input, EPSILON)?;
    let attention = format!("{name}.attn");
    let names = [attention.as_str(), &format!("{name}.norm1")];
    let [attended, values] = rectangles.attention(graph, &value, names, shifted)?;
    let convolved = local_branch(graph, &values, &attention)?;
    let of_channels = channel_gate(graph, &convolved, &attention)?;
    let of_pixels = pixel_gate(graph, &attended, &attention)?;
    let attended = graph.product(&attended, &of_channels);
    let convolved = graph.product(&convolved, &of_pixels);
    let value = graph.sum(&attended, &convolved);
    Layer::pointwise(graph.weights, &format!("{attention}.proj"), input.channels)?.apply(graph, &value)
}

/// Attention between channels, weighed for each pixel, and a convolution, weighed for each channel.
fn channel_attention(graph: &mut Graph<'_>, input: &Value, name: &str, extent: &Size) -> Outcome<Value> {
    let value = graph.standardised(input, EPSILON)?;
    let attention = format!("{name}.attn");
    let layer = graph.layer_after_norm(&format!("{attention}.qkv"), &format!("{name}.norm1"), input.channels)?;
    let parts = layer.divided::<3>()?.map(|layer| layer.apply(graph, &value));
    let [queries, keys, values] = parts;
    let (queries, keys, values) = (queries?, keys?, values?);
    if values.channels != input.channels {
        return Err(Misfit::contradiction(format!(
            "'{attention}.qkv' does not make three times {} channels",
            input.channels
        )));
    }
    let (temperature, _) = graph.weights.values_of(&format!("{attention}.temperature"), [0, 1, 1])?;
    let attended = graph.channel_attention([&queries, &keys, &values], extent, &temperature)?;
    let convolved = local_branch(graph, &values, &attention)?;
    let of_channels = channel_gate(graph, &attended, &attention)?;
    let of_pixels = pixel_gate(graph, &convolved, &attention)?;
    let attended = graph.product(&attended, &of_pixels);
    let convolved = graph.product(&convolved, &of_channels);
    let value = graph.sum(&attended, &convolved);
    Layer::pointwise(graph.weights, &format!("{attention}.proj"), input.channels)?.apply(graph, &value)
}

/// A depthwise convolution with its normalisation.
fn local_branch(graph: &mut Graph<'_>, values: &Value, name: &str) -> Outcome<Value> {
    let (factors, numbers) = batch_normalisation(graph.weights, &format!("{name}.dwconv.1"), values.channels)?;
    let layer = Layer::read(graph.weights, &format!("{name}.dwconv.0"))?.before(&factors, &numbers);
    let value = layer.apply_with(graph, values, Convolution::depthwise(values.channels))?;
    Ok(graph.gelu(&value))
}

/// A gate for each channel, from the means of another branch.
fn channel_gate(graph: &mut Graph<'_>, other: &Value, name: &str) -> Outcome<Value> {
    let mean = graph.mean(other);
    gate(graph, &mean, [1, 2, 4].map(|at| format!("{name}.channel_interaction.{at}")))
}

/// A gate for each pixel, from the channels of another branch.
fn pixel_gate(graph: &mut Graph<'_>, other: &Value, name: &str) -> Outcome<Value> {
    gate(graph, other, [0, 1, 3].map(|at| format!("{name}.spatial_interaction.{at}")))
}

/// Two layers of one pixel, the first with a normalisation, and a sigmoid.
fn gate(graph: &mut Graph<'_>, input: &Value, [first, norm, second]: [String; 3]) -> Outcome<Value> {
    let layer = Layer::pointwise(graph.weights, &first, input.channels)?;
    let (factors, numbers) = batch_normalisation(graph.weights, &norm, layer.outputs())?;
    let value = layer.before(&factors, &numbers).apply(graph, input)?;
    let value = graph.gelu(&value);
    let value = Layer::pointwise(graph.weights, &second, value.channels)?.apply(graph, &value)?;
    Ok(graph.sigmoid(&value))
}
