//! OmniSR: blocks of attention between the pixels of windows, between pixels spread over the picture, and between channels.
//!
//! Source: Wang et al., "Omni Aggregation Networks for Lightweight Image Super-Resolution", 2023.

use super::graph::{Convolution, Layer, Padding, PlaneWindows, Positions, Size};
use super::transformer::{gated_layers, projections};
use super::{Design, Graph, Outcome, Reach, Value, Weights, channels_and_factor, swin};
use crate::checkpoints::Hyperparameter;

/// Added to variances by the normalisation of planes and by that before attention.
const EPSILON: f32 = 1e-6;
const ATTENTION_EPSILON: f32 = 1e-5;

/// What networks without a position bias have: the published window, and the heads.
const USUAL_WINDOW: usize = 8;
const USUAL_HEADS: usize = 4;

/// The position bias of the first block. The other blocks have one if this has.
const BIAS: &str = "residual_layer.0.residual_layer.0.layer.2.fn.rel_pos_bias.weight";

/// The least side that the pooling of the spatial attention accepts.
const POOLED: usize = 15;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("residual_layer.0.residual_layer.0.layer.0.fn.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("input.weight")?;
    let [squares, ..] = weights.dimensions::<4>("up.0.weight")?;
    let (_, scale) = channels_and_factor(squares, channels)?;
    let side = window_side(weights)?;
    let groups = weights.count_groups("residual_layer.");

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let size = graph.size(&picture);
    let padded = graph.padded_to(&picture, &size, [side; 2], Padding::Zeros);
    let extent = graph.size(&padded);
    let windows = graph.plane_windows(&extent, [side; 2]);
    let positions = if weights.has(BIAS) { Some(graph.positions([side; 2])?) } else { None };
    let start = graph.convolution(&padded, "input")?;
    let (mut value, mut blocks) = (start.clone(), 0);
    for at in 0..groups {
        let name = format!("residual_layer.{at}");
        let input = value.clone();
        let last = weights.count_groups(&format!("{name}.residual_layer.")).saturating_sub(1);
        for block_at in 0..last {
            value = block(
                &mut graph,
                &value,
                &format!("{name}.residual_layer.{block_at}.layer"),
                &windows,
                positions.as_ref(),
            )?;
        }
        blocks += last;
        value = graph.convolution(&value, &format!("{name}.residual_layer.{last}"))?;
        value = graph.sum(&value, &input);
        value = spatial_attention(&mut graph, &value, &format!("{name}.esa"), &extent)?;
    }
    value = graph.convolution(&value, "output")?;
    value = graph.sum(&value, &start);
    value = graph.convolution(&value, "up.0")?;
    value = graph.shuffled(&value, scale)?;
    value = graph.cropped_to(&value, &size, scale);
    Ok(Design {
        multiple: side as u32,
        minimum: (POOLED.next_multiple_of(side) - side + 1) as u32,
        reach: Reach::Whole,
        ..Design::new(
            graph,
            &value,
            scale,
            format!("{features} features, {groups} groups, {blocks} blocks, windows of {side}"),
        )?
    })
}

/// The side of a window: its position bias has a row for each of (2·side − 1)² distances.
fn window_side(weights: &Weights<'_>) -> Outcome<usize> {
    if weights.has(BIAS) {
        return swin::window_side(weights, BIAS);
    }
    weights.assume(format!("{USUAL_HEADS} heads"));
    match weights.hyperparameter("window_size") {
        Some(Hyperparameter::Integer(side @ 1..=64)) => Ok(*side as usize),
        _ => {
            weights.assume(format!("windows of {USUAL_WINDOW}"));
            Ok(USUAL_WINDOW)
        }
    }
}

fn block(
    graph: &mut Graph<'_>,
    input: &Value,
    name: &str,
    windows: &PlaneWindows,
    positions: Option<&Positions>,
) -> Outcome<Value> {
    let part = |at: usize| format!("{name}.{at}");
    let value = inverted_bottleneck(graph, input, &format!("{}.fn", part(0)))?;
    let value = pixel_attention(graph, &value, &part(2), windows, positions)?;
    let value = gated(graph, &value, &part(4))?;
    let value = channel_attention(graph, &value, &part(5), windows)?;
    let value = gated(graph, &value, &part(6))?;
    let spread = windows.spread();
    let value = pixel_attention(graph, &value, &part(8), &spread, positions)?;
    let value = gated(graph, &value, &part(10))?;
    let value = channel_attention(graph, &value, &part(11), &windows.places())?;
    gated(graph, &value, &part(12))
}

/// A 1×1, a depthwise and a 1×1 convolution, with a gain for each channel that depends on the means, and the sum with the input.
fn inverted_bottleneck(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = graph.convolution(input, &format!("{name}.0"))?;
    let value = graph.gelu(&value);
    let value = graph.convolution_with(&value, &format!("{name}.2"), Convolution::depthwise(value.channels))?;
    let value = graph.gelu(&value);
    let gain = graph.mean(&value);
    let gain = graph.pixelwise(&gain, &format!("{name}.4.gate.1"))?;
    let gain = graph.silu(&gain);
    let gain = graph.pixelwise(&gain, &format!("{name}.4.gate.3"))?;
    let gain = graph.sigmoid(&gain);
    let value = graph.product(&value, &gain);
    let value = graph.convolution(&value, &format!("{name}.5"))?;
    Ok(graph.sum(&value, input))
}

/// Layers that gate each other, after a normalisation, and the sum with the input.
fn gated(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = graph.standardised(input, EPSILON)?;
    let norm = format!("{name}.norm");
    let layer = graph.layer_after_norm(&format!("{name}.fn.project_in"), &norm, input.channels)?;
    let value = gated_layers(graph, &value, &layer, &format!("{name}.fn"))?;
    Ok(graph.sum(&value, input))
}

/// Attention between the pixels of each window, with biases if they have positions, and the sum with the input.
fn pixel_attention(
    graph: &mut Graph<'_>,
    input: &Value,
    name: &str,
    windows: &PlaneWindows,
    positions: Option<&Positions>,
) -> Outcome<Value> {
    let channels = input.channels;
    let bias = format!("{name}.fn.rel_pos_bias.weight");
    let (heads, bias) = match positions {
        Some(positions) => {
            let [_, heads] = graph.weights.dimensions::<2>(&bias)?;
            (heads, Some(graph.position_bias(&bias, positions)?))
        }
        None => (USUAL_HEADS, None),
    };
    let of_head = channels.checked_div(heads).unwrap_or(0).max(1);
    let layer = graph.layer_after_norm(&format!("{name}.fn.to_qkv"), &format!("{name}.norm"), channels)?;
    let [queries, keys, values] = layer.divided::<3>()?;
    let value = graph.standardised(input, ATTENTION_EPSILON)?;
    let queries = queries.times((of_head as f32).sqrt().recip()).apply(graph, &value)?;
    let keys = keys.apply(graph, &value)?;
    let values = values.apply(graph, &value)?;
    let value = graph.window_attention([&queries, &keys, &values], windows, heads, bias.as_ref(), None)?;
    let value = Layer::pointwise(graph.weights, &format!("{name}.fn.to_out.0"), channels)?.apply(graph, &value)?;
    Ok(graph.sum(&value, input))
}

/// Attention between channels, for each group of pixels by itself, and the sum with the input.
fn channel_attention(graph: &mut Graph<'_>, input: &Value, name: &str, windows: &PlaneWindows) -> Outcome<Value> {
    let value = graph.standardised(input, EPSILON)?;
    let layer = graph.layer_after_norm(&format!("{name}.fn.qkv"), &format!("{name}.norm"), input.channels)?;
    let parts = projections(graph, &value, &layer, &format!("{name}.fn"))?;
    let temperature = graph.weights.values_of(&format!("{name}.fn.temperature"), [0, 1, 1])?.0;
    let value = graph.channel_attention_in(parts.each_ref(), windows, &temperature)?;
    let value = graph.convolution(&value, &format!("{name}.fn.project_out"))?;
    Ok(graph.sum(&value, input))
}

/// A gate for each sample that looks far, at a reduced picture.
fn spatial_attention(graph: &mut Graph<'_>, input: &Value, name: &str, extent: &Size) -> Outcome<Value> {
    let part = |inner: &str| format!("{name}.{inner}");
    let narrow = graph.convolution(input, &part("conv1"))?;
    let halving = Convolution { stride: 2, pads: Some([0; 4]), groups: 1 };
    let value = graph.convolution_with(&narrow, &part("conv2"), halving)?;
    let value = graph.largest(&value, 7, 3);
    let value = graph.convolution(&value, &part("conv3"))?;
    let value = graph.resized(&value, extent);
    let direct = graph.convolution(&narrow, &part("conv_f"))?;
    let value = graph.sum(&value, &direct);
    let value = graph.convolution(&value, &part("conv4"))?;
    let gate = graph.sigmoid(&value);
    Ok(graph.product(input, &gate))
}
