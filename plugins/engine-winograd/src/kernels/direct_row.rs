//! One row of a convolution, computed tap by tap.
//!
//! The rows of the input are floats with zeros around them, so that no tap needs a bounds check. The sums of six pixels
//! at a time stay in registers. Input rows must never be shorter than the taps reach.

use super::element::{BLOCK, Element};
use super::simd::{Kernel, Simd};

/// The pixels computed at once. Input rows must extend this far beyond the last pixel.
pub(crate) const PIXELS: usize = 6;

/// A row of results, or every second or third pixel of one.
pub(crate) struct DirectRow<'a, E> {
    /// For each tap, its row of the input: block after block, pixel after pixel.
    pub(crate) inputs: &'a [&'a [f32]],
    /// For each tap, the first pixel that it reads.
    pub(crate) starts: &'a [usize],
    /// The pixels of a block of an input row.
    pub(crate) length: usize,
    pub(crate) channels: usize,
    /// Pixels of the input from one result to the next.
    pub(crate) stride: usize,
    /// For each panel of outputs, tap after tap and channel after channel, the weights of that panel.
    pub(crate) filter: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) slopes: &'a [f32],
    /// The row of results: block after block, pixel after pixel.
    pub(crate) to: &'a mut [E],
    /// The pixels of a block of `to`.
    pub(crate) pitch: usize,
    /// The first pixel to compute, the distance to the next one, and how many.
    pub(crate) first: usize,
    pub(crate) result_stride: usize,
    pub(crate) count: usize,
}

impl<E: Element> Kernel for DirectRow<'_, E> {
    type Output = ();

    #[inline(always)]
    fn execute<S: Simd>(mut self, simd: S) {
        let (outputs, blocks) = (self.bias.len(), self.channels.div_ceil(BLOCK));
        let reach = (self.count.next_multiple_of(PIXELS) - 1) * self.stride;
        assert!(self.count > 0 && self.inputs.len() == self.starts.len() && outputs.is_multiple_of(BLOCK));
        assert!(self.inputs.iter().all(|row| row.len() >= blocks * self.length * BLOCK));
        assert!(self.starts.iter().all(|start| start + reach < self.length));
        assert!(self.filter.len() >= self.inputs.len() * self.channels * outputs && self.slopes.len() == outputs);
        assert!(
            self.first + (self.count - 1) * self.result_stride < self.pitch && self.to.len() >= outputs * self.pitch
        );
        let width = S::LANES * S::VECTORS;
        for first in (0..outputs).step_by(width) {
            for pixel in (0..self.count).step_by(PIXELS) {
                match (outputs - first).min(width) / S::LANES {
                    4 => self.pixels::<S, 4>(simd, first, pixel),
                    3 => self.pixels::<S, 3>(simd, first, pixel),
                    2 => self.pixels::<S, 2>(simd, first, pixel),
                    _ => self.pixels::<S, 1>(simd, first, pixel),
                }
            }
        }
    }
}

impl<E: Element> DirectRow<'_, E> {
    /// Computes `V` vectors of outputs, from `first` on, for the pixels from `pixel` on.
    #[inline(always)]
    fn pixels<S: Simd, const V: usize>(&mut self, simd: S, first: usize, pixel: usize) {
        let mut sums = [[simd.splat(0.0); V]; PIXELS];
        let taps = self.inputs.len();
        let mut filter = self.filter[first * taps * self.channels..].as_ptr();
        for (row, start) in self.inputs.iter().zip(self.starts) {
            let start = start + pixel * self.stride;
            for channel in 0..self.channels {
                // SAFETY: `execute` has checked the sizes: every tap of every pixel up to the next multiple of PIXELS
                // is inside its row, and there are weights for every tap, channel and output.
                unsafe {
                    let from = row.as_ptr().add((channel / BLOCK * self.length + start) * BLOCK + channel % BLOCK);
                    let mut weights = [simd.splat(0.0); V];
                    for (i, weights) in weights.iter_mut().enumerate() {
                        *weights = simd.load(filter.add(i * S::LANES));
                    }
                    filter = filter.add(V * S::LANES);
                    for (i, sums) in sums.iter_mut().enumerate() {
                        let value = simd.splat(*from.add(i * self.stride * BLOCK));
                        for (sum, weights) in sums.iter_mut().zip(weights) {
                            *sum = simd.mul_add(value, weights, *sum);
                        }
                    }
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate().take(self.count - pixel) {
            for (vector, sum) in sums.into_iter().enumerate() {
                let channel = first + vector * S::LANES;
                let x = self.first + (pixel + i) * self.result_stride;
                let to = (channel / BLOCK * self.pitch + x) * BLOCK + channel % BLOCK;
                // SAFETY: as above; the last pixel computed is inside each block of the row.
                unsafe {
                    let value = simd.add(sum, simd.load(self.bias.as_ptr().add(channel)));
                    let value = simd.leaky(value, simd.load(self.slopes.as_ptr().add(channel)));
                    E::store(simd, self.to.as_mut_ptr().add(to), value);
                }
            }
        }
    }
}
