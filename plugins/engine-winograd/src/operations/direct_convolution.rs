//! Convolutions that Winograd's method does not cover: 1×1 and other sizes, strided, transposed.
//!
//! A transposed convolution is several plain ones, each of which computes every second (or third …) pixel of the
//! result. These convolutions are rare and small, so one kernel in floats computes them all. It must never be given
//! plain 3×3 convolutions, for which it would be slow.

use std::ops::Range;

use enlarger_compiler::DirectConvolution;

use crate::kernels::direct_row::{DirectRow, PIXELS};
use crate::kernels::element::{BLOCK, Element};
use crate::kernels::plane::{Pitch, Plane, Size};
use crate::kernels::simd::InstructionSet;
use crate::kernels::widen::Widen;

use super::activation_rows::ActivationRow;

/// A set of result pixels that read the same taps: all pixels, or for a transposed convolution every n-th.
struct Phase {
    /// The taps, as rows and columns relative to a pixel of the input.
    taps: Vec<(isize, isize)>,
    filter: Vec<f32>,
}

/// A convolution, ready to execute.
pub(crate) struct PreparedDirectConvolution {
    isa: InstructionSet,
    convolution: DirectConvolution,
    /// The phases, row by row.
    phases: Vec<Phase>,
    bias: Vec<f32>,
    slopes: Vec<f32>,
}

impl PreparedDirectConvolution {
    pub(crate) fn new(convolution: &DirectConvolution, isa: InstructionSet) -> Self {
        let outputs = convolution.outputs.next_multiple_of(BLOCK);
        let padded = |values: &[f32], filler| {
            let mut values = values.to_vec();
            values.resize(outputs, filler);
            values
        };
        let [down, across] = if convolution.transposed { convolution.stride } else { [1, 1] };
        let phases = (0..down * across).map(|i| phase(convolution, isa, i / across, i % across)).collect();
        let (bias, slopes) = (padded(&convolution.bias, 0.0), padded(&convolution.slopes, 1.0));
        PreparedDirectConvolution { isa, convolution: convolution.clone(), phases, bias, slopes }
    }

    /// Computes rows of the result, whose whole size is `size`, from the planes of the input.
    pub(crate) fn execute<E: Element>(
        &self,
        planes: &[Plane<'_, E>],
        size: Size,
        rows: Range<usize>,
        to: &mut [ActivationRow<E>],
    ) {
        let input = planes[0].size;
        // Pixels of the input from one result to the next, and results between two that read the same taps.
        let (stride, result_stride) = if self.convolution.transposed {
            ([1, 1], self.convolution.stride)
        } else {
            (self.convolution.stride, [1, 1])
        };
        let (left, length) = self.widened_row(input, size);
        let mut inputs = Vec::new();
        for (y, row) in rows.zip(to) {
            for across in 0..result_stride[1].min(size.width) {
                let phase = &self.phases[y % result_stride[0] * result_stride[1] + across];
                let mut reached: Vec<isize> = phase.taps.iter().map(|(dy, _)| *dy).collect();
                reached.dedup();
                inputs.resize_with(reached.len(), Vec::new);
                for (to, dy) in inputs.iter_mut().zip(&reached) {
                    self.widen(planes, (y / result_stride[0] * stride[0]) as isize + dy, left, length, to);
                }
                let row_of = |dy: &isize| reached.iter().position(|reached| reached == dy).unwrap_or(0);
                let taps: Vec<&[f32]> = phase.taps.iter().map(|(dy, _)| inputs[row_of(dy)].as_slice()).collect();
                let starts: Vec<usize> = phase.taps.iter().map(|(_, dx)| (left as isize + dx) as usize).collect();
                self.isa.execute(DirectRow {
                    inputs: &taps,
                    starts: &starts,
                    length,
                    channels: self.convolution.channels,
                    stride: stride[1],
                    filter: &phase.filter,
                    bias: &self.bias,
                    slopes: &self.slopes,
                    to: row,
                    pitch: size.pitch(),
                    first: across,
                    result_stride: result_stride[1],
                    count: (size.width - across).div_ceil(result_stride[1]),
                });
            }
        }
    }

    /// The zeros left of a row of the input that was converted to floats, and the pixels of such a row.
    fn widened_row(&self, input: Size, result: Size) -> (usize, usize) {
        let [before, stride] =
            if self.convolution.transposed { [self.convolution.stride[1], 1] } else { [1, self.convolution.stride[1]] };
        let columns = || self.phases.iter().flat_map(|phase| &phase.taps).map(|(_, x)| *x);
        let left = columns().map(|x| -x).max().unwrap_or(0).max(0) as usize;
        let right = columns().max().unwrap_or(0).max(0) as usize;
        let most = result.width.div_ceil(before).next_multiple_of(PIXELS) * stride;
        (left, left + right + most.max(input.width))
    }

    /// The bytes of all rows that are converted to floats at once.
    pub(crate) fn widened_bytes(&self, input: Size, result: Size) -> usize {
        let rows = |phase: &Phase| {
            let mut rows: Vec<isize> = phase.taps.iter().map(|(y, _)| *y).collect();
            rows.dedup();
            rows.len()
        };
        let rows = self.phases.iter().map(rows).max().unwrap_or(0);
        let blocks = self.convolution.channels.div_ceil(BLOCK);
        rows * blocks * BLOCK * self.widened_row(input, result).1 * size_of::<f32>()
    }

    /// Converts a row of the input to floats with zeros around it; all zeros if the row is outside the picture.
    fn widen<E: Element>(&self, planes: &[Plane<'_, E>], y: isize, left: usize, length: usize, to: &mut Vec<f32>) {
        to.clear();
        to.resize(planes.len() * length * BLOCK, 0.0);
        let size = planes[0].size;
        if let Some(y) = usize::try_from(y).ok().filter(|y| *y < size.height) {
            for (plane, to) in planes.iter().zip(to.chunks_exact_mut(length * BLOCK)) {
                let inside = size.width * BLOCK;
                let to = &mut to[left * BLOCK..][..inside];
                self.isa.execute(Widen { from: &plane.from(y, 0)[..inside], to });
            }
        }
    }
}

/// The phase of the results at one position of the square that a transposed convolution makes of a pixel.
fn phase(convolution: &DirectConvolution, isa: InstructionSet, down: usize, across: usize) -> Phase {
    let outputs = convolution.outputs.next_multiple_of(BLOCK);
    let (rows, columns) = (convolution.taps_of_phase(0, down), convolution.taps_of_phase(1, across));
    let taps: Vec<_> =
        rows.iter().flat_map(|(ky, dy)| columns.iter().map(move |(kx, dx)| (ky, kx, *dy, *dx))).collect();
    let mut filter = Vec::with_capacity(taps.len() * convolution.channels * outputs);
    for first in (0..outputs).step_by(isa.panel_width()) {
        for (ky, kx, ..) in &taps {
            for channel in 0..convolution.channels {
                for output in first..outputs.min(first + isa.panel_width()) {
                    let tap = ((output * convolution.channels + channel) * convolution.kernel[0] + *ky)
                        * convolution.kernel[1]
                        + *kx;
                    filter.push(if output < convolution.outputs { convolution.taps[tap] } else { 0.0 });
                }
            }
        }
    }
    Phase { taps: taps.into_iter().map(|(.., dy, dx)| (dy, dx)).collect(), filter }
}
