//! Axes and attributes of a node, which may be attributes or inputs, and may count from the end.

use super::{MAX_DIMENSIONS, Shaped};
use crate::onnx::{Attribute, Node};

/// An axis as an index; `None` if there is no such axis.
pub(super) fn axis(axis: i64, dimensions: usize) -> Option<usize> {
    let from_start = if axis < 0 { axis.checked_add(dimensions as i64)? } else { axis };
    usize::try_from(from_start).ok().filter(|axis| *axis < dimensions)
}

/// An attribute that is an integer.
pub(super) fn integer(node: &Node<'_>, name: &str, default: i64) -> i64 {
    if let Some(Attribute::Integer(value)) = node.attribute(name) { *value } else { default }
}

/// A list of integers that is an attribute, or an input in newer versions of the operator.
pub(super) fn list(node: &Node<'_>, name: &str, inputs: &[Option<Shaped>], at: usize) -> Option<Vec<i64>> {
    let input = || inputs.get(at)?.as_ref()?.integers.clone();
    node.integers(name).map(<[i64]>::to_vec).or_else(input)
}

/// The list of axes, if there is one, as [`list`] finds it; `None` for a list that is longer than any shape.
pub(super) fn axes(node: &Node<'_>, inputs: &[Option<Shaped>], at: usize) -> Option<Option<Vec<i64>>> {
    let axes = list(node, "axes", inputs, at);
    axes.as_ref().is_none_or(|axes| axes.len() <= MAX_DIMENSIONS).then_some(axes)
}

/// Where a slice starts and how many entries it has.
pub(super) fn slice(start: i64, end: i64, step: i64, length: u64) -> Option<(i64, u64)> {
    let length = i64::try_from(length).ok()?;
    let from_start = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    if step > 0 {
        let (start, end) = (from_start(start).clamp(0, length), from_start(end).clamp(0, length));
        Some((start, (end - start).max(0).unsigned_abs().div_ceil(step.unsigned_abs())))
    } else if step < 0 {
        let (start, end) = (from_start(start).clamp(-1, length - 1), from_start(end).clamp(-1, length - 1));
        Some((start, (start - end).max(0).unsigned_abs().div_ceil(step.unsigned_abs())))
    } else {
        None
    }
}
