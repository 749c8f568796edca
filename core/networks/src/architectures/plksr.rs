//! PLKSR and RealPLKSR: blocks with one large kernel on some of the channels.
//!
//! Source: Lee et al., "Partial Large Kernel CNNs for Efficient Super-Resolution", 2024, and neosr's RealPLKSR, which normalises each
//! block and may enlarge by DySample. Published networks of the first kind use the plain kernel; its sparse forms are sums of smaller
//! kernels, which are not known here.

use super::graph::Convolution;
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights, channels_and_factor};
use crate::checkpoints::Hyperparameter;

/// The groups of channels that RealPLKSR normalises together, unless the checkpoint says otherwise.
const GROUPS: usize = 4;

/// The groups of channels that it samples together, at even and at odd scales.
const EVEN: usize = 4;
const ODD: usize = 3;

/// What the two normalisations add to the variance.
const GROUP_EPSILON: f32 = 1e-5;
const LAYER_EPSILON: f32 = 1e-6;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("feats.0.weight") && weights.has("feats.1.channe_mixer.0.weight")
}

pub(super) fn claims_real(weights: &Weights<'_>) -> bool {
    weights.has("feats.0.weight") && weights.has("feats.1.channel_mixer.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("feats.0.weight")?;
    let is_block = |at: &usize| weights.has(&format!("feats.{at}.refine.weight"));
    let blocks = (1..).take_while(is_block).count();
    // RealPLKSR has a dropout, which holds a number, before its last convolution.
    let real = weights.has("feats.1.channel_mixer.0.weight");
    let last = format!("feats.{}", blocks + if real { 2 } else { 1 });
    let groups = match weights.hyperparameter("norm_groups") {
        Some(Hyperparameter::Integer(groups)) if *groups > 0 => *groups as usize,
        _ => GROUPS,
    };

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels);
    let mut value = graph.convolution(&picture, "feats.0")?;
    for at in 1..=blocks {
        value = block(&mut graph, &value, &format!("feats.{at}"), real, groups)?;
    }
    let squares = graph.convolution(&value, &last)?;
    let (made, scale) = channels_and_factor(squares.channels, channels)?;
    let samples = weights.has("to_img.init_pos");
    if made != channels {
        return Err(Misfit::contradiction(format!("it adds a picture of {channels} channels to one of {made}")));
    }
    let result = if samples {
        let shape = [squares.channels, channels, 1, 1];
        let base = graph.convolve(&picture, &repetition(channels, scale), shape, None, Convolution::default())?;
        let sum = graph.sum(&squares, &base);
        let (large, factor) = graph.dysampled(&sum, "to_img", if scale.is_multiple_of(2) { EVEN } else { ODD })?;
        if factor != scale || large.channels != channels {
            return Err(Misfit::contradiction(format!("'to_img' enlarges {factor} times, not {scale} times")));
        }
        large
    } else {
        let large = graph.shuffled(&squares, scale)?;
        let base = graph.nearest(&picture, scale);
        graph.sum(&large, &base)
    };
    let whole = weights.has("feats.1.norm.weight");
    Ok(Design {
        network: graph.finish(&result)?,
        summary: format!("{features} features, {blocks} blocks{}", if samples { ", DySample" } else { "" }),
        scale: scale as u32,
        input_channels: channels,
        output_channels: channels,
        multiple: 1,
        minimum: 1,
        fixed: None,
        reach: if whole { Reach::Whole } else { Reach::Local },
        noise: None,
        faces: false,
        alternatives: 1,
    })
}

/// The weights of a convolution that repeats each channel `scale`² times.
fn repetition(channels: usize, scale: usize) -> Vec<f32> {
    let copies = scale * scale;
    (0..channels * copies * channels)
        .map(|at| if at / channels / copies == at % channels { 1.0 } else { 0.0 })
        .collect()
}

fn block(graph: &mut Graph<'_>, input: &Value, name: &str, real: bool, groups: usize) -> Outcome<Value> {
    let part = |part: &str| format!("{name}.{part}");
    let has = |graph: &Graph<'_>, inner: &str| graph.weights.has(&format!("{}.weight", part(inner)));
    let mut value = input.clone();
    if has(graph, "layer_norm") {
        value = graph.normalised_planes(&value, &part("layer_norm"), LAYER_EPSILON)?;
    }
    let mixer = part(if real { "channel_mixer" } else { "channe_mixer" });
    value = graph.convolution(&value, &format!("{mixer}.0"))?;
    value = if real { graph.mish(&value) } else { graph.gelu(&value) };
    value = graph.convolution(&value, &format!("{mixer}.2"))?;
    value = large_kernel(graph, &value, &part("lk"))?;
    if has(graph, "attn.f.0") {
        let attention = graph.convolution(&value, &part("attn.f.0"))?;
        let attention = graph.sigmoid(&attention);
        value = graph.product(&value, &attention);
    }
    value = graph.convolution(&value, &part("refine"))?;
    if has(graph, "norm") {
        value = graph.group_norm(&value, &part("norm"), groups, GROUP_EPSILON)?;
    }
    Ok(graph.sum(&value, input))
}

/// One large kernel on the first channels; the others pass.
fn large_kernel(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let [count, ..] = graph.weights.dimensions::<4>(&format!("{name}.conv.weight"))?;
    let rest = input
        .channels
        .checked_sub(count)
        .ok_or_else(|| Misfit::contradiction(format!("'{name}' acts on {count} channels of {}", input.channels)))?;
    if rest == 0 {
        return graph.convolution(input, &format!("{name}.conv"));
    }
    let first = graph.channels(input, 0, count);
    let others = graph.channels(input, count, rest);
    let seen = graph.convolution(&first, &format!("{name}.conv"))?;
    Ok(graph.joined(&[&seen, &others]))
}
