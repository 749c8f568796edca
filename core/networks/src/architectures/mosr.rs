//! MoSR: gated blocks with a depthwise convolution.
//!
//! Source: neosr's MoSR (2024), after Yu and Wang, "MambaOut", 2024. It enlarges by a pixel shuffle, by the mean of eight of them, or
//! by DySample.

use super::graph::Convolution;
use super::{Design, Graph, Misfit, Outcome, Value, Weights, channels_and_factor};

/// What normalisation adds to the variance.
const EPSILON: f32 = 1e-6;

/// What each shortcut subtracts.
const MIDDLE: f32 = 0.5;

/// The number of pixel shuffles of which the geometric one is the mean.
const SHUFFLES: usize = 8;

/// The groups of channels that DySample samples together.
const GROUPS: usize = 4;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("gblocks.0.weight") && weights.has("gblocks.1.fc1.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("gblocks.0.weight")?;
    let blocks = (1..).take_while(|at| weights.has(&format!("gblocks.{at}.fc1.weight"))).count();
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let mut value = graph.convolution(&picture, "gblocks.0")?;
    for at in 1..=blocks {
        value = block(&mut graph, &value, &format!("gblocks.{at}"))?;
    }
    for layer in [blocks + 1, blocks + 3] {
        value = graph.convolution(&value, &format!("gblocks.{layer}"))?;
        value = graph.mish(&value);
    }
    value = graph.convolution(&value, &format!("gblocks.{}", blocks + 5))?;
    let mut short = picture.clone();
    for layer in [0, 2] {
        short = graph.convolution(&short, &format!("shortcut.block.{layer}"))?;
        short = graph.mish(&short);
    }
    let shorter = graph.convolution(&picture, "shortcut.conv11")?;
    short = graph.sum(&short, &shorter);
    value = graph.sum(&value, &short);
    value = graph.shifted(&value, -MIDDLE);

    let (result, scale, form) = enlarged(&mut graph, &value, channels)?;
    Design::new(graph, &result, scale, format!("{features} features, {blocks} blocks{form}"))
}

/// The enlarged result, the scale, and what the summary says about the way.
fn enlarged(graph: &mut Graph<'_>, input: &Value, channels: usize) -> Outcome<(Value, usize, &'static str)> {
    if graph.weights.has("upsampler.init_pos") {
        let (result, scale) = graph.dysampled(input, "upsampler", GROUPS)?;
        return Ok((result, scale, ", DySample"));
    }
    if graph.weights.has("upsampler.in_to_k.weight") {
        let (weights, [many, of_input, height, width]) =
            graph.weights.values_of("upsampler.in_to_k.weight", [0, input.channels, 0, 0])?;
        let bias = graph.bias("upsampler.in_to_k", many)?;
        if !many.is_multiple_of(SHUFFLES) {
            return Err(Misfit::contradiction(format!("{many} channels are not {SHUFFLES} equal sets")));
        }
        // The mean of the results is the result of the mean.
        let squares = many / SHUFFLES;
        let (weights, bias) = (mean(&weights), bias.as_deref().map(mean));
        let shape = [squares, of_input, height, width];
        let value = graph.convolve(input, &weights, shape, bias.as_deref(), Convolution::default())?;
        let (_, scale) = channels_and_factor(squares, channels)?;
        return Ok((graph.shuffled(&value, scale)?, scale, ", mean of shuffles"));
    }
    let squares = graph.convolution(input, "upsampler.0")?;
    let (_, scale) = channels_and_factor(squares.channels, channels)?;
    Ok((graph.shuffled(&squares, scale)?, scale, ""))
}

/// The mean of the sets that follow each other.
fn mean(values: &[f32]) -> Vec<f32> {
    let length = values.len() / SHUFFLES;
    let sum = |at: usize| values.iter().skip(at).step_by(length.max(1)).map(|value| f64::from(*value)).sum::<f64>();
    (0..length).map(|at| (sum(at) / SHUFFLES as f64) as f32).collect()
}

fn block(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let part = |part: &str| format!("{name}.{part}");
    let normal = graph.normalised_planes(input, &part("norm"), EPSILON)?;
    let wide = graph.convolution(&normal, &part("fc1"))?;
    let [count, ..] = graph.weights.dimensions::<4>(&part("conv.weight"))?;
    let half = wide.channels / 2;
    let Some(rest) = half.checked_sub(count).filter(|_| half * 2 == wide.channels) else {
        return Err(Misfit::contradiction(format!("'{}' acts on {count} channels of {}", part("conv"), wide.channels)));
    };
    let gate = graph.channels(&wide, 0, half);
    let gate = graph.mish(&gate);
    let mixed = graph.channels(&wide, half + rest, count);
    let mut value = graph.convolution_with(&mixed, &part("conv"), Convolution::depthwise(count))?;
    if rest > 0 {
        let passed = graph.channels(&wide, half, rest);
        value = graph.joined(&[&passed, &value]);
    }
    value = graph.product(&gate, &value);
    value = graph.convolution(&value, &part("fc2"))?;
    value = graph.mish(&value);
    let skipped = graph.shifted(input, -MIDDLE);
    Ok(graph.sum(&value, &skipped))
}
