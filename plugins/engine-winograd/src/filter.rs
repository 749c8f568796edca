//! Filters of 3×3 taps, transformed once when a network is opened and packed in the order in which products read them.
//!
//! The fast kind is 16-bit integers with a budget: the norm of all weights of a sum, times the greatest norm of quantised
//! pixels, stays below 2^31, and so does every sum. It must never be used without that proof, which is made for every
//! filter when it is packed.

use enlarger::{Error, ErrorKind, Result};

use crate::kernels::aligned::Aligned;
use crate::kernels::form::{F4, F6, Form};
use crate::kernels::quantise::NORM;
use crate::kernels::simd::BLOCK;

/// The greatest norm of the weights of one sum.
const BUDGET: i64 = (i32::MAX / NORM) as i64;

/// The weights of a convolution: for each output, for each channel, nine taps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weights {
    pub(crate) outputs: usize,
    pub(crate) channels: usize,
    pub(crate) taps: Vec<f32>,
}

/// Which form of Winograd's a convolution takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    F4,
    F6,
}

impl Kind {
    /// The side of a tile of results.
    pub(crate) fn side(self) -> usize {
        match self {
            Kind::F4 => 4,
            Kind::F6 => 6,
        }
    }

    /// Positions of a transformed tile.
    pub(crate) fn positions(self) -> usize {
        (self.side() + 2).pow(2)
    }
}

/// What a convolution multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operands {
    Floats,
    /// 16-bit integers, summed over groups of so many channels.
    Integers {
        group: usize,
    },
}

/// A filter, ready for products.
pub(crate) enum Filter {
    Floats(Aligned<f32>),
    Integers { pairs: Aligned<i32>, scales: Aligned<f32>, group: usize },
}

impl Filter {
    /// Floats, in parts of `width` outputs.
    pub(crate) fn floats(weights: &Weights, kind: Kind, width: usize) -> Result<Self> {
        let depth = weights.channels;
        let outputs = weights.outputs.next_multiple_of(BLOCK);
        let mut packed = Aligned::new(kind.positions() * depth * outputs)?;
        for output in 0..weights.outputs {
            let place = Place::of(output, outputs, width);
            for channel in 0..depth {
                weights.transform(kind, output, channel, |position, value| {
                    packed[(position * outputs + place.first) * depth + channel * place.width + place.inside] =
                        value as f32;
                });
            }
        }
        Ok(Filter::Floats(packed))
    }

    /// Integers and their scales, in parts of `width` outputs, summed over groups of so many channels.
    ///
    /// # Errors
    /// `Internal` if a sum could overflow.
    pub(crate) fn integers(weights: &Weights, kind: Kind, width: usize, group: usize) -> Result<Self> {
        let (positions, channels) = (kind.positions(), weights.channels);
        let (depth, groups) = (pairs(channels), channels.div_ceil(group));
        let outputs = weights.outputs.next_multiple_of(BLOCK);
        let mut packed = Aligned::new(positions * depth * outputs)?;
        let mut scales = Aligned::new(positions * groups * outputs)?;
        let mut transformed = vec![0.0; positions * channels];
        for output in 0..weights.outputs {
            for channel in 0..channels {
                weights.transform(kind, output, channel, |position, value| {
                    transformed[position * channels + channel] = value;
                });
            }
            let place = Place::of(output, outputs, width);
            for (position, values) in transformed.chunks_exact(channels).enumerate() {
                let first = position * outputs + place.first;
                for (number, values) in values.chunks(group).enumerate() {
                    let scale = scale(values);
                    let to = first * groups + number * place.width + place.inside;
                    scales[to] = scale as f32;
                    let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
                    let mut squares = 0;
                    for (i, value) in values.iter().enumerate() {
                        let quantised = rounded(value * inverse);
                        if quantised.abs() > i64::from(i16::MAX) {
                            return Err(overflow());
                        }
                        squares += quantised * quantised;
                        // Two channels, sixteen apart, share a pair.
                        let channel = number * group + i;
                        let pair = channel / (2 * BLOCK) * BLOCK + channel % BLOCK;
                        let half =
                            if (channel / BLOCK).is_multiple_of(2) { quantised & 0xffff } else { quantised << 16 };
                        packed[first * depth + pair * place.width + place.inside] |= half as i32;
                    }
                    if squares > BUDGET * BUDGET {
                        return Err(overflow());
                    }
                }
            }
        }
        Ok(Filter::Integers { pairs: packed, scales, group })
    }
}

/// Pairs of channels that are multiplied.
pub(crate) fn pairs(channels: usize) -> usize {
    channels / (2 * BLOCK) * BLOCK + (channels % (2 * BLOCK)).min(BLOCK)
}

/// The least scale at which integers for these values keep to the budget after rounding, which adds half the root of
/// their number at most.
fn scale(values: &[f64]) -> f64 {
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let room = BUDGET as f64 - (values.len() as f64).sqrt();
    (squares.sqrt() / room).max(largest / f64::from(i16::MAX))
}

/// The nearest integer. Adding a number that leaves no room for fractions is several times faster than `round`, which is
/// a call on processors that are not known to have the instruction.
fn rounded(value: f64) -> i64 {
    const ROUNDING: f64 = 6_755_399_441_055_744.0;
    (value + ROUNDING - ROUNDING) as i64
}

fn overflow() -> Error {
    Error::new(
        ErrorKind::Internal,
        "a quantised filter could overflow; take the precision exact, and please report this",
    )
}

/// Where an output lies in its part.
struct Place {
    /// The part's first output and its number of outputs.
    first: usize,
    width: usize,
    inside: usize,
}

impl Place {
    fn of(output: usize, outputs: usize, width: usize) -> Self {
        let first = output / width * width;
        Place { first, width: width.min(outputs - first), inside: output - first }
    }
}

impl Weights {
    /// Gives each position's value of the transformed filter from `channel` to `output`.
    fn transform(&self, kind: Kind, output: usize, channel: usize, give: impl FnMut(usize, f64)) {
        let taps = &self.taps[(output * self.channels + channel) * 9..][..9];
        match kind {
            Kind::F4 => transform(&<F4 as Form<6, 4>>::FILTER, taps, give),
            Kind::F6 => transform(&<F6 as Form<8, 6>>::FILTER, taps, give),
        }
    }
}

fn transform<const N: usize>(filter: &[[f64; 3]; N], taps: &[f32], mut give: impl FnMut(usize, f64)) {
    let dot = |a: &[f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let mut down = [[0.0; 3]; N];
    for (x, column) in (0..3).map(|x| (x, [0, 3, 6].map(|y| f64::from(taps[y + x])))) {
        for (row, points) in down.iter_mut().zip(filter) {
            row[x] = dot(points, column);
        }
    }
    for (y, row) in down.into_iter().enumerate() {
        for (x, points) in filter.iter().enumerate() {
            give(y * N + x, dot(points, row));
        }
    }
}
