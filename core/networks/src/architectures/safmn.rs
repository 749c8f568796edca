//! SAFMN: blocks whose features gate themselves by what convolutions see of them at several sizes.
//!
//! Source: Sun et al., "Spatially-Adaptive Feature Modulation for Efficient Image Super-Resolution", 2023. Each reduced size is a fraction of
//! the picture's, rounded down, so a tile of another size gives slightly other pixels.

use super::graph::Convolution;
use super::{Design, Graph, Misfit, Outcome, Value, Weights, channels_and_factor};

/// Added to variances.
const EPSILON: f32 = 1e-6;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("to_feat.weight") && weights.has("feats.0.safm.mfr.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("to_feat.weight")?;
    let [squares, ..] = weights.dimensions::<4>("to_img.0.weight")?;
    let (_, scale) = channels_and_factor(squares, channels)?;
    let blocks = weights.count_groups("feats.");
    let levels = weights.count("feats.0.safm.mfr.", ".weight");
    if !(1..=8).contains(&levels) {
        return Err(Misfit::contradiction(format!("it looks at {levels} sizes")));
    }

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let first = graph.convolution(&picture, "to_feat")?;
    let mut value = first.clone();
    for at in 0..blocks {
        value = block(&mut graph, &value, &format!("feats.{at}"), levels)?;
    }
    value = graph.sum(&value, &first);
    value = graph.convolution(&value, "to_img.0")?;
    value = graph.shuffled(&value, scale)?;
    Ok(Design {
        multiple: 1 << (levels - 1),
        minimum: 1 << (levels - 1),
        ..Design::new(graph, &value, scale, format!("{features} features, {blocks} blocks"))?
    })
}

fn block(graph: &mut Graph<'_>, input: &Value, name: &str, levels: usize) -> Outcome<Value> {
    let part = |inner: &str| format!("{name}.{inner}");
    let normal = graph.normalised_planes(input, &part("norm1"), EPSILON)?;
    let share = normal.channels / levels;
    if share * levels != normal.channels {
        return Err(Misfit::contradiction(format!("{} channels are not {levels} equal parts", normal.channels)));
    }
    let size = graph.size(&normal);
    let mut seen = Vec::new();
    for level in 0..levels {
        let value = graph.channels(&normal, level * share, share);
        let value = if level == 0 { value } else { graph.reduced_to_largest(&value, &size, 1 << level) };
        let name = part(&format!("safm.mfr.{level}"));
        let value = graph.convolution_with(&value, &name, Convolution::depthwise(share))?;
        seen.push(if level == 0 { value } else { graph.repeated_to(&value, &size) });
    }
    let seen = graph.joined(&seen.iter().collect::<Vec<_>>());
    let gate = graph.convolution(&seen, &part("safm.aggr"))?;
    let gate = graph.gelu(&gate);
    let value = graph.product(&gate, &normal);
    let middle = graph.sum(&value, input);

    let value = graph.normalised_planes(&middle, &part("norm2"), EPSILON)?;
    let value = graph.convolution(&value, &part("ccm.ccm.0"))?;
    let value = graph.gelu(&value);
    let value = graph.convolution(&value, &part("ccm.ccm.2"))?;
    Ok(graph.sum(&middle, &value))
}
