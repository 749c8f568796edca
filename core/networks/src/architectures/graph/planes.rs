//! Operations on planes whose size is known only when the network runs: padding, cutting, rolling and resizing.
//!
//! They must not change a value's channels.

use super::lengths::{Length, Side, Size};
use super::{Graph, Padding, Value};
use crate::onnx::{ElementType, Setting};

/// An end of a slice that means the end of the value. Engines may keep integers in 32 bits.
const END: i64 = i32::MAX as i64;

impl Graph<'_> {
    /// Both sides multiplied by `factor`.
    pub(in crate::architectures) fn size_times(&mut self, size: &Size, factor: usize) -> Size {
        if factor == 1 {
            return size.clone();
        }
        let [height, width] = [&size.height, &size.width].map(|side| self.calculated("Mul", side, factor));
        Size { height, width }
    }

    /// What the sides lack to be multiples of these numbers.
    pub(in crate::architectures) fn lacking(&mut self, size: &Size, multiples: [usize; 2]) -> Size {
        let height = self.missing(&size.height, multiples[0]);
        let width = self.missing(&size.width, multiples[1]);
        Size { height, width }
    }

    /// The sum of two sizes.
    pub(in crate::architectures) fn size_plus(&mut self, a: &Size, b: &Size) -> Size {
        let height = self.calculated("Add", &a.height, &b.height);
        let width = self.calculated("Add", &a.width, &b.width);
        Size { height, width }
    }

    /// Planes with `pads.height` more rows below and `pads.width` more columns at the right.
    pub(in crate::architectures) fn padded_by(&mut self, planes: &Value, pads: &Size, padding: Padding) -> Value {
        let zero = Side::Number(0);
        let pads = [zero, zero, zero, zero, zero, zero, Side::Of(&pads.height), Side::Of(&pads.width)];
        self.padded(planes, &pads, padding)
    }

    /// The numbers from 0 up to a length, as floats.
    pub(in crate::architectures) fn places_along(&mut self, length: &Length) -> Value {
        let numbers = self.counted(length);
        self.operator("Cast", &[&numbers], 1, &[("to", Setting::Integer(ElementType::F32.0))])
    }

    /// A length as a float.
    pub(in crate::architectures) fn length_as_float(&mut self, length: &Length) -> Value {
        self.operator("Cast", &[&length.0], 1, &[("to", Setting::Integer(ElementType::F32.0))])
    }

    /// Planes resized bilinearly to this size, as PyTorch does it without aligned corners.
    pub(in crate::architectures) fn resized(&mut self, planes: &Value, size: &Size) -> Value {
        let sizes = self.list(&[1.into(), planes.channels.into(), Side::Of(&size.height), Side::Of(&size.width)]);
        let settings =
            [("mode", Setting::Text("linear")), ("coordinate_transformation_mode", Setting::Text("half_pixel"))];
        self.operator("Resize", &[&planes.name, "", "", &sizes], planes.channels, &settings)
    }

    /// Planes whose sides are multiplied by `factor`, bilinearly, as PyTorch does it without aligned corners.
    pub(in crate::architectures) fn resampled(&mut self, planes: &Value, factor: f32) -> Value {
        let factors = self.floats(&[4], &[1.0, 1.0, factor, factor]);
        let settings =
            [("mode", Setting::Text("linear")), ("coordinate_transformation_mode", Setting::Text("half_pixel"))];
        self.operator("Resize", &[&planes.name, "", &factors], planes.channels, &settings)
    }

    /// A part of a value along one axis, from `start` to `end`, where `None` is the value's end. Negative numbers count from the end.
    pub(in crate::architectures) fn part(
        &mut self,
        value: &Value,
        axis: usize,
        start: i64,
        end: Option<i64>,
        channels: usize,
    ) -> Value {
        let (start, end) = (self.integers(&[start]), self.integers(&[end.unwrap_or(END)]));
        let axes = self.integers(&[axis as i64]);
        self.operator("Slice", &[&value.name, &start, &end, &axes], channels, &[])
    }

    /// Planes whose first rows and columns are moved to the end; a negative shift moves the last ones to the start.
    pub(in crate::architectures) fn rolled_planes(&mut self, planes: &Value, shifts: [i64; 2]) -> Value {
        self.rolled(planes, [2, 3], shifts)
    }

    /// A value whose first entries along two axes are moved to the end; a negative shift moves the last ones to the start.
    pub(super) fn rolled(&mut self, value: &Value, axes: [usize; 2], shifts: [i64; 2]) -> Value {
        let mut value = value.clone();
        for (axis, shift) in axes.into_iter().zip(shifts).filter(|(_, shift)| *shift != 0) {
            let tail = self.part(&value, axis, shift, None, value.channels);
            let head = self.part(&value, axis, 0, Some(shift), value.channels);
            let axis = [("axis", Setting::Integer(axis as i64))];
            value = self.operator("Concat", &[&tail.name, &head.name], value.channels, &axis);
        }
        value
    }
}
