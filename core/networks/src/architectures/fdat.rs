//! FDAT: blocks of attention in windows or between channels, each beside a convolution that it shares a gate with.
//!
//! Source: the training program traiNNer-redux, 2025, after Chen et al., "Dual Aggregation Transformer", 2023.

use super::graph::{Convolution, EPSILON, Layer, Padding, PlaneWindows, Size};
use super::sampler::Sampler;
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("groups.0.blocks.0.inter.sg.0.weight") && weights.has("conv_after.weight")
}

/// The windows of a network, and what its planes lack to be multiples of them.
struct Lattice {
    windows: PlaneWindows,
    size: Size,
    lacking: Size,
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let mut graph = Graph::new(weights);
    let sampler = Sampler::read(&graph, "upsampler")?;
    let unshuffles = weights.has("conv_first.1.weight");
    let first = if unshuffles { "conv_first.1" } else { "conv_first" };
    let [features, squares, ..] = weights.dimensions::<4>(&format!("{first}.weight"))?;
    // How many pixels become channels cannot be told from how many channels the picture has, so both ends are taken to be alike.
    let factor = if unshuffles { squares.checked_div(sampler.channels).unwrap_or(0).isqrt() } else { 1 };
    let channels = if unshuffles { sampler.channels } else { squares };
    if factor == 0 || factor * factor * channels != squares || !sampler.scale.is_multiple_of(factor) {
        return Err(Misfit::contradiction(format!(
            "its first convolution reads {squares} channels, which are no squares of pixels of {} channels",
            sampler.channels
        )));
    }
    let groups = weights.count_groups("groups.");

    let picture = graph.picture(channels)?;
    let picture_size = graph.size(&picture);
    let shallow = if unshuffles {
        let even = graph.padded_to(&picture, &picture_size, [factor; 2], Padding::Reflection);
        graph.unshuffled_convolution(&even, first, factor)?
    } else {
        graph.convolution(&picture, first)?
    };
    let size = graph.size(&shallow);
    let side = window_side(weights)?;
    let lacking = graph.lacking(&size, [side; 2]);
    let padded = graph.size_plus(&size, &lacking);
    let lattice = Lattice { windows: graph.plane_windows(&padded, [side; 2]), size, lacking };
    let (mut value, mut count) = (shallow.clone(), 0);
    for group in 0..groups {
        let name = format!("groups.{group}");
        let input = value.clone();
        let blocks = weights.count_groups(&format!("{name}.blocks."));
        for at in 0..blocks {
            value = block(&mut graph, &value, &format!("{name}.blocks.{at}"), &lattice)?;
        }
        count += blocks;
        value = graph.convolution(&value, &format!("{name}.conv"))?;
        value = graph.sum(&value, &input);
    }
    value = graph.convolution(&value, "conv_after")?;
    value = graph.sum(&value, &shallow);
    value = sampler.build(&mut graph, &value, "upsampler")?;
    let scale = sampler.scale / factor;
    if factor > 1 {
        value = graph.cropped_to(&value, &picture_size, scale);
    }
    Ok(Design {
        multiple: (side * factor) as u32,
        minimum: factor as u32,
        reach: Reach::Whole,
        ..Design::new(graph, &value, scale, format!("{features} features, {count} blocks, windows of {side}"))?
    })
}

/// The side of a window: each block with windows has a bias for each pair of its pixels. Without such a block, 1.
fn window_side(weights: &Weights<'_>) -> Outcome<usize> {
    let bias = weights
        .names()
        .find(|name| name.ends_with(".attn.bias") && weights.shape(name).is_some_and(|shape| shape.len() == 3));
    let Some(name) = bias else { return Ok(1) };
    let [_, pixels, _] = weights.dimensions::<3>(name)?;
    let side = pixels.isqrt();
    if side * side == pixels && (1..=64).contains(&side) {
        Ok(side)
    } else {
        Err(Misfit::contradiction(format!("'{name}' is for {pixels} pixels, which are no square window")))
    }
}

fn block(graph: &mut Graph<'_>, input: &Value, name: &str, lattice: &Lattice) -> Outcome<Value> {
    let part = |inner: &str| format!("{name}.{inner}");
    let normal = graph.normalised_planes(input, &part("n1"), EPSILON)?;
    let convolved = graph.convolution_with(&normal, &part("conv.0"), Convolution::depthwise(input.channels))?;
    let convolved = graph.gelu(&convolved);
    // Only one of the two gates takes part, but the file has both.
    let value = if graph.weights.has(&part("attn.temp")) {
        let attended = channel_attention(graph, &normal, &part("attn"), &lattice.size)?;
        let gate = Layer::pointwise(graph.weights, &part("inter.sg.0"), input.channels)?.apply(graph, &attended)?;
        let gate = graph.sigmoid(&gate);
        graph.weights.ignore(&part("inter.cg.1.weight"));
        graph.weights.ignore(&part("inter.cg.3.weight"));
        let convolved = graph.product(&convolved, &gate);
        graph.sum(&attended, &convolved)
    } else {
        let attended = window_attention(graph, &normal, &part("attn"), lattice)?;
        let gate = graph.mean(&convolved);
        let gate = Layer::pointwise(graph.weights, &part("inter.cg.1"), input.channels)?.apply(graph, &gate)?;
        let gate = graph.gelu(&gate);
        let gate = Layer::pointwise(graph.weights, &part("inter.cg.3"), gate.channels)?.apply(graph, &gate)?;
        let gate = graph.sigmoid(&gate);
        graph.weights.ignore(&part("inter.sg.0.weight"));
        let attended = graph.product(&attended, &gate);
        graph.sum(&attended, &convolved)
    };
    let middle = graph.sum(input, &value);
    let value = graph.standardised(&middle, EPSILON)?;
    let value = graph.layer_after_norm(&part("ffn.fc1"), &part("n2"), input.channels)?.apply(graph, &value)?;
    let value = graph.gelu(&value);
    let value = graph.convolution_with(&value, &part("ffn.smix"), Convolution::depthwise(value.channels))?;
    let value = Layer::pointwise(graph.weights, &part("ffn.fc2"), value.channels)?.apply(graph, &value)?;
    Ok(graph.sum(&middle, &value))
}

/// Queries, keys and values.
fn projections(graph: &mut Graph<'_>, input: &Value, name: &str, scale: f32) -> Outcome<[Value; 3]> {
    let [queries, keys, values] =
        Layer::pointwise(graph.weights, &format!("{name}.qkv"), input.channels)?.divided::<3>()?;
    let values = values.apply(graph, input)?;
    if values.channels != input.channels {
        return Err(Misfit::contradiction(format!(
            "'{name}.qkv' turns {} channels into {}",
            input.channels, values.channels
        )));
    }
    Ok([queries.times(scale).apply(graph, input)?, keys.apply(graph, input)?, values])
}

fn window_attention(graph: &mut Graph<'_>, input: &Value, name: &str, lattice: &Lattice) -> Outcome<Value> {
    let pixels = lattice.windows.pixels();
    let (bias, [heads, ..]) = graph.weights.values_of(&format!("{name}.bias"), [0, pixels, pixels])?;
    let bias = Value { name: graph.floats(&[heads, pixels, pixels], &bias), channels: pixels };
    let of_head = input.channels.checked_div(heads).unwrap_or(0).max(1);
    let padded = graph.padded_by(input, &lattice.lacking, Padding::Zeros);
    let parts = projections(graph, &padded, name, (of_head as f32).sqrt().recip())?;
    let value = graph.window_attention(parts.each_ref(), &lattice.windows, heads, Some(&bias), None)?;
    let value = Layer::pointwise(graph.weights, &format!("{name}.proj"), value.channels)?.apply(graph, &value)?;
    Ok(graph.cropped_to(&value, &lattice.size, 1))
}

fn channel_attention(graph: &mut Graph<'_>, input: &Value, name: &str, size: &Size) -> Outcome<Value> {
    let parts = projections(graph, input, name, 1.0)?;
    let (temperature, _) = graph.weights.values_of(&format!("{name}.temp"), [0, 1, 1])?;
    let value = graph.channel_attention(parts.each_ref(), size, &temperature)?;
    Layer::pointwise(graph.weights, &format!("{name}.proj"), value.channels)?.apply(graph, &value)
}
