//! DITN: attention between channels inside of patches, and wide depthwise convolutions over the picture, in turns.
//!
//! Source: Liu et al., "Unfolding Once is Enough: A Deployment-Friendly Transformer Unit for Super-Resolution", 2023, the form without
//! normalisation.

use super::graph::{Convolution, Layer, Padding};
use super::transformer::gated_layers;
use super::{Design, Graph, Misfit, Outcome, Value, Weights, channels_and_factor};
use crate::checkpoints::Hyperparameter;

/// The published side of a patch, which no tensor tells.
const USUAL_PATCH: usize = 8;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("sft.weight") && weights.has_any("UFONE.")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("sft.weight")?;
    let [squares, ..] = weights.dimensions::<4>("upsample.0.weight")?;
    let (_, scale) = channels_and_factor(squares, channels)?;
    let patch = match weights.hyperparameter("patch_size") {
        Some(Hyperparameter::Integer(side @ 1..=64)) => *side as usize,
        _ => {
            weights.assume(format!("patches of {USUAL_PATCH}"));
            USUAL_PATCH
        }
    };
    let units = weights.count_groups("UFONE.");

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let size = graph.size(&picture);
    let padded = graph.padded_to(&picture, &size, [patch; 2], Padding::Reflection);
    let whole = graph.size(&padded);
    let patches = graph.plane_windows(&whole, [patch; 2]);
    let first = graph.convolution(&padded, "sft")?;
    let (mut value, mut count) = (first.clone(), 0);
    for unit in 0..units {
        let name = format!("UFONE.{unit}");
        let inside = weights.count_groups(&format!("{name}.ITLs."));
        if inside > 0 {
            value = graph.in_patches(&value, &patches)?;
            for at in 0..inside {
                value = patch_block(&mut graph, &value, &format!("{name}.ITLs.{at}"))?;
            }
            value = graph.out_of_patches(&value, &patches)?;
        }
        let over = weights.count_groups(&format!("{name}.SALs."));
        for at in 0..over {
            value = picture_block(&mut graph, &value, &format!("{name}.SALs.{at}"))?;
        }
        count += inside + over;
    }
    value = graph.convolution(&value, "conv_after_body")?;
    value = graph.sum(&value, &first);
    value = graph.convolution(&value, "upsample.0")?;
    value = graph.shuffled(&value, scale)?;
    value = graph.cropped_to(&value, &size, scale);
    Ok(Design {
        multiple: patch as u32,
        minimum: (patch / 2 + 1) as u32,
        ..Design::new(graph, &value, scale, format!("{features} features, {count} blocks, patches of {patch}"))?
    })
}

/// What comes before each half of a block: a tanh and a layer of one pixel.
fn bounded(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = graph.tanh(input);
    Layer::pointwise(graph.weights, name, input.channels)?.apply(graph, &value)
}

/// The second half of both kinds of blocks.
fn layers(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = bounded(graph, input, &format!("{name}.conv2"))?;
    let layer = Layer::pointwise(graph.weights, &format!("{name}.ffn.project_in"), value.channels)?;
    let value = gated_layers(graph, &value, &layer, &format!("{name}.ffn"))?;
    Ok(graph.sum(input, &value))
}

/// A block on patches: attention between channels, in each patch by itself.
fn patch_block(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let channels = input.channels;
    let attention = format!("{name}.attn");
    let value = bounded(graph, input, &format!("{name}.conv1"))?;
    let [queries, keys, values] =
        Layer::pointwise(graph.weights, &format!("{attention}.qkv"), channels)?.divided::<3>()?;
    let parts = [queries.apply(graph, &value)?, keys.apply(graph, &value)?, values.apply(graph, &value)?];
    if parts[2].channels != channels {
        return Err(Misfit::contradiction(format!(
            "'{attention}.qkv' turns {channels} channels into {}",
            parts[2].channels
        )));
    }
    let (temperature, _) = graph.weights.values_of(&format!("{attention}.temperature"), [0, 1, 1])?;
    let value = graph.channel_attention_of_each(parts.each_ref(), &temperature)?;
    let value = graph.convolution(&value, &format!("{attention}.project_out"))?;
    let value = graph.sum(input, &value);
    layers(graph, &value, name)
}

/// A block on the picture: half of the channels, gated by wide depthwise convolutions of the first half.
fn picture_block(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let channels = input.channels;
    let part = |inner: &str| format!("{name}.SDA.{inner}");
    let value = bounded(graph, input, &format!("{name}.conv1"))?;
    let both = graph.convolution(&value, &part("proj_first.0"))?;
    let [gate, kept] = graph.halves(&both)?;
    let half = gate.channels;
    let gate = graph.convolution_with(&gate, &part("DConvs.0"), Convolution::depthwise(half))?;
    let gate = Layer::read(graph.weights, &part("DConvs.1"))?.dilated(graph.weights, 3)?.apply_with(
        graph,
        &gate,
        Convolution::depthwise(half),
    )?;
    let gate = graph.convolution(&gate, &part("DConvs.2"))?;
    let value = graph.product(&kept, &gate);
    let scale = graph.weights.values(&part("scale"), &[1, channels, 1, 1])?;
    let layer = Layer::pointwise(graph.weights, &part("proj_last.0"), value.channels)?;
    if layer.outputs() != channels {
        return Err(Misfit::contradiction(format!("'{name}' turns {channels} channels into {}", layer.outputs())));
    }
    let value = layer.before(&scale, &vec![0.0; channels]).apply(graph, &value)?;
    let value = graph.sum(input, &value);
    layers(graph, &value, name)
}
