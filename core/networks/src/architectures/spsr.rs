//! SPSR: an ESRGAN with a second branch that follows the picture's edges.
//!
//! Source: Ma et al., "Structure-Preserving Super Resolution with Gradient Guidance", 2020. The branch begins with the strength of the
//! edges and reads the trunk after every fifth block. The checkpoint also has what only training uses.

use super::esrgan::{SLOPE, residual_block};
use super::{Design, Graph, Misfit, Outcome, Value, Weights};

/// The blocks of the trunk between two readings by the branch, and the number of readings.
const STRIDE: usize = 5;
const READINGS: usize = 4;

/// The most steps by which it enlarges, each by 2.
const MAX_STEPS: usize = 5;

/// What is added to the square of an edge's strength.
const EPSILON: f32 = 1e-6;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("b_fea_conv.0.weight") && weights.has("f_HR_conv1.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("model.0.weight")?;
    let blocks = weights.count("model.1.sub.", ".RDB1.conv1.0.weight");
    if blocks < STRIDE * READINGS {
        return Err(Misfit::contradiction(format!("its trunk has {blocks} blocks, not {} or more", STRIDE * READINGS)));
    }
    // Each step holds three numbers; the last convolution follows at once.
    let steps = (1..).take_while(|step| weights.has(&format!("model.{}.weight", 3 * step))).count();
    if steps > MAX_STEPS {
        return Err(Misfit::contradiction(format!("it would enlarge {steps} times by 2")));
    }
    // For the loss of the branch, and a second name of the trunk's last convolution.
    weights.ignore_where(|name| name.starts_with("conv_w.") || name.starts_with("HR_conv0_new."));

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let first = graph.convolution(&picture, "model.0")?;
    let (mut value, mut read) = (first.clone(), Vec::new());
    for block in 0..blocks {
        value = residual_block(&mut graph, &value, |dense, convolution| {
            format!("model.1.sub.{block}.RDB{dense}.conv{convolution}.0")
        })?;
        if (block + 1).is_multiple_of(STRIDE) && read.len() < READINGS {
            read.push(value.clone());
        }
    }
    value = graph.convolution(&value, &format!("model.1.sub.{blocks}"))?;
    value = graph.sum(&value, &first);
    value = enlarged(&mut graph, &value, steps, |step| format!("model.{}", 3 * step))?;
    value = active(&mut graph, &value, &format!("model.{}", 3 * steps + 2))?;
    value = graph.convolution(&value, "HR_conv1_new.0")?;

    let edges = edges(&mut graph, &picture)?;
    let first = graph.convolution(&edges, "b_fea_conv.0")?;
    let mut branch = first.clone();
    for (at, trunk) in read.iter().enumerate() {
        branch =
            joined(&mut graph, [&branch, trunk], &format!("b_block_{}", at + 1), &format!("b_concat_{}.0", at + 1))?;
    }
    branch = graph.convolution(&branch, "b_LR_conv.0")?;
    branch = graph.sum(&branch, &first);
    branch = enlarged(&mut graph, &branch, steps, |step| format!("b_module.{}", 3 * step - 2))?;
    branch = active(&mut graph, &branch, &format!("b_module.{}", 3 * steps))?;
    branch = graph.convolution(&branch, &format!("b_module.{}", 3 * steps + 2))?;

    value = joined(&mut graph, [&branch, &value], "f_block", "f_concat.0")?;
    value = active(&mut graph, &value, "f_HR_conv0.0")?;
    value = graph.convolution(&value, "f_HR_conv1.0")?;
    Design::new(graph, &value, 1 << steps, format!("{features} features, {blocks} blocks"))
}

/// The strength of the edges in each channel: the length of its gradient.
fn edges(graph: &mut Graph<'_>, picture: &Value) -> Outcome<Value> {
    let channels = picture.channels;
    let mut squares = Vec::new();
    for part in ["weight_h", "weight_v"] {
        let taps = graph.weights.values(&format!("get_g_nopadding.{part}"), &[1, 1, 3, 3])?;
        let mut kernel = vec![0.0; channels * channels * 9];
        (0..channels).for_each(|at| kernel[(at * channels + at) * 9..][..9].copy_from_slice(&taps));
        let slope = graph.convolve(picture, &kernel, [channels, channels, 3, 3], None, Default::default())?;
        squares.push(graph.product(&slope, &slope));
    }
    let sum = graph.sum(&squares[0], &squares[1]);
    let sum = graph.shifted(&sum, EPSILON);
    Ok(graph.operator("Sqrt", &[&sum.name], channels, &[]))
}

/// Both values in one: a residual block, and a convolution to the channels of one.
fn joined(graph: &mut Graph<'_>, values: [&Value; 2], block: &str, last: &str) -> Outcome<Value> {
    let both = graph.joined(&values);
    let value = residual_block(graph, &both, |dense, convolution| format!("{block}.RDB{dense}.conv{convolution}.0"))?;
    graph.convolution(&value, last)
}

fn enlarged(graph: &mut Graph<'_>, input: &Value, steps: usize, name: impl Fn(usize) -> String) -> Outcome<Value> {
    let mut value = input.clone();
    for step in 1..=steps {
        let large = graph.nearest(&value, 2);
        value = active(graph, &large, &name(step))?;
    }
    Ok(value)
}

fn active(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = graph.convolution(input, name)?;
    Ok(graph.leaky_relu(&value, SLOPE))
}
