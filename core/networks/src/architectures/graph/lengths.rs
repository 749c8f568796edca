//! Lengths that are known only when the network runs, such as the picture's width, and arithmetic on them.
//!
//! Networks that cut pictures into windows need them, because they take pictures of any size. A length must be a tensor of integers with
//! one value, so that lists of lengths are made by concatenation.

use super::{Graph, Value};
use crate::onnx::Setting;

/// A length that is known when the network runs, or a list of them.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Length(pub(in crate::architectures) String);

/// The height and the width of planes.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Size {
    pub(in crate::architectures) height: Length,
    pub(in crate::architectures) width: Length,
}

/// An element of a list of lengths.
#[derive(Clone, Copy, Debug)]
pub(in crate::architectures) enum Side<'l> {
    /// A number, which is −1 in a shape for the one length that follows from the others.
    Number(i64),
    /// A length.
    Of(&'l Length),
}

impl From<usize> for Side<'_> {
    fn from(number: usize) -> Self {
        Side::Number(number as i64)
    }
}

impl<'l> From<&'l Length> for Side<'l> {
    fn from(length: &'l Length) -> Self {
        Side::Of(length)
    }
}

/// What follows from the other lengths of a shape.
pub(in crate::architectures) const REST: Side<'static> = Side::Number(-1);

impl Graph<'_> {
    /// The size of planes.
    pub(in crate::architectures) fn size(&mut self, planes: &Value) -> Size {
        let shape = self.operator("Shape", &[&planes.name], 4, &[]).name;
        let [height, width] = [2, 3].map(|at| {
            let at = self.integers(&[at]);
            Length(self.operator("Gather", &[&shape, &at], 1, &[("axis", Setting::Integer(0))]).name)
        });
        Size { height, width }
    }

    /// A length that is a number.
    pub(in crate::architectures) fn length(&mut self, number: usize) -> Length {
        Length(self.integers(&[number as i64]))
    }

    /// `a` `kind` `b`, for an ONNX operator on two integers: Add, Sub, Mul, Div (rounded down), Mod or Min. Lists are calculated
    /// element by element.
    pub(in crate::architectures) fn calculated<'l>(
        &mut self,
        kind: &str,
        a: impl Into<Side<'l>>,
        b: impl Into<Side<'l>>,
    ) -> Length {
        let [a, b] = [a.into(), b.into()].map(|side| match side {
            Side::Number(number) => self.integers(&[number]),
            Side::Of(length) => length.0.clone(),
        });
        Length(self.operator(kind, &[&a, &b], 1, &[]).name)
    }

    /// A list of lengths, such as a shape.
    pub(in crate::architectures) fn list(&mut self, sides: &[Side<'_>]) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut numbers: Vec<i64> = Vec::new();
        for side in sides {
            match side {
                Side::Number(number) => numbers.push(*number),
                Side::Of(length) => {
                    if !numbers.is_empty() {
                        parts.push(self.integers(&std::mem::take(&mut numbers)));
                    }
                    parts.push(length.0.clone());
                }
            }
        }
        if !numbers.is_empty() {
            parts.push(self.integers(&numbers));
        }
        if let [only] = parts.as_slice() {
            return only.clone();
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.operator("Concat", &parts, sides.len(), &[("axis", Setting::Integer(0))]).name
    }

    /// A list of `count` lengths in ascending order.
    pub(in crate::architectures) fn sorted(&mut self, list: &Length, count: &Length) -> Length {
        let settings =
            [("axis", Setting::Integer(0)), ("largest", Setting::Integer(0)), ("sorted", Setting::Integer(1))];
        // The second output, which is unused, tells where each was.
        Length(self.operator_of("TopK", &[&list.0, &count.0], 2, 1, &settings).name)
    }

    /// The elements of a list at these places.
    pub(in crate::architectures) fn picked(&mut self, list: &Length, places: &Length) -> Length {
        Length(self.operator("Gather", &[&list.0, &places.0], 1, &[("axis", Setting::Integer(0))]).name)
    }

    /// For a list that has each of the numbers from 0 once, the place of each number. `numbers` are those numbers in order.
    pub(in crate::architectures) fn inverted(&mut self, list: &Length, numbers: &Length) -> Length {
        let settings = [("axis", Setting::Integer(0))];
        Length(self.operator("ScatterElements", &[&list.0, &list.0, &numbers.0], 1, &settings).name)
    }

    /// The whole numbers from 0 up to a length, as integers.
    pub(in crate::architectures) fn counted(&mut self, length: &Length) -> String {
        let [start, step, axis] = [0, 1, 0].map(|number| self.integers(&[number]));
        // The operator takes tensors without dimensions.
        let [start, end, step] = [&start, &length.0, &step].map(|one| self.operator("Squeeze", &[one, &axis], 1, &[]));
        self.operator("Range", &[&start.name, &end.name, &step.name], 1, &[]).name
    }

    /// A value with another shape.
    pub(in crate::architectures) fn reshaped(&mut self, input: &Value, shape: &[Side<'_>], channels: usize) -> Value {
        let shape = self.list(shape);
        self.operator("Reshape", &[&input.name, &shape], channels, &[])
    }

    /// A value with its dimensions in another order.
    pub(in crate::architectures) fn transposed(&mut self, input: &Value, order: &[i64], channels: usize) -> Value {
        self.operator("Transpose", &[&input.name], channels, &[("perm", Setting::Integers(order))])
    }
}
