//! MoESR: gated blocks with depthwise kernels in three shapes, and a part of each group that works at half the size.
//!
//! Source: umzi's MoESR (2024), after Yu and Wang, "MambaOut", 2024, and Yu et al., "InceptionNeXt", 2023.

use super::graph::{Convolution, Padding};
use super::sampler::Sampler;
use super::{Design, Graph, Misfit, Outcome, Value, Weights};

/// What normalisation adds to the variance.
const EPSILON: f32 = 1e-6;

const SLOPE: f32 = 0.1;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("in_to_dim.weight") && weights.has("blocks.0.msg.down.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("in_to_dim.weight")?;
    let groups = weights.count("blocks.", ".msg.down.0.weight");
    let mut graph = Graph::new(weights);
    let sampler = Sampler::read(&graph, "upscale")?;
    let picture = graph.picture(channels)?;
    let size = graph.size(&picture);
    let even = graph.padded_to(&picture, &size, [2, 2], Padding::Reflection);
    let first = graph.convolution(&even, "in_to_dim")?;
    let mut value = first.clone();
    for group in 0..groups {
        for block in 0..weights.count(&format!("blocks.{group}.blocks."), ".fc1.weight") {
            value = gated(&mut graph, &value, &format!("blocks.{group}.blocks.{block}"))?;
        }
        value = half_sized(&mut graph, &value, &format!("blocks.{group}.msg"))?;
    }
    value = graph.sum(&value, &first);
    let large = sampler.build(&mut graph, &value, "upscale")?;
    let result = graph.cropped_to(&large, &size, sampler.scale);
    Ok(Design {
        multiple: 2,
        minimum: 2,
        ..Design::new(graph, &result, sampler.scale, format!("{features} features, {groups} groups"))?
    })
}

/// Gated blocks at half the size, added to the input.
fn half_sized(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let few = graph.convolution(input, &format!("{name}.down.0"))?;
    let small = graph.unshuffled(&few, 2)?;
    let mut value = graph.leaky_relu(&small, SLOPE);
    for block in 0..graph.weights.count(&format!("{name}.gated."), ".fc1.weight") {
        value = gated(graph, &value, &format!("{name}.gated.{block}"))?;
    }
    let many = graph.convolution(&value, &format!("{name}.up.0"))?;
    let large = graph.shuffled(&many, 2)?;
    let change = graph.leaky_relu(&large, SLOPE);
    Ok(graph.sum(&change, input))
}

fn gated(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let part = |part: &str| format!("{name}.{part}");
    let normal = graph.normalised_planes(input, &part("norm"), EPSILON)?;
    let wide = graph.convolution(&normal, &part("fc1"))?;
    let half = wide.channels / 2;
    let gate = graph.channels(&wide, 0, half);
    let gate = graph.mish(&gate);
    // Of the other half, the last channels that the block is wide are mixed, the last of which by kernels in three shapes.
    let kernels = ["hw", "w", "h"].map(|shape| part(&format!("conv.dwconv_{shape}")));
    let [each, ..] = graph.weights.dimensions::<4>(&format!("{}.weight", kernels[0]))?;
    let Some(rest) = half.checked_sub(3 * each).filter(|_| half * 2 == wide.channels) else {
        return Err(Misfit::contradiction(format!("'{name}' mixes 3 times {each} channels of {half}")));
    };
    let mut values = Vec::new();
    if rest > 0 {
        values.push(graph.channels(&wide, half, rest));
    }
    for (at, kernel) in kernels.iter().enumerate() {
        let piece = graph.channels(&wide, half + rest + at * each, each);
        values.push(graph.convolution_with(&piece, kernel, Convolution::depthwise(each))?);
    }
    let mixed = graph.joined(&values.iter().collect::<Vec<_>>());
    let value = graph.product(&gate, &mixed);
    let value = graph.convolution(&value, &part("fc2"))?;
    let value = graph.mish(&value);
    let factors = graph.weights.values(&part("gamma"), &[1, value.channels, 1, 1])?;
    let value = graph.scaled_channels(&value, &factors);
    Ok(graph.sum(&value, input))
}
