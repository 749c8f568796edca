//! SAFMN: blocks that weigh their input by what it looks like at a half, a quarter and an eighth of the size.
//!
//! Source: Sun et al., "Spatially-Adaptive Feature Modulation for Efficient Image Super-Resolution", 2023.

use super::graph::Convolution;
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights, channels_and_factor};

/// What normalisation adds to the variance.
const EPSILON: f32 = 1e-6;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("to_feat.weight") && weights.has("feats.0.safm.aggr.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("to_feat.weight")?;
    let blocks = weights.count("feats.", ".safm.aggr.weight");
    let levels = weights.count("feats.0.safm.mfr.", ".weight");
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels);
    let first = graph.convolution(&picture, "to_feat")?;
    let mut value = first.clone();
    for at in 0..blocks {
        let name = format!("feats.{at}");
        let normal = graph.layer_norm_of_planes(&value, &format!("{name}.norm1"), EPSILON)?;
        let change = modulated(&mut graph, &normal, &format!("{name}.safm"), levels)?;
        value = graph.sum(&value, &change);
        let normal = graph.layer_norm_of_planes(&value, &format!("{name}.norm2"), EPSILON)?;
        let wide = graph.convolution(&normal, &format!("{name}.ccm.ccm.0"))?;
        let wide = graph.gelu(&wide);
        let change = graph.convolution(&wide, &format!("{name}.ccm.ccm.2"))?;
        value = graph.sum(&value, &change);
    }
    value = graph.sum(&value, &first);
    let squares = graph.convolution(&value, "to_img.0")?;
    let (made, scale) = channels_and_factor(squares.channels, channels)?;
    let result = graph.shuffled(&squares, scale)?;
    let multiple = 1 << levels.saturating_sub(1).min(8);
    Ok(Design {
        network: graph.finish(&result)?,
        summary: format!("{features} features, {blocks} blocks"),
        scale: scale as u32,
        input_channels: channels,
        output_channels: made,
        multiple,
        minimum: multiple,
        fixed: None,
        reach: Reach::Local,
        noise: None,
        faces: false,
        alternatives: 1,
    })
}

/// The input multiplied by what a part of its channels looks like at each size.
fn modulated(graph: &mut Graph<'_>, input: &Value, name: &str, levels: usize) -> Outcome<Value> {
    if levels == 0 || levels > 8 || !input.channels.is_multiple_of(levels) {
        return Err(Misfit::contradiction(format!("{} channels are not {levels} equal parts", input.channels)));
    }
    let count = input.channels / levels;
    let mut parts = Vec::new();
    for level in 0..levels {
        let part = graph.channels(input, level * count, count);
        let factor = 1 << level;
        let small = if level == 0 { part } else { graph.largest(&part, factor, factor) };
        let seen =
            graph.convolution_with(&small, &format!("{name}.mfr.{level}"), Convolution::depthwise(small.channels))?;
        parts.push(graph.nearest(&seen, factor));
    }
    let all = graph.joined(&parts.iter().collect::<Vec<_>>());
    let weight = graph.convolution(&all, &format!("{name}.aggr"))?;
    let weight = graph.gelu(&weight);
    Ok(graph.product(&weight, input))
}
