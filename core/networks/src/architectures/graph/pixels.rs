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

    /// Moves squares of `factor` × `factor` pixels into channels (pixel unshuffle), by a convolution, which every engine knows.
    pub(in crate::architectures) fn unshuffled(&mut self, input: &Value, factor: usize) -> Outcome<Value> {
        let pixels = factor * factor;
        let channels = input.channels * pixels;
        let mut taps = vec![0.0; channels * channels];
        for at in 0..channels {
            taps[(at * input.channels + at / pixels) * pixels + at % pixels] = 1.0;
        }
        let settings = Convolution { stride: factor, pads: Some([0; 4]), groups: 1 };
        self.convolve(input, &taps, [channels, input.channels, factor, factor], None, settings)
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
