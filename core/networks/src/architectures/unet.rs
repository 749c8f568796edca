//! The levels of the U-nets DRUNet and FBCNN: residual blocks, and steps to half and to twice the size.
//!
//! It is shared because both come from one collection (KAIR) and name their tensors alike. What joins the levels is each
//! architecture's own.

use super::graph::Convolution;
use super::{Graph, Misfit, Outcome, Value};
use crate::onnx::Setting;

/// What batch normalisation adds to the variance.
const EPSILON: f64 = 1e-4;

/// The number of levels below the picture's size.
pub(super) const LEVELS: usize = 3;

/// The picture's sides are halved this often, so they must be a multiple of this.
pub(super) const MULTIPLE: usize = 1 << LEVELS;

/// What a residual block adds to its input.
pub(super) fn residual(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let part = |at: usize| format!("{name}.res.{at}");
    let normalised = graph.weights.has(&format!("{}.running_mean", part(1)));
    let first = if normalised {
        graph.normalised_convolution(input, &part(0), &part(1), EPSILON)?
    } else {
        graph.convolution(input, &part(0))?
    };
    let active = graph.relu(&first);
    graph.convolution(&active, &part(if normalised { 3 } else { 2 }))
}

/// The residual blocks `name.first`, …, and their number.
pub(super) fn blocks(graph: &mut Graph<'_>, input: &Value, name: &str, first: usize) -> Outcome<(Value, usize)> {
    // A part that consists of a single block does not number it.
    if graph.weights.has(&format!("{name}.res.0.weight")) {
        let change = residual(graph, input, name)?;
        return Ok((graph.sum(input, &change), 1));
    }
    let (mut value, mut at) = (input.clone(), first);
    while graph.weights.has(&format!("{name}.{at}.res.0.weight")) {
        let change = residual(graph, &value, &format!("{name}.{at}"))?;
        value = graph.sum(&value, &change);
        at += 1;
    }
    Ok((value, at - first))
}

/// Residual blocks, then half the size: by a convolution, or by means of squares and a convolution.
pub(super) fn down(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let (value, count) = blocks(graph, input, name, 0)?;
    let strided = format!("{name}.{count}");
    if graph.weights.has(&format!("{strided}.weight")) {
        return graph.convolution_with(
            &value,
            &strided,
            Convolution { stride: 2, pads: Some([0; 4]), ..Convolution::default() },
        );
    }
    let settings = [("kernel_shape", Setting::Integers(&[2, 2])), ("strides", Setting::Integers(&[2, 2]))];
    let means = graph.operator("AveragePool", &[&value.name], value.channels, &settings);
    graph.convolution(&means, &format!("{name}.{}", count + 1))
}

/// Twice the size, and the number of the first block after that: by a transposed convolution, by repeating pixels and a
/// convolution, or by a convolution and a pixel shuffle.
pub(super) fn up(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<(Value, usize)> {
    let has = |part: &str| graph.weights.has(&format!("{name}.{part}.weight"));
    let repeated = [("0.1", 1), ("1", 2)].into_iter().find(|(part, _)| has(part) && !has("0"));
    if let Some((part, next)) = repeated {
        let large = graph.nearest(input, 2);
        return Ok((graph.convolution(&large, &format!("{name}.{part}"))?, next));
    }
    let (part, next) = if has("0.0") { ("0.0", 1) } else { ("0", 2) };
    let layer = format!("{name}.{part}");
    match graph.weights.dimensions::<4>(&format!("{layer}.weight"))? {
        [_, _, 2, 2] => Ok((graph.transposed_convolution(input, &layer)?, 1)),
        [many, ..] if many.is_multiple_of(4) => {
            let squares = graph.convolution(input, &layer)?;
            Ok((graph.shuffled(&squares, 2)?, next))
        }
        [many, ..] => Err(Misfit::contradiction(format!("{many} channels of '{layer}' do not make squares of pixels"))),
    }
}
