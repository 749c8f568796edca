//! Reductions to a fraction of a size that need not divide it, and the way back.
//!
//! The indices of pixels are computed when the network runs, by the arithmetic of PyTorch, whose rounding they must share.

use super::lengths::{Length, REST, Side, Size};
use super::{Graph, Value};
use crate::onnx::{ElementType, Setting};

impl Graph<'_> {
    /// Planes of this size reduced to a `factor`-th of each side, rounded down; each pixel is the largest of those that it covers,
    /// even in part (adaptive max pooling).
    pub(in crate::architectures) fn reduced_to_largest(&mut self, planes: &Value, size: &Size, factor: usize) -> Value {
        let down = self.covered(&size.height, factor);
        let rows = self.gathered(planes, &down, 2);
        let channels = planes.channels;
        let pixels = Side::from(2 * factor);
        let shape = [Side::from(channels), REST, pixels, Side::Of(&size.width)];
        let rows = self.reshaped(&rows, &shape, channels);
        let rows = self.largest_along(&rows, 2);
        let across = self.covered(&size.width, factor);
        let columns = self.gathered(&rows, &across, 2);
        let height = self.calculated("Div", &size.height, factor);
        let shape = [Side::from(1), Side::from(channels), Side::Of(&height), REST, pixels];
        let columns = self.reshaped(&columns, &shape, channels);
        self.largest_along(&columns, 4)
    }

    /// For each pixel of a reduced side, the indices of the pixels that it covers: from ⌊i · n ÷ o⌋ up to ⌈(i + 1) · n ÷ o⌉, of which there
    /// are at most twice the factor. The last one fills the list.
    fn covered(&mut self, side: &Length, factor: usize) -> String {
        let reduced = self.calculated("Div", side, factor);
        let counted = Length(self.counted(&reduced));
        let start = self.calculated("Mul", &counted, side);
        let end = self.calculated("Add", &start, side);
        let start = self.calculated("Div", &start, &reduced);
        // ⌈a ÷ b⌉ − 1 = ⌊(a − 1) ÷ b⌋.
        let last = self.calculated("Sub", &end, 1);
        let last = self.calculated("Div", &last, &reduced);
        let [start, last] = [start, last].map(|list| {
            let list = Value { name: list.0, channels: 1 };
            self.reshaped(&list, &[REST, Side::from(1)], 1).name
        });
        let steps = self.integers(&(0..2 * factor as i64).collect::<Vec<_>>());
        let all = self.operator("Add", &[&start, &steps], 1, &[]);
        let all = self.operator("Min", &[&all.name, &last], 1, &[]);
        self.reshaped(&all, &[REST], 1).name
    }

    /// Planes enlarged to this size by repeating pixels.
    pub(in crate::architectures) fn repeated_to(&mut self, planes: &Value, size: &Size) -> Value {
        let now = self.size(planes);
        let rows = self.nearest_indices(&now.height, &size.height);
        let columns = self.nearest_indices(&now.width, &size.width);
        let value = self.gathered(planes, &rows, 2);
        self.gathered(&value, &columns, 3)
    }

    /// For each pixel of a side, the pixel of a shorter one that repeats there: ⌊i · (now ÷ then)⌋, in floats as PyTorch has it.
    fn nearest_indices(&mut self, now: &Length, then: &Length) -> String {
        let places = self.places_along(then);
        let [short, long] = [now, then].map(|length| self.length_as_float(length));
        let step = self.operator("Div", &[&short.name, &long.name], 1, &[]);
        let place = self.product(&places, &step);
        let place = self.operator("Floor", &[&place.name], 1, &[]);
        self.operator("Cast", &[&place.name], 1, &[("to", Setting::Integer(ElementType::I64.0))]).name
    }

    fn gathered(&mut self, value: &Value, indices: &str, axis: i64) -> Value {
        self.operator("Gather", &[&value.name, indices], value.channels, &[("axis", Setting::Integer(axis))])
    }

    fn largest_along(&mut self, value: &Value, axis: i64) -> Value {
        let settings = [("axes", Setting::Integers(&[axis])), ("keepdims", Setting::Integer(0))];
        self.operator("ReduceMax", &[&value.name], value.channels, &settings)
    }
}
