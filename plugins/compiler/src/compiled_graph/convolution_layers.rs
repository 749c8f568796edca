//! Convolutions as the network defines them: weights, bias, slopes, borders.
//!
//! Pure data. How they are transformed and computed is the affair of engines; nothing here may depend on that.

use crate::size::Size;

/// The weights of a 3×3 convolution: for each output and each channel, nine taps, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvolutionWeights {
    /// The channels of the result.
    pub outputs: usize,
    /// The channels of all inputs, with those that fill blocks.
    pub channels: usize,
    /// The taps.
    pub taps: Vec<f32>,
}

/// A 3×3 convolution with stride 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution3x3 {
    /// The weights.
    pub weights: ConvolutionWeights,
    /// What is added to each output.
    pub bias: Vec<f32>,
    /// What negative results are multiplied by, for each output; empty if nothing is.
    pub slopes: Vec<f32>,
    /// If it is there, the result, with what is added to it, is multiplied by the sigmoid of the result alone plus this
    /// number. So 0 is the function SiLU if nothing is added.
    pub gate: Option<f32>,
    /// Rows above, columns left, rows below and columns right that count as zero.
    pub padding: [usize; 4],
}

/// Any other convolution, or a transposed one.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectConvolution {
    /// The channels of the result.
    pub outputs: usize,
    /// The channels of all inputs, with those that fill blocks.
    pub channels: usize,
    /// For each output and each channel, the taps, row by row.
    pub taps: Vec<f32>,
    /// The number of rows and of columns of taps.
    pub kernel: [usize; 2],
    /// What is added to each output.
    pub bias: Vec<f32>,
    /// What negative results are multiplied by, for each output; empty if nothing is.
    pub slopes: Vec<f32>,
    /// The distance between two results in rows and in columns of the input; of a transposed convolution, between two inputs
    /// in those of the result.
    pub stride: [usize; 2],
    /// Rows above, columns left, rows below and columns right: zeros around the input, or, of a transposed convolution, what is
    /// removed from the result.
    pub padding: [usize; 4],
    /// Whether it is a transposed convolution.
    pub transposed: bool,
}

impl DirectConvolution {
    /// The size of its result; `None` if the input is too small.
    pub fn size(&self, input: Size) -> Option<Size> {
        let side = |length: usize, i: usize| {
            let (kernel, stride, padding) = (self.kernel[i], self.stride[i], self.padding[i] + self.padding[i + 2]);
            if self.transposed {
                ((length - 1) * stride + kernel).checked_sub(padding).filter(|length| *length > 0)
            } else {
                (length + padding).checked_sub(kernel).map(|room| room / stride + 1)
            }
        };
        Some(Size { height: side(input.height, 0)?, width: side(input.width, 1)? })
    }

    /// The taps that a result pixel at this phase of an axis reads, each with its distance from the pixel's own place
    /// in the input.
    pub fn taps_of_phase(&self, axis: usize, phase: usize) -> Vec<(usize, isize)> {
        let (kernel, stride, before) = (self.kernel[axis], self.stride[axis], self.padding[axis]);
        if !self.transposed {
            return (0..kernel).map(|tap| (tap, tap as isize - before as isize)).collect();
        }
        let reached = phase + before;
        let taps = (reached % stride..kernel).step_by(stride);
        taps.map(|tap| (tap, (reached as isize - tap as isize) / stride as isize)).collect()
    }
}
