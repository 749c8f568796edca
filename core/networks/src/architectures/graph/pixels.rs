//! Operations that move pixels: joining and splitting channels, enlarging, averaging over the picture.

use super::{Convolution, Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

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

    /// The first half of the channels, and the second.
    pub(in crate::architectures) fn halves(&mut self, input: &Value) -> Outcome<[Value; 2]> {
        let half = half_of(input.channels)?;
        Ok([0, half].map(|start| self.channels(input, start, half)))
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

    /// Moves squares of `factor` × `factor` pixels into channels (pixel unshuffle), by a convolution, which every engine knows. Each channel
    /// is a group of its own, so that the weights do not grow with the square of the channels.
    pub(in crate::architectures) fn unshuffled(&mut self, input: &Value, factor: usize) -> Outcome<Value> {
        let pixels = factor * factor;
        let mut taps = vec![0.0; self.weights.room(&[input.channels, pixels, pixels])?];
        for of_channel in taps.chunks_exact_mut(pixels * pixels) {
            of_channel.iter_mut().step_by(pixels + 1).for_each(|tap| *tap = 1.0);
        }
        let settings = Convolution { stride: factor, pads: Some([0; 4]), groups: input.channels };
        self.convolve(input, &taps, [input.channels * pixels, 1, factor, factor], None, settings)
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
}

/// Half of this many channels.
pub(in crate::architectures) fn half_of(channels: usize) -> Outcome<usize> {
    match channels.is_multiple_of(2) {
        true => Ok(channels / 2),
        false => Err(Misfit::contradiction(format!("{channels} channels have no halves"))),
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
