//! Convolutions, whose weights are those of a checkpoint or are given.

use super::layer::batch_normalisation_with;
use super::{Graph, Layer, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::errors::shown;
use crate::onnx::Setting;

/// The settings of a convolution.
#[derive(Clone, Copy, Debug)]
pub(in crate::architectures) struct Convolution {
    /// Pixels of the input for each pixel of the output, along each side.
    pub(in crate::architectures) stride: usize,
    /// Zeros to add above, at the left, below and at the right; `None` for half of the kernel, so that the size stays.
    pub(in crate::architectures) pads: Option<[usize; 4]>,
    /// The number of groups of channels that do not mix.
    pub(in crate::architectures) groups: usize,
}

impl Default for Convolution {
    fn default() -> Self {
        Convolution { stride: 1, pads: None, groups: 1 }
    }
}

impl Convolution {
    /// A convolution that computes each channel from itself.
    pub(in crate::architectures) fn depthwise(channels: usize) -> Self {
        Convolution { groups: channels, ..Convolution::default() }
    }
}

/// The most values of one side of a kernel.
const MAX_KERNEL: usize = 64;

impl Graph<'_> {
    /// A convolution that keeps the size, with the weights `name.weight` and, if it exists, `name.bias`.
    pub(in crate::architectures) fn convolution(&mut self, input: &Value, name: &str) -> Outcome<Value> {
        self.convolution_with(input, name, Convolution::default())
    }

    /// A convolution with the weights `name.weight` and, if it exists, `name.bias`.
    pub(in crate::architectures) fn convolution_with(
        &mut self,
        input: &Value,
        name: &str,
        settings: Convolution,
    ) -> Outcome<Value> {
        let of_group = input.channels.checked_div(settings.groups).unwrap_or(0);
        let (weights, shape) = self.weights.values_of(&format!("{name}.weight"), [0, of_group, 0, 0])?;
        let bias = self.bias(name, shape[0])?;
        self.convolve(input, &weights, shape, bias.as_deref(), settings)
    }

    /// The values of `name.bias`, if it exists.
    pub(in crate::architectures) fn bias(&self, name: &str, length: usize) -> Outcome<Option<Vec<f32>>> {
        let bias = format!("{name}.bias");
        if self.weights.has(&bias) { self.weights.values(&bias, &[length]).map(Some) } else { Ok(None) }
    }

    /// A convolution with these weights, of shape output channels × input channels of a group × height × width.
    pub(in crate::architectures) fn convolve(
        &mut self,
        input: &Value,
        weights: &[f32],
        shape: [usize; 4],
        bias: Option<&[f32]>,
        settings: Convolution,
    ) -> Outcome<Value> {
        let [channels, of_group, height, width] = shape;
        if of_group.checked_mul(settings.groups) != Some(input.channels)
            || channels == 0
            || !channels.is_multiple_of(settings.groups)
            || ![height, width].iter().all(|side| (1..=MAX_KERNEL).contains(side))
        {
            return Err(Misfit::contradiction(format!(
                "a convolution of {channels}×{of_group}×{height}×{width} weights does not fit a value of {} channels",
                input.channels
            )));
        }
        if settings.pads.is_none() && [height, width].iter().any(|side| side.is_multiple_of(2)) {
            return Err(Misfit::contradiction(format!(
                "a kernel of {height}×{width} values has no middle, so it cannot keep the size"
            )));
        }
        let pads = settings.pads.unwrap_or([height / 2, width / 2, height / 2, width / 2]).map(|pad| pad as i64);
        let kernel = [height as i64, width as i64];
        let strides = [settings.stride as i64; 2];
        let weights = self.floats(&shape, weights);
        let bias = bias.map(|bias| self.floats(&[channels], bias));
        let inputs: Vec<&str> =
            [Some(input.name.as_str()), Some(&weights), bias.as_deref()].into_iter().flatten().collect();
        let settings = [
            ("kernel_shape", Setting::Integers(&kernel)),
            ("strides", Setting::Integers(&strides)),
            ("pads", Setting::Integers(&pads)),
            ("group", Setting::Integer(settings.groups as i64)),
        ];
        Ok(self.operator("Conv", &inputs, channels, &settings))
    }

    /// A transposed convolution with the weights `name.weight` and, if it exists, `name.bias`, whose kernel is as large as its
    /// stride, so that its patches do not overlap.
    pub(in crate::architectures) fn transposed_convolution(&mut self, input: &Value, name: &str) -> Outcome<Value> {
        let [_, _, side, _] = self.weights.dimensions::<4>(&format!("{name}.weight"))?;
        self.transposed_convolution_with(input, name, side, 0)
    }

    /// A transposed convolution with the weights `name.weight` and, if it exists, `name.bias`, whose patches begin `stride` pixels
    /// apart, without `cut` pixels at each side of its result.
    pub(in crate::architectures) fn transposed_convolution_with(
        &mut self,
        input: &Value,
        name: &str,
        stride: usize,
        cut: usize,
    ) -> Outcome<Value> {
        let (weights, shape) = self.weights.values_of(&format!("{name}.weight"), [input.channels, 0, 0, 0])?;
        let [_, channels, height, width] = shape;
        if height != width || !(1..=MAX_KERNEL).contains(&height) {
            return Err(Misfit::contradiction(format!(
                "the kernel of '{}' has {height}×{width} values, not a square of at most {MAX_KERNEL}×{MAX_KERNEL}",
                shown(name)
            )));
        }
        let bias = self.bias(name, channels)?;
        let weights = self.floats(&shape, &weights);
        let bias = bias.map(|bias| self.floats(&[channels], &bias));
        let inputs: Vec<&str> =
            [Some(input.name.as_str()), Some(&weights), bias.as_deref()].into_iter().flatten().collect();
        let settings = [
            ("kernel_shape", Setting::Integers(&[height as i64, width as i64])),
            ("strides", Setting::Integers(&[stride as i64; 2])),
            ("pads", Setting::Integers(&[cut as i64; 4])),
        ];
        Ok(self.operator("ConvTranspose", &inputs, channels, &settings))
    }

    /// A transposed convolution that enlarges by half of its kernel, so that its patches overlap, with the weights `name.weight`
    /// and, if it exists, `name.bias`.
    pub(in crate::architectures) fn overlapping_transposed_convolution(
        &mut self,
        input: &Value,
        name: &str,
    ) -> Outcome<Value> {
        match self.weights.dimensions::<4>(&format!("{name}.weight"))? {
            [_, _, 4, 4] => self.transposed_convolution_with(input, name, 2, 1),
            found => Err(Misfit::Shape {
                name: format!("{name}.weight"),
                found: found.to_vec(),
                needed: vec![input.channels, 0, 4, 4],
            }),
        }
    }

    /// A convolution that first moves each square of `factor` × `factor` pixels into channels (pixel unshuffle). Both together
    /// are one convolution with a larger kernel and a stride. The size becomes a `factor`th.
    pub(in crate::architectures) fn unshuffled_convolution(
        &mut self,
        input: &Value,
        name: &str,
        factor: usize,
    ) -> Outcome<Value> {
        let [_, _, side, _] = self.weights.dimensions::<4>(&format!("{name}.weight"))?;
        self.unshuffled_convolution_with(input, name, factor, side / 2)
    }

    /// As [`Graph::unshuffled_convolution`], with this many zeros at each side of the channels that the pixels are moved to.
    pub(in crate::architectures) fn unshuffled_convolution_with(
        &mut self,
        input: &Value,
        name: &str,
        factor: usize,
        pad: usize,
    ) -> Outcome<Value> {
        let channels_in = input.channels.saturating_mul(factor * factor);
        let (weights, [channels, _, height, width]) =
            self.weights.values_of(&format!("{name}.weight"), [0, channels_in, 0, 0])?;
        if ![height, width].iter().all(|side| (1..=MAX_KERNEL).contains(side)) {
            return Err(Misfit::contradiction(format!("the kernel of '{}' has {height}×{width} values", shown(name))));
        }
        let bias = self.bias(name, channels)?;
        let (tall, wide, taps) = (height * factor, width * factor, height * width);
        let mut spread = vec![0.0; weights.len()];
        for (at, weight) in weights.iter().enumerate() {
            let (tap, plane) = (at % taps, at / taps);
            let (square, of_output) = (plane % channels_in, plane / channels_in);
            let (channel, within) = (square / (factor * factor), square % (factor * factor));
            let (row, column) = (tap / width * factor + within / factor, tap % width * factor + within % factor);
            spread[((of_output * input.channels + channel) * tall + row) * wide + column] = *weight;
        }
        let settings = Convolution { stride: factor, pads: Some([pad * factor; 4]), groups: 1 };
        self.convolve(input, &spread, [channels, input.channels, tall, wide], bias.as_deref(), settings)
    }

    /// A convolution that keeps the size, followed by a batch normalisation with the weights `normalisation.*`. Both together are
    /// one convolution.
    pub(in crate::architectures) fn normalised_convolution(
        &mut self,
        input: &Value,
        name: &str,
        normalisation: &str,
        epsilon: f64,
    ) -> Outcome<Value> {
        let layer = Layer::read(self.weights, name)?;
        let (factors, numbers) = batch_normalisation_with(self.weights, normalisation, layer.outputs(), epsilon)?;
        layer.before(&factors, &numbers).apply(self, input)
    }

    /// A fully connected layer with the weights `name.weight` and, if it exists, `name.bias`, applied to each pixel of planes: a
    /// convolution of one pixel.
    pub(in crate::architectures) fn pixelwise(&mut self, input: &Value, name: &str) -> Outcome<Value> {
        let (weights, [channels, of_input]) = self.weights.values_of(&format!("{name}.weight"), [0, input.channels])?;
        let bias = self.bias(name, channels)?;
        self.convolve(input, &weights, [channels, of_input, 1, 1], bias.as_deref(), Convolution::default())
    }
}
