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

    /// What a length lacks to the next multiple.
    pub(super) fn missing(&mut self, length: &Length, multiple: usize) -> Length {
        let over = self.calculated("Mod", length, multiple);
        let missing = self.calculated("Sub", multiple, &over);
        self.calculated("Mod", &missing, multiple)
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
