//! PLKSR and RealPLKSR: blocks with one large kernel on some of the channels.
//!
//! Source: Lee et al., "Partial Large Kernel CNNs for Efficient Super-Resolution", 2024, and neosr's RealPLKSR, which normalises each
//! block and may enlarge by DySample. The paper's sparse kernels are sums of smaller ones, which are one large kernel here.

use super::graph::Convolution;
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights, channels_and_factor};
use crate::checkpoints::Hyperparameter;

/// The most values of one side of a kernel.
const MAX_KERNEL: usize = 63;

/// The groups of channels that RealPLKSR normalises together, unless the checkpoint says otherwise, and that it samples together at
/// even scales. At odd ones, it samples each channel by itself.
const GROUPS: usize = 4;

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
    let real = weights.has("feats.1.channel_mixer.0.weight");
    // RealPLKSR has a dropout, which holds a number, before its last convolution.
    let follows = weights.has(&format!("feats.{}.weight", blocks + 1));
    let last = format!("feats.{}", if real && !follows { blocks + 2 } else { blocks + 1 });
    let groups = match weights.hyperparameter("norm_groups") {
        Some(Hyperparameter::Integer(groups)) if *groups > 0 => *groups as usize,
        _ => {
            if weights.has("feats.1.norm.weight") {
                weights.assume(format!("normalisation in {GROUPS} groups"));
            }
            GROUPS
        }
    };

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
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
        // A convolution that repeats each channel.
        let ones = vec![1.0; squares.channels];
        let shape = [squares.channels, 1, 1, 1];
        let base = graph.convolve(&picture, &ones, shape, None, Convolution::depthwise(channels))?;
        let sum = graph.sum(&squares, &base);
        let (large, factor) =
            graph.dysampled(&sum, "to_img", if scale.is_multiple_of(2) { GROUPS } else { channels })?;
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
        reach: if whole { Reach::Whole } else { Reach::Local },
        ..Design::new(
            graph,
            &result,
            scale,
            format!("{features} features, {blocks} blocks{}", if samples { ", DySample" } else { "" }),
        )?
    })
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
    let weights = graph.weights;
    let sparse = weights.count(&format!("{name}.convs."), ".weight");
    let parts: Vec<(String, usize)> = if sparse > 0 {
        let side = |at: usize| weights.dimensions::<4>(&format!("{name}.convs.{at}.weight")).map(|shape| shape[2]);
        let first = side(0)?;
        let of = |at: usize| Ok((format!("{name}.convs.{at}"), if side(at)? > first { 1 } else { at + 1 }));
        (0..sparse).map(of).collect::<Outcome<_>>()?
    } else if weights.has(&format!("{name}.conv.weight")) {
        vec![(format!("{name}.conv"), 1)]
    } else {
        ["mn_conv", "nm_conv", "nn_conv"].iter().map(|part| (format!("{name}.{part}"), 1)).collect()
    };
    let (mut kernel, shape, bias) = sum_of_kernels(weights, &parts)?;
    let [count, _, height, width] = shape;
    // Sparse kernels may be trained with their input added, which no tensor tells.
    let told = weights.hyperparameter("with_idt");
    if sparse > 0 && told.is_none() {
        weights.assume("sparse kernels without their input");
    }
    if sparse > 0 && told == Some(&Hyperparameter::Boolean(true)) {
        (0..count).for_each(|at| kernel[(at * count + at) * height * width + height * width / 2] += 1.0);
    }
    let rest = input
        .channels
        .checked_sub(count)
        .ok_or_else(|| Misfit::contradiction(format!("'{name}' acts on {count} channels of {}", input.channels)))?;
    let first = if rest == 0 { input.clone() } else { graph.channels(input, 0, count) };
    let seen = graph.convolve(&first, &kernel, shape, Some(&bias), Convolution::default())?;
    if rest == 0 {
        return Ok(seen);
    }
    let others = graph.channels(input, count, rest);
    Ok(graph.joined(&[&seen, &others]))
}

/// The kernel that does what all these convolutions, each with a distance between its taps, do in sum; its shape, and its bias.
fn sum_of_kernels(weights: &Weights<'_>, parts: &[(String, usize)]) -> Outcome<(Vec<f32>, [usize; 4], Vec<f32>)> {
    let mut read = Vec::new();
    let (mut tall, mut wide, mut channels) = (1, 1, None);
    for (name, distance) in parts {
        let count = channels.unwrap_or(0);
        let (values, shape) = weights.values_of(&format!("{name}.weight"), [count, count, 0, 0])?;
        let [count, of_input, height, width] = shape;
        if count != of_input || height.is_multiple_of(2) || width.is_multiple_of(2) {
            return Err(Misfit::contradiction(format!(
                "'{name}' has no middle, or turns {of_input} channels into {count}"
            )));
        }
        let bias = weights.values(&format!("{name}.bias"), &[count])?;
        let spread = |side: usize| (side - 1).saturating_mul(*distance).saturating_add(1);
        (tall, wide) = (tall.max(spread(height)), wide.max(spread(width)));
        channels = Some(count);
        read.push((values, height, width, *distance, bias));
    }
    let count = channels.unwrap_or(0);
    if tall > MAX_KERNEL || wide > MAX_KERNEL {
        return Err(Misfit::contradiction(format!("its large kernel would have {tall}×{wide} values")));
    }
    let (mut kernel, mut sum) = (vec![0.0; weights.room(&[count, count, tall, wide])?], vec![0.0; count]);
    for (values, height, width, distance, bias) in &read {
        sum.iter_mut().zip(bias).for_each(|(sum, bias)| *sum += bias);
        let (top, left) = (tall / 2 - height / 2 * distance, wide / 2 - width / 2 * distance);
        for (at, value) in values.iter().enumerate() {
            let (plane, row, column) = (at / (height * width), at / width % height, at % width);
            kernel[(plane * tall + top + row * distance) * wide + left + column * distance] += value;
        }
    }
    Ok((kernel, [count, count, tall, wide], sum))
}
