//! Borders around a picture, and cuts back to its size.
//!
//! Some networks extend pictures themselves, by as much as the size requires, so the amounts are computed from the picture's shape.
//! An amount must never depend on anything but that shape.

use super::{Graph, Value};
use crate::onnx::Setting;

/// What the pixels beyond the picture's edge are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::architectures) enum Beyond {
    /// The picture, mirrored at its outermost pixels.
    Mirrored,
    /// Repetitions of the outermost pixels.
    Repeated,
}

impl Graph<'_> {
    /// The picture with a border of this many pixels, and as many more at the right and below as make its sides multiples of
    /// `multiple`. The border must not change whether they are.
    pub(in crate::architectures) fn extended(
        &mut self,
        picture: &Value,
        border: usize,
        multiple: usize,
        beyond: Beyond,
    ) -> Value {
        let border = border as i64;
        let pads = if multiple == 1 {
            self.integers(&[0, 0, border, border, 0, 0, border, border])
        } else {
            let sides = self.sides(picture);
            let multiple = self.integers(&[multiple as i64]);
            let over = self.operator("Mod", &[&sides, &multiple], 2, &[]);
            let under = self.operator("Sub", &[&multiple, &over.name], 2, &[]);
            let lacking = self.operator("Mod", &[&under.name, &multiple], 2, &[]);
            let width = self.integers(&[border]);
            let after = self.operator("Add", &[&lacking.name, &width], 2, &[]);
            let before = self.integers(&[0, 0, border, border, 0, 0]);
            self.operator("Concat", &[&before, &after.name], 8, &[("axis", Setting::Integer(0))]).name
        };
        let mode = match beyond {
            Beyond::Mirrored => "reflect",
            Beyond::Repeated => "edge",
        };
        self.operator("Pad", &[&picture.name, &pads], picture.channels, &[("mode", Setting::Text(mode))])
    }

    /// The value without this many pixels at each side.
    pub(in crate::architectures) fn without_border(&mut self, input: &Value, border: usize) -> Value {
        let [start, end] = [border as i64, -(border as i64)].map(|at| self.integers(&[at; 2]));
        let axes = self.integers(&[2, 3]);
        self.operator("Slice", &[&input.name, &start, &end, &axes], input.channels, &[])
    }

    /// The value's part that belongs to the picture if the value is `scale` times as large, without what is beyond at the right
    /// and below.
    pub(in crate::architectures) fn cut(&mut self, input: &Value, picture: &Value, scale: usize) -> Value {
        let sides = self.sides(picture);
        let factor = self.integers(&[scale as i64]);
        let end = self.operator("Mul", &[&sides, &factor], 2, &[]);
        let start = self.integers(&[0, 0]);
        let axes = self.integers(&[2, 3]);
        self.operator("Slice", &[&input.name, &start, &end.name, &axes], input.channels, &[])
    }

    /// The height and the width of a value, as a list of integers.
    pub(in crate::architectures) fn sides(&mut self, value: &Value) -> String {
        let shape = self.operator("Shape", &[&value.name], 4, &[]);
        let [start, end] = [2, 4].map(|at| self.integers(&[at]));
        let axes = self.integers(&[0]);
        self.operator("Slice", &[&shape.name, &start, &end, &axes], 2, &[]).name
    }
}
