//! Operations that move pixels: joining and splitting channels, enlarging, averaging over the picture.

use super::lengths::Size;
use super::{Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

/// An end of a slice that means the end of the value. Engines may keep integers in 32 bits.
const END: i64 = i32::MAX as i64;

impl Graph<'_> {
    /// The channels of all values, one after another.
    pub(in crate::architectures) fn joined(&mut self, values: &[&Value]) -> Value {
        let names: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
        let channels = values.iter().map(|value| value.channels).sum();
        self.operator("Concat", &names, channels, &[("axis", Setting::Integer(1))])
    }

    /// Some of the channels.
    pub(in crate::architectures) fn channels(&mut self, input: &Value, start: usize, count: usize) -> Value {
        let [start, end] = [start, start + count].map(|at| self.integers(&[at as i64]));
        let axes = self.integers(&[1]);
        self.operator("Slice", &[&input.name, &start, &end, &axes], count, &[])
    }

    /// Moves channels into squares of `factor` × `factor` pixels (pixel shuffle).
    pub(in crate::architectures) fn shuffled(&mut self, input: &Value, factor: usize) -> Outcome<Value> {
        if factor == 1 {
            return Ok(input.clone());
        }
        if factor == 0 || !input.channels.is_multiple_of(factor * factor) {
            return Err(Misfit::contradiction(format!(
                "{} channels do not make squares of {factor}×{factor} pixels",
                input.channels
            )));
        }
        let settings = [("blocksize", Setting::Integer(factor as i64)), ("mode", Setting::Text("CRD"))];
        Ok(self.operator("DepthToSpace", &[&input.name], input.channels / (factor * factor), &settings))
    }

    /// Every pixel repeated `factor` times along each side.
    pub(in crate::architectures) fn nearest(&mut self, input: &Value, factor: usize) -> Value {
        if factor == 1 {
            return input.clone();
        }
        let factors = self.floats(&[4], &[1.0, 1.0, factor as f32, factor as f32]);
        let settings = [
            ("mode", Setting::Text("nearest")),
            ("coordinate_transformation_mode", Setting::Text("asymmetric")),
            ("nearest_mode", Setting::Text("floor")),
        ];
        self.operator("Resize", &[&input.name, "", &factors], input.channels, &settings)
    }

    /// The mean of each channel over the whole picture, one pixel.
    pub(in crate::architectures) fn mean(&mut self, input: &Value) -> Value {
        self.operator("GlobalAveragePool", &[&input.name], input.channels, &[])
    }

    /// The largest sample of each square of `side` × `side` pixels, at every `stride`-th pixel.
    pub(in crate::architectures) fn largest(&mut self, input: &Value, side: usize, stride: usize) -> Value {
        let (kernel, strides) = ([side as i64; 2], [stride as i64; 2]);
        let settings = [("kernel_shape", Setting::Integers(&kernel)), ("strides", Setting::Integers(&strides))];
        self.operator("MaxPool", &[&input.name], input.channels, &settings)
    }

    /// Planes resized bilinearly to this size, as PyTorch does it without aligned corners.
    pub(in crate::architectures) fn resized(&mut self, planes: &Value, size: &Size) -> Value {
        let sizes = self.list(&[1.into(), planes.channels.into(), (&size.height).into(), (&size.width).into()]);
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
}

/// The channels and the factor of a value whose channels become squares of pixels, such as 3 and 4 for 48. `usual` channels are tried
/// first, because 12 may be 3 channels for ×2 or 12 for ×1.
pub(in crate::architectures) fn channels_and_factor(channels: usize, usual: usize) -> Outcome<(usize, usize)> {
    let factor = |of: usize| {
        let factor = channels.checked_div(of)?.isqrt();
        (factor > 0 && of.checked_mul(factor * factor)? == channels).then_some((of, factor))
    };
    [usual, 3, 4, 1].into_iter().find_map(factor).ok_or_else(|| {
        Misfit::contradiction(format!(
            "its last convolution has {channels} channels, which do not make an enlarged picture"
        ))
    })
}
