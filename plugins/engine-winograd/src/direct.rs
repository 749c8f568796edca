//! Convolutions that are not of 3×3 taps one by one: 1×1, strided, transposed.
//!
//! A transposed convolution is several plain ones, each of which makes every second pixel, or third, of the result. They
//! are rare and small; so one kernel in floats does them all. It must never be given the 3×3 ones, which would be slow.

use std::ops::Range;

use crate::kernels::direct::{PIXELS, Row};
use crate::kernels::isa::Isa;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::{BLOCK, Element};
use crate::kernels::widen::Widen;
use crate::rows::Row as Made;

/// A convolution as a network asks for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Direct {
    pub(crate) outputs: usize,
    pub(crate) channels: usize,
    /// For each output, for each channel, the taps: row by row.
    pub(crate) taps: Vec<f32>,
    /// Rows and columns of taps.
    pub(crate) kernel: [usize; 2],
    pub(crate) bias: Vec<f32>,
    pub(crate) slopes: Vec<f32>,
    pub(crate) stride: [usize; 2],
    pub(crate) padding: [usize; 4],
    pub(crate) transposed: bool,
}

impl Direct {
    /// The size of its result, if the input is large enough.
    pub(crate) fn size(&self, input: Size) -> Option<Size> {
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

    /// The taps that a result's pixel at this phase of an axis reads, and how far from its own pixel of the input.
    pub(crate) fn reach(&self, axis: usize, phase: usize) -> Vec<(usize, isize)> {
        let (kernel, stride, before) = (self.kernel[axis], self.stride[axis], self.padding[axis]);
        if !self.transposed {
            return (0..kernel).map(|tap| (tap, tap as isize - before as isize)).collect();
        }
        let reached = phase + before;
        let taps = (reached % stride..kernel).step_by(stride);
        taps.map(|tap| (tap, (reached as isize - tap as isize) / stride as isize)).collect()
    }
}

/// A part of the work that reads the same taps: every pixel of the result, or of a transposed one every so many-th.
struct Phase {
    /// Taps: rows and columns from a pixel of the input.
    taps: Vec<(isize, isize)>,
    filter: Vec<f32>,
}

/// A convolution, ready to run.
pub(crate) struct PreparedDirect {
    isa: Isa,
    layer: Direct,
    /// Row by row.
    phases: Vec<Phase>,
    bias: Vec<f32>,
    slopes: Vec<f32>,
}

impl PreparedDirect {
    pub(crate) fn new(layer: &Direct, isa: Isa) -> Self {
        let outputs = layer.outputs.next_multiple_of(BLOCK);
        let padded = |values: &[f32], filler| {
            let mut values = values.to_vec();
            values.resize(outputs, filler);
            values
        };
        let [down, across] = if layer.transposed { layer.stride } else { [1, 1] };
        let phases = (0..down * across).map(|i| phase(layer, isa, i / across, i % across)).collect();
        let (bias, slopes) = (padded(&layer.bias, 0.0), padded(&layer.slopes, 1.0));
        PreparedDirect { isa, layer: layer.clone(), phases, bias, slopes }
    }

    /// Makes rows of the result, which has this size, of the planes of an input.
    pub(crate) fn run<E: Element>(
        &self,
        planes: &[Plane<'_, E>],
        size: Size,
        rows: Range<usize>,
        made: &mut [Made<E>],
    ) {
        let input = planes[0].size;
        // Pixels of the input from one result to the next, and results between two that read the same taps.
        let (stride, step) =
            if self.layer.transposed { ([1, 1], self.layer.stride) } else { (self.layer.stride, [1, 1]) };
        let left = self.phases.iter().flat_map(|phase| &phase.taps).map(|(_, x)| -x).max().unwrap_or(0).max(0) as usize;
        let right =
            self.phases.iter().flat_map(|phase| &phase.taps).map(|(_, x)| *x).max().unwrap_or(0).max(0) as usize;
        let most = size.width.div_ceil(step[1]).next_multiple_of(PIXELS) * stride[1];
        let length = left + right + most.max(input.width);
        let mut inputs = Vec::new();
        for (y, row) in rows.zip(made) {
            for across in 0..step[1].min(size.width) {
                let phase = &self.phases[y % step[0] * step[1] + across];
                let mut reached: Vec<isize> = phase.taps.iter().map(|(dy, _)| *dy).collect();
                reached.dedup();
                inputs.resize_with(reached.len(), Vec::new);
                for (to, dy) in inputs.iter_mut().zip(&reached) {
                    self.widen(planes, (y / step[0] * stride[0]) as isize + dy, left, length, to);
                }
                let row_of = |dy: &isize| reached.iter().position(|reached| reached == dy).unwrap_or(0);
                let taps: Vec<&[f32]> = phase.taps.iter().map(|(dy, _)| inputs[row_of(dy)].as_slice()).collect();
                let starts: Vec<usize> = phase.taps.iter().map(|(_, dx)| (left as isize + dx) as usize).collect();
                self.isa.run(Row {
                    inputs: &taps,
                    starts: &starts,
                    length,
                    channels: self.layer.channels,
                    stride: stride[1],
                    filter: &phase.filter,
                    bias: &self.bias,
                    slopes: &self.slopes,
                    to: row,
                    pitch: size.pitch(),
                    first: across,
                    step: step[1],
                    count: (size.width - across).div_ceil(step[1]),
                });
            }
        }
    }

    /// A row of the input as floats, with zeros around it; all zero where it is outside.
    fn widen<E: Element>(&self, planes: &[Plane<'_, E>], y: isize, left: usize, length: usize, to: &mut Vec<f32>) {
        to.clear();
        to.resize(planes.len() * length * BLOCK, 0.0);
        let size = planes[0].size;
        if let Some(y) = usize::try_from(y).ok().filter(|y| *y < size.height) {
            for (plane, to) in planes.iter().zip(to.chunks_exact_mut(length * BLOCK)) {
                let inside = size.width * BLOCK;
                let to = &mut to[left * BLOCK..][..inside];
                self.isa.run(Widen { from: &plane.from(y, 0)[..inside], to });
            }
        }
    }
}

/// The work of the results at one place of the square that a transposed convolution makes of a pixel.
fn phase(layer: &Direct, isa: Isa, down: usize, across: usize) -> Phase {
    let outputs = layer.outputs.next_multiple_of(BLOCK);
    let (rows, columns) = (layer.reach(0, down), layer.reach(1, across));
    let taps: Vec<_> =
        rows.iter().flat_map(|(ky, dy)| columns.iter().map(move |(kx, dx)| (ky, kx, *dy, *dx))).collect();
    let mut filter = Vec::with_capacity(taps.len() * layer.channels * outputs);
    for first in (0..outputs).step_by(isa.width()) {
        for (ky, kx, ..) in &taps {
            for channel in 0..layer.channels {
                for output in first..outputs.min(first + isa.width()) {
                    let tap = ((output * layer.channels + channel) * layer.kernel[0] + *ky) * layer.kernel[1] + *kx;
                    filter.push(if output < layer.outputs { layer.taps[tap] } else { 0.0 });
                }
            }
        }
    }
    Phase { taps: taps.into_iter().map(|(.., dy, dx)| (dy, dx)).collect(), filter }
}
