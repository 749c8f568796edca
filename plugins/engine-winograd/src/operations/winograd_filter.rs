//! Filters of 3×3 convolutions, transformed once when a network is opened, in the order in which the matrix products
//! read them.
//!
//! Integer filters keep to a budget: the norm of all weights of a sum, times the greatest norm of the quantised pixels,
//! stays below 2^31, and so does every sum. An integer filter must never be used without that proof, which is made for
//! every filter when it is packed.

use enlarger::{Error, ErrorKind, Result};
use enlarger_compiler::ConvolutionWeights;

use crate::kernels::aligned_buffer::AlignedBuffer;
use crate::kernels::element::BLOCK;
use crate::kernels::quantised_input_transform::{HALF_BLOCK, NORM};
use crate::kernels::winograd_forms::{F4, F6, Form};

use super::arithmetic::FormKind;

/// The greatest norm that the weights of one sum may have.
const NORM_BUDGET: i64 = (i32::MAX / NORM) as i64;

/// A transformed filter, packed for matrix products.
pub(crate) enum WinogradFilter {
    Floats(AlignedBuffer<f32>),
    Integers { pairs: AlignedBuffer<i32>, scales: AlignedBuffer<f32>, group: usize },
}

impl WinogradFilter {
    /// Packs floats in panels of `width` outputs.
    pub(crate) fn floats(weights: &ConvolutionWeights, form: FormKind, width: usize) -> Result<Self> {
        let depth = weights.channels;
        let outputs = weights.outputs.next_multiple_of(BLOCK);
        let mut packed = AlignedBuffer::new(form.positions() * depth * outputs)?;
        for output in 0..weights.outputs {
            let panel = PanelPosition::of(output, outputs, width);
            for channel in 0..depth {
                transform_channel(weights, form, output, channel, |position, value| {
                    packed[(position * outputs + panel.first) * depth + channel * panel.width + panel.inside] =
                        value as f32;
                });
            }
        }
        Ok(WinogradFilter::Floats(packed))
    }

    /// Packs integers and their scales in panels of `width` outputs, for sums over groups of `group` channels.
    ///
    /// # Errors
    /// `Internal` if a sum could overflow.
    pub(crate) fn integers(weights: &ConvolutionWeights, form: FormKind, width: usize, group: usize) -> Result<Self> {
        let (positions, channels) = (form.positions(), weights.channels);
        let (depth, groups) = (pairs(channels), channels.div_ceil(group));
        let outputs = weights.outputs.next_multiple_of(BLOCK);
        let mut packed = AlignedBuffer::new(positions * depth * outputs)?;
        let mut scales = AlignedBuffer::new(positions * groups * outputs)?;
        let mut transformed = vec![0.0; positions * channels];
        for output in 0..weights.outputs {
            for channel in 0..channels {
                transform_channel(weights, form, output, channel, |position, value| {
                    transformed[position * channels + channel] = value;
                });
            }
            let panel = PanelPosition::of(output, outputs, width);
            for (position, values) in transformed.chunks_exact(channels).enumerate() {
                let first = position * outputs + panel.first;
                for (number, values) in values.chunks(group).enumerate() {
                    let scale = scale(values);
                    let to = first * groups + number * panel.width + panel.inside;
                    scales[to] = scale as f32;
                    let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
                    let mut squares = 0;
                    for (i, value) in values.iter().enumerate() {
                        let quantised = rounded(value * inverse);
                        if quantised.abs() > i64::from(i16::MAX) {
                            return Err(overflow());
                        }
                        squares += quantised * quantised;
                        let (pair, low) = place(number * group + i, channels);
                        let half = if low { quantised & 0xffff } else { quantised << 16 };
                        packed[first * depth + pair * panel.width + panel.inside] |= half as i32;
                    }
                    if squares > NORM_BUDGET * NORM_BUDGET {
                        return Err(overflow());
                    }
                }
            }
        }
        Ok(WinogradFilter::Integers { pairs: packed, scales, group })
    }
}

/// The pairs of channels that are multiplied.
pub(crate) fn pairs(channels: usize) -> usize {
    let rest = channels % (2 * BLOCK);
    channels / (2 * BLOCK) * BLOCK + rest.min(if rest > BLOCK { BLOCK } else { HALF_BLOCK })
}

/// The pair that a channel belongs to, and whether it is the low half of it. Two channels of a pair are sixteen apart, or
/// eight if their block has no partner.
fn place(channel: usize, channels: usize) -> (usize, bool) {
    let (block, blocks) = (channel / BLOCK, channels.div_ceil(BLOCK));
    if block + 1 == blocks && block.is_multiple_of(2) {
        return (block / 2 * BLOCK + channel % HALF_BLOCK, channel % BLOCK < HALF_BLOCK);
    }
    (block / 2 * BLOCK + channel % BLOCK, block.is_multiple_of(2))
}

/// The least scale at which integers for these values keep to the budget after rounding, which adds at most half the
/// root of their number.
fn scale(values: &[f64]) -> f64 {
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let room = NORM_BUDGET as f64 - (values.len() as f64).sqrt();
    (squares.sqrt() / room).max(largest / f64::from(i16::MAX))
}

/// The nearest integer. Adding a number so large that no bits remain for fractions is several times faster than
/// `round`, which is a function call unless the target is known to have the instruction.
fn rounded(value: f64) -> i64 {
    const ROUNDING: f64 = 6_755_399_441_055_744.0;
    (value + ROUNDING - ROUNDING) as i64
}

fn overflow() -> Error {
    Error::new(
        ErrorKind::Internal,
        "an integer filter of this network could overflow; choose the precision exact, and please report this",
    )
}

/// Where an output lies in its panel.
struct PanelPosition {
    /// The panel's first output and its number of outputs.
    first: usize,
    width: usize,
    inside: usize,
}

impl PanelPosition {
    fn of(output: usize, outputs: usize, width: usize) -> Self {
        let first = output / width * width;
        PanelPosition { first, width: width.min(outputs - first), inside: output - first }
    }
}

/// Calls `give` with each position and the transformed filter's value there, for one channel of one output.
fn transform_channel(
    weights: &ConvolutionWeights,
    form: FormKind,
    output: usize,
    channel: usize,
    give: impl FnMut(usize, f64),
) {
    let taps = &weights.taps[(output * weights.channels + channel) * 9..][..9];
    match form {
        FormKind::F4 => transform(&<F4 as Form<6, 4>>::FILTER, taps, give),
        FormKind::F6 => transform(&<F6 as Form<8, 6>>::FILTER, taps, give),
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
