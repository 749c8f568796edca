//! Restormer: a U-net of attention between channels, for noise, blur and rain.
//!
//! Source: Zamir et al., "Restormer: Efficient Transformer for High-Resolution Image Restoration", 2022.

use super::graph::{EPSILON, Layer, Padding};
use super::transformer::{gated_layers, projections};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

/// The steps downwards, each by 2.
const STEPS: usize = 3;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("patch_embed.proj.weight") && weights.has("latent.0.attn.temperature")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("patch_embed.proj.weight")?;
    let multiple = 1 << STEPS;
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let size = graph.size(&picture);
    let padded = graph.padded_to(&picture, &size, [multiple; 2], Padding::Reflection);
    let first = graph.convolution(&padded, "patch_embed.proj")?;
    let (mut value, mut count) = (first.clone(), 0);
    let mut skips = Vec::new();
    for level in 1..=STEPS {
        value = blocks(&mut graph, value, &format!("encoder_level{level}"), &mut count)?;
        skips.push(value.clone());
        let name = format!("down{level}_{}.body.0", level + 1);
        value = Layer::read(weights, &name)?.then_unshuffled(weights, 2)?.apply_unshuffled(&mut graph, &value, 2)?;
    }
    value = blocks(&mut graph, value, "latent", &mut count)?;
    for (at, skip) in skips.iter().enumerate().rev() {
        let level = at + 1;
        value = graph.convolution(&value, &format!("up{}_{level}.body.0", level + 1))?;
        value = graph.shuffled(&value, 2)?;
        value = graph.joined(&[&value, skip]);
        let reduce = format!("reduce_chan_level{level}");
        if level > 1 || weights.has(&format!("{reduce}.weight")) {
            value = graph.convolution(&value, &reduce)?;
        }
        value = blocks(&mut graph, value, &format!("decoder_level{level}"), &mut count)?;
    }
    value = blocks(&mut graph, value, "refinement", &mut count)?;
    // The form for pictures of two exposures adds the first features, not the picture.
    let paired = weights.has("skip_conv.weight");
    if paired {
        let skip = graph.convolution(&first, "skip_conv")?;
        value = graph.sum(&value, &skip);
    }
    value = graph.convolution(&value, "output")?;
    if !paired {
        if value.channels != channels {
            return Err(Misfit::contradiction(format!(
                "it adds {} channels to a picture of {channels}",
                value.channels
            )));
        }
        value = graph.sum(&value, &padded);
    }
    value = graph.cropped_to(&value, &size, 1);
    Ok(Design {
        multiple: multiple as u32,
        minimum: multiple as u32,
        reach: Reach::Whole,
        ..Design::new(graph, &value, 1, format!("{features} features, {count} blocks"))?
    })
}

/// The blocks `name.0`, `name.1` and so on.
fn blocks(graph: &mut Graph<'_>, mut value: Value, name: &str, count: &mut usize) -> Outcome<Value> {
    for at in 0..graph.weights.count_groups(&format!("{name}.")) {
        let name = format!("{name}.{at}");
        let attention = format!("{name}.attn");
        let size = graph.size(&value);
        let (normal, layer) = normalised(graph, &value, &format!("{attention}.qkv"), &format!("{name}.norm1.body"))?;
        let parts = projections(graph, &normal, &layer, &attention)?;
        let (temperature, _) = graph.weights.values_of(&format!("{attention}.temperature"), [0, 1, 1])?;
        let attended = graph.channel_attention(parts.each_ref(), &size, &temperature)?;
        let attended = graph.convolution(&attended, &format!("{attention}.project_out"))?;
        value = graph.sum(&value, &attended);
        let layers = format!("{name}.ffn");
        let (normal, layer) =
            normalised(graph, &value, &format!("{layers}.project_in"), &format!("{name}.norm2.body"))?;
        let made = gated_layers(graph, &normal, &layer, &layers)?;
        value = graph.sum(&value, &made);
        *count += 1;
    }
    Ok(value)
}

/// Normalised planes, and the layer `name` that is to follow, which includes the factors and numbers of the normalisation `norm`. One
/// without numbers keeps the mean.
fn normalised(graph: &mut Graph<'_>, input: &Value, name: &str, norm: &str) -> Outcome<(Value, Layer)> {
    let channels = input.channels;
    if graph.weights.has(&format!("{norm}.bias")) {
        let layer = graph.layer_after_norm(name, norm, channels)?;
        return Ok((graph.standardised(input, EPSILON)?, layer));
    }
    let factors = graph.weights.values(&format!("{norm}.weight"), &[channels])?;
    let layer = Layer::pointwise(graph.weights, name, channels)?.after(&factors, &vec![0.0; channels]);
    Ok((graph.with_unit_variance(input, EPSILON)?, layer))
}
