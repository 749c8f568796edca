//! Padding of pictures to a multiple of a length, and cropping of the results.
//!
//! Both are computed from the picture's size when the network runs, and a picture whose sides are multiples passes unchanged.

use super::lengths::{Length, Side, Size};
use super::{Graph, Value};
use crate::onnx::Setting;

/// What the padding of a picture contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::architectures) enum Padding {
    /// The picture mirrored at its border, without repeating the border itself.
    Reflection,
    /// Repetitions of the outermost pixels.
    Repetition,
    /// Zeros.
    Zeros,
}

impl Graph<'_> {
    /// Planes padded at the right and below to a multiple of `multiple` (height, width).
    pub(in crate::architectures) fn padded_to(
        &mut self,
        planes: &Value,
        size: &Size,
        multiple: [usize; 2],
        padding: Padding,
    ) -> Value {
        if multiple == [1, 1] {
            return planes.clone();
        }
        let lacking = self.lacking(size, multiple);
        self.padded_by(planes, &lacking, padding)
    }

    /// Planes padded at the right and below to a multiple of `multiple` by mirroring at the border, which is repeated.
    pub(in crate::architectures) fn mirrored_to(&mut self, planes: &Value, size: &Size, multiple: usize) -> Value {
        if multiple == 1 {
            return planes.clone();
        }
        let tall = self.mirrored(planes, &size.height, multiple, 2);
        self.mirrored(&tall, &size.width, multiple, 3)
    }

    /// A value with so many more entries before its first one and after its last one along each dimension.
    pub(super) fn padded(&mut self, planes: &Value, pads: &[Side<'_>], padding: Padding) -> Value {
        let pads = self.list(pads);
        let mode = match padding {
            Padding::Reflection => "reflect",
            Padding::Repetition => "edge",
            Padding::Zeros => "constant",
        };
        self.operator("Pad", &[&planes.name, &pads], planes.channels, &[("mode", Setting::Text(mode))])
    }

    /// Planes whose `axis`, of this length, is padded with its own values from the end backwards.
    fn mirrored(&mut self, planes: &Value, length: &Length, multiple: usize, axis: i64) -> Value {
        let missing = self.missing(length, multiple);
        let padded = self.calculated("Add", length, &missing);
        let places = self.there_and_back(length, &padded);
        self.operator("Gather", &[&planes.name, &places.0], planes.channels, &[("axis", Setting::Integer(axis))])
    }

    /// The numbers 0, 1, … up to `length` − 1 and back again, `count` numbers in all, which is at most twice the length.
    pub(in crate::architectures) fn there_and_back(&mut self, length: &Length, count: &Length) -> Length {
        let there = Length(self.counted(count));
        let twice = self.calculated("Mul", length, 2);
        let last = self.calculated("Sub", &twice, 1);
        let back = self.calculated("Sub", &last, &there);
        self.calculated("Min", &there, &back)
    }

    /// What a length lacks to the next multiple.
    pub(super) fn missing(&mut self, length: &Length, multiple: usize) -> Length {
        let over = self.calculated("Mod", length, multiple);
        let missing = self.calculated("Sub", multiple, &over);
        self.calculated("Mod", &missing, multiple)
    }

    /// Planes enlarged or reduced to `scale` times a size by bicubic interpolation. Not all engines can.
    pub(in crate::architectures) fn bicubic(&mut self, planes: &Value, size: &Size, scale: usize) -> Value {
        let Size { height, width } = self.size_times(size, scale);
        let sides = self.list(&[1.into(), planes.channels.into(), Side::Of(&height), Side::Of(&width)]);
        let settings = [
            ("mode", Setting::Text("cubic")),
            ("coordinate_transformation_mode", Setting::Text("half_pixel")),
            ("cubic_coeff_a", Setting::Float(-0.75)),
        ];
        self.operator("Resize", &[&planes.name, "", "", &sides], planes.channels, &settings)
    }

    /// The top left part of planes, `scale` times as large as `size`.
    pub(in crate::architectures) fn cropped_to(&mut self, planes: &Value, size: &Size, scale: usize) -> Value {
        let Size { height, width } = self.size_times(size, scale);
        let start = self.integers(&[0, 0]);
        let end = self.list(&[Side::Of(&height), Side::Of(&width)]);
        let axes = self.integers(&[2, 3]);
        self.operator("Slice", &[&planes.name, &start, &end, &axes], planes.channels, &[])
    }
}
