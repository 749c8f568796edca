//! DAT: blocks of attention in rectangles and blocks of attention between channels in turns, each beside a convolution.
//!
//! Source: Chen et al., "Dual Aggregation Transformer for Image Super-Resolution", 2023. The two branches of a block gate each other.

use super::graph::{Convolution, Layer, Size, batch_normalisation};
use super::reconstruction::Reconstruction;
use super::rectangles::{EPSILON, Rectangles, gated_layers};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

/// The mean colour of the training pictures (DIV2K), which is subtracted from pictures of three channels.
const MEAN: [f32; 3] = [0.4488, 0.4371, 0.4040];

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("before_RG.1.weight") && weights.has("layers.0.blocks.0.attn.spatial_interaction.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("conv_first.weight")?;
    let groups = weights.count_groups("layers.");
    weights.ignore_where(|name| name.contains(".attn.attn_mask_"));

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels);
    let centred = if channels == MEAN.len() {
        graph.shifted_channels(&picture, &MEAN.map(|mean| -mean))
    } else {
        picture.clone()
    };
    let first = graph.convolution(&centred, "conv_first")?;
    let extent = graph.size(&first);
    let mut rectangles = Rectangles::new(&mut graph, &first)?;
    let mut value = graph.normalised_planes(&first, "before_RG.1", EPSILON)?;
    let mut count = 0;
    for group in 0..groups {
        let name = format!("layers.{group}");
        let input = value.clone();
        let blocks = weights.count_groups(&format!("{name}.blocks."));
        for at in 0..blocks {
            let name = format!("{name}.blocks.{at}");
            let attention = if at % 2 == 0 {
                let shifted = Rectangles::shifted(group, at);
                pixel_attention(&mut graph, &value, &name, &mut rectangles, shifted)?
            } else {
                channel_attention(&mut graph, &value, &name, &extent)?
            };
            value = graph.sum(&value, &attention);
            value = gated_layers(&mut graph, &value, &format!("{name}.ffn"), &format!("{name}.norm2"))?;
        }
        count += blocks;
        value = residual_convolution(&mut graph, &value, &format!("{name}.conv"))?;
        value = graph.sum(&value, &input);
    }
    value = graph.normalised_planes(&value, "norm", EPSILON)?;
    value = residual_convolution(&mut graph, &value, "conv_after_body")?;
    value = graph.sum(&value, &first);
    let (mut value, scale) = Reconstruction::of(weights).build(&mut graph, &value, &centred)?;
    if channels == MEAN.len() && value.channels == MEAN.len() {
        value = graph.shifted_channels(&value, &MEAN);
    }
    let [height, width] = rectangles.side;
    Ok(Design {
        summary: format!("{features} features, {count} blocks, rectangles of {height}×{width}"),
        scale: scale as u32,
        input_channels: channels,
        output_channels: value.channels,
        multiple: rectangles.multiple() as u32,
        network: graph.finish(&value)?,
        minimum: 1,
        fixed: None,
        reach: Reach::Whole,
        noise: None,
        faces: false,
        alternatives: 1,
    })
}

/// A 3×3 convolution, or three with a narrow one in the middle.
pub(super) fn residual_convolution(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    const SLOPE: f32 = 0.2;
    if graph.weights.has(&format!("{name}.weight")) {
        return graph.convolution(input, name);
    }
    let value = graph.convolution(input, &format!("{name}.0"))?;
    let value = graph.leaky_relu(&value, SLOPE);
    let value = graph.convolution(&value, &format!("{name}.2"))?;
    let value = graph.leaky_relu(&value, SLOPE);
    graph.convolution(&value, &format!("{name}.4"))
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
