//! Functions of each sample, and of two samples at the same place, for one block of channels of a row.
//!
//! The result of a channel depends on that channel only, so that channels beyond the last one can be cleared afterwards.
//! A row must never be read beyond its shorter operand.

use super::element::{BLOCK, Element};
use super::sigmoid::{denominators, sigmoid};
use super::simd::{Kernel, Simd};

/// What is computed of a sample, `x`, and a second one, `y`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Function<'a> {
    /// `x` times a factor, plus a summand, for each channel.
    Affine {
        factors: &'a [f32; BLOCK],
        summands: &'a [f32; BLOCK],
    },
    /// `x`, multiplied by a slope for each channel where it is negative.
    Leaky {
        slopes: &'a [f32; BLOCK],
    },
    Clip {
        least: f32,
        greatest: f32,
    },
    Sigmoid,
    Tanh,
    SquareRoot,
    /// The sum of both, each times a factor.
    Sum {
        factors: [f32; 2],
    },
    Product,
    /// `(x + y) * (sigmoid(x) + offset)`.
    Gate {
        offset: f32,
    },
}

/// The second operand.
#[derive(Clone, Copy)]
pub(crate) enum Second<'a, E> {
    /// Zero everywhere; for functions that have no second operand.
    None,
    Pixels(&'a [E]),
    /// The same pixel everywhere.
    Same(&'a [E; BLOCK]),
}

/// Applies a function to the pixels of a block of channels.
pub(crate) struct Pointwise<'a, E> {
    pub(crate) function: Function<'a>,
    pub(crate) first: &'a [E],
    pub(crate) second: Second<'a, E>,
    pub(crate) to: &'a mut [E],
}

impl<E: Element> Kernel for Pointwise<'_, E> {
    type Output = ();

    #[inline(always)]
    fn execute<S: Simd>(self, simd: S) {
        let length = self.to.len();
        assert!(self.first.len() == length && length.is_multiple_of(BLOCK));
        if let Second::Pixels(second) = self.second {
            assert_eq!(second.len(), length);
        }
        for lane in (0..BLOCK).step_by(S::LANES) {
            // SAFETY: the lanes divide a block.
            let of_lane = |values: &[f32; BLOCK]| unsafe { simd.load(values.as_ptr().add(lane)) };
            let (a, b) = match self.function {
                Function::Affine { factors, summands } => (of_lane(factors), of_lane(summands)),
                Function::Leaky { slopes: slope } => (of_lane(slope), of_lane(slope)),
                Function::Clip { least, greatest } => (simd.splat(least), simd.splat(greatest)),
                Function::Sum { factors: [first, second] } => (simd.splat(first), simd.splat(second)),
                Function::Gate { offset } => (simd.splat(offset), simd.splat(offset)),
                Function::Sigmoid | Function::Tanh | Function::SquareRoot | Function::Product => {
                    (simd.splat(0.0), simd.splat(0.0))
                }
            };
            let same = match self.second {
                // SAFETY: the lanes divide a block.
                Second::Same(pixel) => unsafe { E::load(simd, pixel.as_ptr().add(lane)) },
                Second::None | Second::Pixels(_) => simd.splat(0.0),
            };
            for i in (lane..length).step_by(BLOCK) {
                // SAFETY: the lengths were checked, and whole vectors fit into a block.
                unsafe {
                    let x = E::load(simd, self.first.as_ptr().add(i));
                    let y = match self.second {
                        Second::Pixels(second) => E::load(simd, second.as_ptr().add(i)),
                        Second::None | Second::Same(_) => same,
                    };
                    let result = match self.function {
                        Function::Affine { .. } => simd.mul_add(x, a, b),
                        Function::Leaky { .. } => simd.leaky(x, a),
                        Function::Clip { .. } => simd.at_most(b, simd.at_least(a, x)),
                        Function::Sigmoid => sigmoid(simd, x),
                        Function::Tanh => tanh(simd, x),
                        Function::SquareRoot => simd.sqrt(x),
                        Function::Sum { .. } => simd.mul_add(x, a, simd.mul(y, b)),
                        Function::Product => simd.mul(x, y),
                        Function::Gate { .. } => {
                            let sum = simd.add(x, y);
                            simd.mul_add(sum, a, simd.div(sum, denominators(simd, [x])[0]))
                        }
                    };
                    E::store(simd, self.to.as_mut_ptr().add(i), result);
                }
            }
        }
    }
}

#[inline(always)]
fn tanh<S: Simd>(simd: S, value: S::F) -> S::F {
    let two = simd.splat(2.0);
    simd.mul_add(two, sigmoid(simd, simd.mul(two, value)), simd.splat(-1.0))
}
