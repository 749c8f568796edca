//! SPAN: six blocks, each of which weighs its own result by an attention without parameters.
//!
//! Source: Wan et al., "Swift Parameter-free Attention Network for Efficient Super-Resolution", 2023. In training every 3×3 convolution is
//! a sum of several; they are fused here. The fused copy `eval_conv` in the file may be from an earlier step of the training, so it is
//! used only if nothing else is there.

use super::colour_range::{MEAN, WHITE};
use super::graph::Convolution;
use super::{Design, Graph, Misfit, Outcome, Value, Weights, channels_and_factor};

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has_any("block_1.c1_r.") && weights.has("conv_cat.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let part = if weights.has(&format!("conv_1.{FUSED}.weight")) { FUSED } else { PARTS };
    let [_, channels, ..] = weights.dimensions::<4>(&format!("conv_1.{part}.weight"))?;
    let blocks = (1..).take_while(|at| weights.has_any(&format!("block_{at}."))).count();
    let [squares, ..] = weights.dimensions::<4>("upsampler.0.weight")?;
    let (_, scale) = channels_and_factor(squares, channels)?;
    let normalised = !weights.has("no_norm");
    weights.ignore("no_norm");

    let mut graph = Graph::new(weights);
    let mut picture = graph.picture(channels)?;
    if normalised {
        if channels == MEAN.len() {
            picture = graph.shifted_channels(&picture, &MEAN.map(|mean| -mean));
        }
        picture = graph.scaled(&picture, WHITE);
    }
    let start = convolution(&mut graph, &picture, "conv_1")?;
    let (mut value, mut first_block, mut last_inner) = (start.clone(), None, None);
    for at in 1..=blocks {
        let (out, inner) = block(&mut graph, &value, &format!("block_{at}"))?;
        first_block.get_or_insert(out.clone());
        (value, last_inner) = (out, Some(inner));
    }
    let (Some(first_block), Some(last_inner)) = (first_block, last_inner) else {
        return Err(Misfit::Missing("block_1.c1_r.conv.0.weight".into()));
    };
    let end = convolution(&mut graph, &value, "conv_2")?;
    let all = graph.joined(&[&start, &end, &first_block, &last_inner]);
    let joined = graph.convolution(&all, "conv_cat")?;
    let squares = graph.convolution(&joined, "upsampler.0")?;
    let result = graph.shuffled(&squares, scale)?;
    Design::new(graph, &result, scale, format!("{} features, {blocks} blocks", start.channels))
}

/// A block's result, and the activated value of its first convolution. PyTorch activates it in place, so that is what the network's
/// end sees.
fn block(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<(Value, Value)> {
    let inner = convolution(graph, input, &format!("{name}.c1_r"))?;
    let inner = graph.silu(&inner);
    let second = convolution(graph, &inner, &format!("{name}.c2_r"))?;
    let active = graph.silu(&second);
    let third = convolution(graph, &active, &format!("{name}.c3_r"))?;
    let gate = graph.sigmoid(&third);
    let attention = graph.shifted(&gate, -0.5);
    let sum = graph.sum(&third, input);
    Ok((graph.product(&sum, &attention), inner))
}

/// The tensors of a convolution that was fused when the file was written, and of the first of its parts.
const FUSED: &str = "eval_conv";
const PARTS: &str = "sk";

/// A 3×3 convolution: the sum of a 1×1 convolution and of a chain of a 1×1, a 3×3 and a 1×1 convolution, fused.
fn convolution(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let weights = graph.weights;
    let part = |inner: &str| format!("{name}.{inner}");
    if !weights.has(&part("sk.weight")) {
        return graph.convolution(input, &part(FUSED));
    }
    ["weight", "bias"].iter().for_each(|kind| weights.ignore(&part(&format!("{FUSED}.{kind}"))));
    let channels = input.channels;
    let (w1, [a, ..]) = weights.values_of(&part("conv.0.weight"), [0, channels, 1, 1])?;
    let (w2, [b, ..]) = weights.values_of(&part("conv.1.weight"), [0, a, 3, 3])?;
    let (w3, [out, ..]) = weights.values_of(&part("conv.2.weight"), [0, b, 1, 1])?;
    let skip = weights.values(&part("sk.weight"), &[out, channels, 1, 1])?;
    let bias = |inner: &str, length: usize| -> Outcome<Vec<f32>> {
        Ok(graph.bias(&part(inner), length)?.unwrap_or_else(|| vec![0.0; length]))
    };
    let (b1, b2, b3, skip_bias) = (bias("conv.0", a)?, bias("conv.1", b)?, bias("conv.2", out)?, bias("sk", out)?);

    weights.count_multiplications(&[b, a, channels, 9])?;
    weights.count_multiplications(&[b, out, channels, 9])?;
    // Sums are kept in f64: the parts are large and cancel.
    let mut fused = vec![0.0f64; weights.room(&[out, channels, 9])?];
    let mut fused_bias: Vec<f64> = b3.iter().zip(&skip_bias).map(|(b, s)| f64::from(*b) + f64::from(*s)).collect();
    // The 3×3 kernels after the first part: for each of b, channels × 9.
    let mut chained = vec![0.0f64; channels * 9];
    for middle in 0..b {
        chained.fill(0.0);
        let mut constant = f64::from(b2[middle]);
        for inner in 0..a {
            let taps = &w2[(middle * a + inner) * 9..][..9];
            constant += f64::from(b1[inner]) * taps.iter().map(|tap| f64::from(*tap)).sum::<f64>();
            for channel in 0..channels {
                let weight = f64::from(w1[inner * channels + channel]);
                for (sum, tap) in chained[channel * 9..][..9].iter_mut().zip(taps) {
                    *sum += weight * f64::from(*tap);
                }
            }
        }
        for output in 0..out {
            let weight = f64::from(w3[output * b + middle]);
            fused_bias[output] += weight * constant;
            for (sum, value) in fused[output * channels * 9..][..channels * 9].iter_mut().zip(&chained) {
                *sum += weight * value;
            }
        }
    }
    for (at, weight) in skip.iter().enumerate() {
        fused[at * 9 + 4] += f64::from(*weight);
    }
    let narrow = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<_>>();
    let (fused, fused_bias) = (narrow(&fused), narrow(&fused_bias));
    graph.convolve(input, &fused, [out, channels, 3, 3], Some(&fused_bias), Convolution::default())
}
