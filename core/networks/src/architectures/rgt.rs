//! RGT: blocks of attention in rectangles and blocks of attention of every pixel to a reduced picture in turns.
//!
//! Source: Chen et al., "Recursive Generalization Transformer for Image Super-Resolution", 2024. The picture is reduced by 16; from
//! sides of 1024 pixels on the original reduces it by 64. Such pictures need too much memory to occur, so that is not built.

use super::graph::{Convolution, Layer, REST, Side, Size};
use super::rectangles::{EPSILON, Rectangles, gated_layers};
use super::{Design, Graph, Misfit, Outcome, Value, Weights, aggregation};

/// How often the picture is reduced, and by how much each time.
const REDUCTIONS: usize = 2;
const REDUCTION: usize = 4;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    aggregation::claims(weights) && weights.has("layers.0.blocks.0.gamma")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let design = aggregation::build(weights, |graph, value, block| {
        let name = &block.name;
        let attended = match block.shifted {
            Some(shifted) => rectangle_attention(graph, value, name, block.rectangles, shifted)?,
            None => reduced_attention(graph, value, name, block.size, heads(weights, block.group)?)?,
        };
        let sum = graph.sum(value, &attended);
        let made = gated_layers(graph, &sum, &format!("{name}.mlp"), &format!("{name}.norm2"))?;
        let gain = weights.values(&format!("{name}.gamma"), &[value.channels])?;
        let kept = graph.scaled_channels(value, &gain);
        Ok(graph.sum(&made, &kept))
    })?;
    Ok(Design { minimum: REDUCTION.pow(REDUCTIONS as u32) as u32, ..design })
}

/// The heads of a group: the rectangles' two halves of them are told by the sizes of tensors.
fn heads(weights: &Weights<'_>, group: usize) -> Outcome<usize> {
    let [halved] = weights.dimensions::<1>(&format!("layers.{group}.blocks.0.attn.attns.0.pos.pos3.2.bias"))?;
    Ok(2 * halved)
}

/// Attention in rectangles and a convolution.
fn rectangle_attention(
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
    let convolved =
        graph.convolution_with(&values, &format!("{attention}.get_v"), Convolution::depthwise(input.channels))?;
    let value = graph.sum(&attended, &convolved);
    Layer::pointwise(graph.weights, &format!("{attention}.proj"), input.channels)?.apply(graph, &value)
}

/// Attention of every pixel to the pixels of a reduced picture.
fn reduced_attention(graph: &mut Graph<'_>, input: &Value, name: &str, extent: &Size, heads: usize) -> Outcome<Value> {
    let channels = input.channels;
    let attention = format!("{name}.attn");
    let part = |inner: &str| format!("{attention}.{inner}");
    let weights = graph.weights;
    let depthwise = Convolution::depthwise(channels);
    let value = graph.normalised_planes(input, &format!("{name}.norm1"), EPSILON)?;
    let mut reduced = value.clone();
    for _ in 0..REDUCTIONS {
        let settings = Convolution { stride: REDUCTION, pads: Some([0; 4]), groups: channels };
        reduced = graph.convolution_with(&reduced, &part("reduction1"), settings)?;
    }
    reduced = graph.convolution_with(&reduced, &part("dwconv"), depthwise)?;
    reduced = graph.convolution(&reduced, &part("conv"))?;
    let narrow = reduced.channels;
    let [of_head, of_narrow] = [channels.checked_div(heads), narrow.checked_div(heads)].map(Option::unwrap_or_default);
    if of_head == 0 || of_narrow == 0 || of_head * heads != channels || of_narrow * heads != narrow {
        return Err(Misfit::contradiction(format!(
            "{channels} and {narrow} channels do not divide into {heads} heads"
        )));
    }
    reduced = graph.normalised_planes(&reduced, &part("norm_act.0"), EPSILON)?;
    reduced = graph.gelu(&reduced);
    let queries = Layer::pointwise(weights, &part("q"), channels)?;
    let queries = queries.times((of_narrow as f32).sqrt().recip()).apply(graph, &value)?;
    let keys = Layer::pointwise(weights, &part("k"), narrow)?.apply(graph, &reduced)?;
    let values = Layer::pointwise(weights, &part("v"), narrow)?.apply(graph, &reduced)?;
    if queries.channels != narrow || keys.channels != narrow || values.channels != channels {
        return Err(Misfit::contradiction(format!("the layers of '{attention}' differ in their channels")));
    }
    let local = graph.convolution_with(&values, &part("cpe"), depthwise)?;
    let values = graph.sum(&values, &local);

    let rows = |count: usize| [Side::from(heads), Side::from(count), REST];
    let queries = graph.reshaped(&queries, &rows(of_narrow), narrow);
    let queries = graph.transposed(&queries, &[0, 2, 1], queries.channels);
    let keys = graph.reshaped(&keys, &rows(of_narrow), narrow);
    let values = graph.reshaped(&values, &rows(of_head), channels);
    let values = graph.transposed(&values, &[0, 2, 1], values.channels);
    let attended = graph.matrix_product(&queries, &keys, 0);
    let attended = graph.softmax(&attended);
    let attended = graph.matrix_product(&attended, &values, 0);
    let attended = graph.transposed(&attended, &[0, 2, 1], attended.channels);
    let (height, width) = (Side::Of(&extent.height), Side::Of(&extent.width));
    let value = graph.reshaped(&attended, &[Side::from(1), Side::from(channels), height, width], channels);
    Layer::pointwise(weights, &part("proj"), channels)?.apply(graph, &value)
}
