//! SCUNet: a U-net whose blocks convolve one half of the channels and attend to windows with the other half.
//!
//! Source: Zhang et al., "Practical Blind Image Denoising via Swin-Conv-UNet and Data Synthesis", 2023.

use super::graph::{Convolution, EPSILON, Layer, Padding, PlaneWindows, Positions};
use super::{Design, Graph, Misfit, Outcome, Value, Weights};

/// The picture is extended to a multiple of this number, whatever the windows are.
const MULTIPLE: usize = 64;

/// The least side: a mirrored picture can be extended by less than its own side.
const MINIMUM: usize = MULTIPLE / 2 + 1;

/// The three stages downwards and the three upwards.
const LEVELS: usize = 3;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("m_head.0.weight") && weights.has("m_body.0.trans_block.msa.relative_position_params")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("m_head.0.weight")?;
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let size = graph.size(&picture);
    let padded = graph.padded_to(&picture, &size, [MULTIPLE; 2], Padding::Reflection);
    let first = graph.convolution(&padded, "m_head.0")?;
    let (mut value, mut count) = (first.clone(), 0);
    let mut skips = vec![first];
    let mut stages = Vec::new();
    for level in 1..=LEVELS {
        let name = format!("m_down{level}");
        let blocks = weights.count_groups(&format!("{name}.")).saturating_sub(1);
        value = stage(&mut graph, value, &name, 0..blocks, &mut count)?;
        let halving = Convolution { stride: 2, pads: Some([0; 4]), groups: 1 };
        value = graph.convolution_with(&value, &format!("{name}.{blocks}"), halving)?;
        skips.push(value.clone());
        stages.push(blocks);
    }
    let blocks = weights.count_groups("m_body.");
    value = stage(&mut graph, value, "m_body", 0..blocks, &mut count)?;
    for level in (1..=LEVELS).rev() {
        let name = format!("m_up{level}");
        value = sum(&mut graph, &value, &skips[level])?;
        value = graph.transposed_convolution(&value, &format!("{name}.0"))?;
        let blocks = weights.count_groups(&format!("{name}."));
        value = stage(&mut graph, value, &name, 1..blocks, &mut count)?;
    }
    value = sum(&mut graph, &value, &skips[0])?;
    value = graph.convolution(&value, "m_tail.0")?;
    value = graph.cropped_to(&value, &size, 1);
    Ok(Design {
        multiple: MULTIPLE as u32,
        minimum: MINIMUM as u32,
        ..Design::new(graph, &value, 1, format!("{features} features, {count} blocks"))?
    })
}

/// The windows of the blocks of a stage, and where their biases are.
struct Stage {
    windows: PlaneWindows,
    positions: Positions,
}

fn sum(graph: &mut Graph<'_>, value: &Value, skip: &Value) -> Outcome<Value> {
    if value.channels == skip.channels {
        return Ok(graph.sum(value, skip));
    }
    Err(Misfit::contradiction(format!(
        "the way up has {} channels where the way down has {}",
        value.channels, skip.channels
    )))
}

/// The blocks `name.N` with these numbers. Every second one has shifted windows.
fn stage(
    graph: &mut Graph<'_>,
    mut value: Value,
    name: &str,
    blocks: std::ops::Range<usize>,
    count: &mut usize,
) -> Outcome<Value> {
    if blocks.is_empty() {
        return Ok(value);
    }
    let table = format!("{name}.{}.trans_block.msa.relative_position_params", blocks.start);
    let [_, rows, _] = graph.weights.dimensions::<3>(&table)?;
    let side = rows.div_ceil(2);
    if side == 0 || !(MULTIPLE >> LEVELS).is_multiple_of(side) {
        return Err(Misfit::contradiction(format!("its windows of {side} pixels do not divide the picture")));
    }
    let size = graph.size(&value);
    let stage = Stage { windows: graph.plane_windows(&size, [side; 2]), positions: graph.positions([side; 2])? };
    let mut mask = None;
    for (number, at) in blocks.enumerate() {
        let shifted = number % 2 == 1;
        if shifted && mask.is_none() {
            mask = Some(graph.shift_mask(&stage.windows, [side / 2; 2])?);
        }
        value = block(graph, &value, &format!("{name}.{at}"), &stage, mask.as_ref().filter(|_| shifted))?;
        *count += 1;
    }
    Ok(value)
}

fn block(graph: &mut Graph<'_>, input: &Value, name: &str, stage: &Stage, mask: Option<&Value>) -> Outcome<Value> {
    let part = |inner: &str| format!("{name}.{inner}");
    let [attending] = graph.weights.dimensions::<1>(&part("trans_block.ln1.weight"))?;
    let layer = Layer::pointwise(graph.weights, &part("conv1_1"), input.channels)?;
    let convolving = layer.outputs().saturating_sub(attending);
    let convolved = layer.part(0, convolving)?.apply(graph, input)?;
    let attended = layer.part(convolving, attending)?.apply(graph, input)?;

    let value = graph.convolution(&convolved, &part("conv_block.0"))?;
    let value = graph.relu(&value);
    let value = graph.convolution(&value, &part("conv_block.2"))?;
    let convolved = graph.sum(&value, &convolved);

    let value = window_attention(graph, &attended, &part("trans_block"), stage, mask)?;
    let attended = graph.sum(&attended, &value);
    let value = graph.standardised(&attended, EPSILON)?;
    let value = graph
        .layer_after_norm(&part("trans_block.mlp.0"), &part("trans_block.ln2"), attending)?
        .apply(graph, &value)?;
    let value = graph.gelu(&value);
    let value = Layer::pointwise(graph.weights, &part("trans_block.mlp.2"), value.channels)?.apply(graph, &value)?;
    let attended = graph.sum(&attended, &value);

    let both = graph.joined(&[&convolved, &attended]);
    let value = Layer::pointwise(graph.weights, &part("conv1_2"), both.channels)?.apply(graph, &both)?;
    Ok(graph.sum(input, &value))
}

/// Attention in windows, after a normalisation.
fn window_attention(
    graph: &mut Graph<'_>,
    input: &Value,
    name: &str,
    stage: &Stage,
    mask: Option<&Value>,
) -> Outcome<Value> {
    let channels = input.channels;
    let side = stage.windows.side[0];
    let rows = 2 * side - 1;
    let (table, [heads, ..]) =
        graph.weights.values_of(&format!("{name}.msa.relative_position_params"), [0, rows, rows])?;
    let bias = graph.position_bias_of_heads(&table, &stage.positions)?;
    let of_head = channels.checked_div(heads).unwrap_or(0).max(1);
    let layer = graph.layer_after_norm(&format!("{name}.msa.embedding_layer"), &format!("{name}.ln1"), channels)?;
    let [queries, keys, values] = layer.divided::<3>()?;
    let value = graph.standardised(input, EPSILON)?;
    let shift = (side / 2) as i64;
    let value = if mask.is_some() { graph.rolled_planes(&value, [shift; 2]) } else { value };
    let queries = queries.times((of_head as f32).sqrt().recip()).apply(graph, &value)?;
    let parts = [queries, keys.apply(graph, &value)?, values.apply(graph, &value)?];
    let value = graph.window_attention(parts.each_ref(), &stage.windows, heads, Some(&bias), mask)?;
    let value = Layer::pointwise(graph.weights, &format!("{name}.msa.linear"), value.channels)?.apply(graph, &value)?;
    Ok(if mask.is_some() { graph.rolled_planes(&value, [-shift; 2]) } else { value })
}
