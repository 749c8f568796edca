//! Sizes that are known only when the network runs, and what depends on them: padding to a multiple, cropping and resizing.
//!
//! A network accepts pictures of any size, so it computes them itself. Lists of integers are named values like all others.

use super::{Graph, Value};
use crate::onnx::Setting;

/// The height and the width of planes, each the name of a list of one integer.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Extent {
    pub(in crate::architectures) height: String,
    pub(in crate::architectures) width: String,
}

/// What is added to planes at the right and below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::architectures) enum Padding {
    Zeros,
    /// The mirrored picture without its last row or column.
    Reflected,
}

/// One length of a shape.
#[derive(Clone, Copy, Debug)]
pub(in crate::architectures) enum Length<'a> {
    Fixed(usize),
    /// Whatever is left. A shape can have it once.
    Rest,
    /// The name of a list of one integer.
    Of(&'a str),
}

/// Larger than each side of a picture: its multiples serve to keep remainders positive.
const LARGE: i64 = 1 << 20;

/// An end of a slice that means the end of the value. Engines may keep integers in 32 bits.
const END: i64 = i32::MAX as i64;

impl Graph<'_> {
    /// The height and the width of planes.
    pub(in crate::architectures) fn extent(&mut self, planes: &Value) -> Extent {
        let shape = self.operator("Shape", &[&planes.name], 0, &[]).name;
        let [height, width] = [2, 3].map(|at| {
            let (start, end, axis) = (self.integers(&[at]), self.integers(&[at + 1]), self.integers(&[0]));
            self.operator("Slice", &[&shape, &start, &end, &axis], 0, &[]).name
        });
        Extent { height, width }
    }

    /// A computed integer combined with a constant one.
    pub(in crate::architectures) fn integer(&mut self, kind: &str, number: &str, constant: i64) -> String {
        let constant = self.integers(&[constant]);
        self.operator(kind, &[number, &constant], 0, &[]).name
    }

    /// Both sides multiplied by `factor`.
    pub(in crate::architectures) fn extent_times(&mut self, extent: &Extent, factor: usize) -> Extent {
        if factor == 1 {
            return extent.clone();
        }
        let [height, width] = [&extent.height, &extent.width].map(|side| self.integer("Mul", side, factor as i64));
        Extent { height, width }
    }

    /// Planes extended at the right and below until their height and width are multiples of these numbers.
    pub(in crate::architectures) fn padded_to(
        &mut self,
        planes: &Value,
        multiples: [usize; 2],
        padding: Padding,
    ) -> Value {
        if multiples == [1, 1] {
            return planes.clone();
        }
        let extent = self.extent(planes);
        let [below, right] = [(&extent.height, multiples[0]), (&extent.width, multiples[1])].map(|(side, multiple)| {
            let multiple = multiple.max(1) as i64;
            let large = self.integers(&[LARGE * multiple]);
            let negative = self.operator("Sub", &[&large, side], 0, &[]).name;
            self.integer("Mod", &negative, multiple)
        });
        self.padded_by(planes, &Extent { height: below, width: right }, padding)
    }

    /// Planes with `pads.height` more rows below and `pads.width` more columns at the right.
    pub(in crate::architectures) fn padded_by(&mut self, planes: &Value, pads: &Extent, padding: Padding) -> Value {
        let none = self.integers(&[0; 6]);
        let pads = self.list(&[&none, &pads.height, &pads.width]);
        let mode = match padding {
            Padding::Zeros => "constant",
            Padding::Reflected => "reflect",
        };
        self.operator("Pad", &[&planes.name, &pads], planes.channels, &[("mode", Setting::Text(mode))])
    }

    /// The first rows and columns of planes.
    pub(in crate::architectures) fn cropped(&mut self, planes: &Value, extent: &Extent) -> Value {
        let (starts, axes) = (self.integers(&[0, 0]), self.integers(&[2, 3]));
        let ends = self.list(&[&extent.height, &extent.width]);
        self.operator("Slice", &[&planes.name, &starts, &ends, &axes], planes.channels, &[])
    }

    /// Planes resized bilinearly to this size, as PyTorch does it without aligned corners.
    pub(in crate::architectures) fn resized(&mut self, planes: &Value, extent: &Extent) -> Value {
        let before = self.integers(&[1, planes.channels as i64]);
        let sizes = self.list(&[&before, &extent.height, &extent.width]);
        let settings =
            [("mode", Setting::Text("linear")), ("coordinate_transformation_mode", Setting::Text("half_pixel"))];
        self.operator("Resize", &[&planes.name, "", "", &sizes], planes.channels, &settings)
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
    pub(in crate::architectures) fn rolled(&mut self, planes: &Value, [rows, columns]: [i64; 2]) -> Value {
        let mut value = planes.clone();
        for (axis, shift) in [(2, rows), (3, columns)] {
            if shift != 0 {
                let tail = self.part(&value, axis, shift, None, planes.channels);
                let head = self.part(&value, axis, 0, Some(shift), planes.channels);
                let axis = [("axis", Setting::Integer(axis as i64))];
                value = self.operator("Concat", &[&tail.name, &head.name], planes.channels, &axis);
            }
        }
        value
    }

    /// A value in another shape.
    pub(in crate::architectures) fn reshaped(&mut self, value: &Value, shape: &[Length<'_>], channels: usize) -> Value {
        let shape = self.shape_of(shape);
        self.operator("Reshape", &[&value.name, &shape], channels, &[])
    }

    /// A value with its axes in another order.
    pub(in crate::architectures) fn transposed(&mut self, value: &Value, order: &[i64]) -> Value {
        self.operator("Transpose", &[&value.name], value.channels, &[("perm", Setting::Integers(order))])
    }

    /// The integers from 0 to a computed number, as floats.
    pub(in crate::architectures) fn counted(&mut self, number: &str) -> Value {
        let axes = self.integers(&[0]);
        let number = self.operator("Squeeze", &[number, &axes], 0, &[]).name;
        let (start, step) = (self.integer_scalar(0), self.integer_scalar(1));
        let numbers = self.operator("Range", &[&start, &number, &step], 0, &[]).name;
        self.operator("Cast", &[&numbers], 0, &[("to", Setting::Integer(1))])
    }

    /// A single integer that is not a list.
    fn integer_scalar(&mut self, number: i64) -> String {
        let (list, axes) = (self.integers(&[number]), self.integers(&[0]));
        self.operator("Squeeze", &[&list, &axes], 0, &[]).name
    }

    /// The lists one after another.
    fn list(&mut self, parts: &[&str]) -> String {
        self.operator("Concat", parts, 0, &[("axis", Setting::Integer(0))]).name
    }

    fn shape_of(&mut self, shape: &[Length<'_>]) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut fixed: Vec<i64> = Vec::new();
        for length in shape {
            match length {
                Length::Fixed(length) => fixed.push(*length as i64),
                Length::Rest => fixed.push(-1),
                Length::Of(name) => {
                    if !fixed.is_empty() {
                        parts.push(self.integers(&fixed));
                        fixed.clear();
                    }
                    parts.push((*name).to_owned());
                }
            }
        }
        if !fixed.is_empty() {
            parts.push(self.integers(&fixed));
        }
        match parts.as_slice() {
            [only] => only.clone(),
            _ => self.list(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
        }
    }
}
