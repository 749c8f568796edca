//! Steps that are no convolutions, in plain code.
//!
//! They are few and cheap: what counts is that they are right. Most are copies; the others convert a row to floats and
//! back. Channels beyond the last of a block must stay zero, because others read whole blocks.

use std::ops::Range;

use enlarger::{Error, ErrorKind, Result};

use crate::kernels::isa::Isa;
use crate::kernels::plane::Size;
use crate::kernels::simd::{BLOCK, Element};
use crate::kernels::widen::Widen;
use crate::plan::{Map, Op, Shuffle, Step};
use crate::reach::mirrored;
use crate::rows::{Row, View};

/// Rows of a step's result that are to be made.
pub(crate) struct Strip<'a, E> {
    /// The whole result's size.
    pub(crate) size: Size,
    pub(crate) channels: usize,
    /// Which rows, and their memory.
    pub(crate) lines: Range<usize>,
    pub(crate) rows: &'a mut [Row<E>],
}

/// Makes rows of a step's result.
///
/// # Errors
/// `Internal` for a step that is not one of these.
pub(crate) fn run<E: Element>(isa: Isa, step: &Step, inputs: &[View<'_, E>], strip: Strip<'_, E>) -> Result<()> {
    let (first, channels) = (&inputs[0], strip.channels);
    match &step.op {
        Op::Upsample(factor) => copies(strip, |y, x, block| *block_of(first, y / factor, x / factor, block)),
        Op::Mirror([top, left, ..]) => copies(strip, |y, x, block| {
            let (y, x) = (mirrored(y, *top, first.size.height), mirrored(x, *left, first.size.width));
            *block_of(first, y, x, block)
        }),
        Op::Crop([top, left, ..]) => copies(strip, |y, x, block| *block_of(first, y + top, x + left, block)),
        Op::Shuffle(shuffle) => {
            let Shuffle { factor, .. } = *shuffle;
            let from = |channel, y, x| (first, shuffle.from(channels, channel, y % factor, x % factor));
            copies(strip, |y, x, block| picked(channels, y / factor, x / factor, block, |c| from(c, y, x)));
        }
        Op::Gather(list) => copies(strip, |y, x, block| {
            picked(channels, y, x, block, |channel| (&inputs[list[channel].0], list[channel].1))
        }),
        Op::Map(map) => changed(isa, first, strip, |_, block, row| {
            for (i, value) in row.iter_mut().enumerate() {
                let channel = block * BLOCK + i % BLOCK;
                *value = if channel < channels { map.of(channel, *value) } else { 0.0 };
            }
        }),
        Op::Add | Op::Multiply => {
            let (second, add) = (&inputs[1], matches!(step.op, Op::Add));
            let single = second.size != first.size;
            changed(isa, first, strip, |y, block, row| {
                for (i, value) in row.iter_mut().enumerate() {
                    let (channel, x) = (block * BLOCK + i % BLOCK, i / BLOCK);
                    let (y, x) = if single { (0, 0) } else { (y, x) };
                    let other = if second.channels == 1 { 0 } else { channel };
                    let other = block_of(second, y, x, other / BLOCK)[other % BLOCK].to_f32();
                    *value = match channel < channels {
                        true if add => *value + other,
                        true => *value * other,
                        false => 0.0,
                    };
                }
            });
        }
        Op::Mean => mean(isa, first, strip),
        Op::Convolution { .. } | Op::Direct(_) => {
            return Err(Error::new(ErrorKind::Internal, "a convolution without its weights; please report this"));
        }
    }
    Ok(())
}

impl Map {
    fn of(&self, channel: usize, value: f32) -> f32 {
        match self {
            Map::Affine(list) => value * list[channel].0 + list[channel].1,
            Map::Leaky(slopes) => {
                if value < 0.0 {
                    value * slopes[channel]
                } else {
                    value
                }
            }
            // Not `clamp`, which panics where the bounds are not in order.
            Map::Clip(least, greatest) => value.max(*least).min(*greatest),
            Map::Sigmoid => 1.0 / (1.0 + (-value).exp()),
        }
    }
}

fn block_of<'a, E: Element>(view: &'a View<'_, E>, y: usize, x: usize, block: usize) -> &'a [E; BLOCK] {
    view.pixel(y, x, block)
}

/// A block of channels, each from where `from` says.
fn picked<'a, E: Element>(
    channels: usize,
    y: usize,
    x: usize,
    block: usize,
    from: impl Fn(usize) -> (&'a View<'a, E>, usize),
) -> [E; BLOCK] {
    let mut values = [E::default(); BLOCK];
    for (channel, value) in (block * BLOCK..channels).zip(&mut values) {
        let (view, source) = from(channel);
        *value = block_of(view, y, x, source / BLOCK)[source % BLOCK];
    }
    values
}

/// Fills rows block by block.
fn copies<E: Element>(strip: Strip<'_, E>, block: impl Fn(usize, usize, usize) -> [E; BLOCK]) {
    let size = strip.size;
    for (y, row) in strip.lines.zip(strip.rows) {
        for (i, part) in row.chunks_exact_mut(size.pitch() * BLOCK).enumerate() {
            for (x, to) in part.chunks_exact_mut(BLOCK).enumerate().take(size.width) {
                to.copy_from_slice(&block(y, x, i));
            }
        }
    }
}

/// Fills rows with those of another value that `change` has changed, as floats. It is told the row and the block.
fn changed<E: Element>(isa: Isa, from: &View<'_, E>, strip: Strip<'_, E>, change: impl Fn(usize, usize, &mut [f32])) {
    let mut values = vec![0.0; strip.size.width * BLOCK];
    for (y, row) in strip.lines.zip(strip.rows) {
        for (block, part) in row.chunks_exact_mut(strip.size.pitch() * BLOCK).enumerate() {
            isa.run(Widen { from: &from.plane(block).from(y, 0)[..values.len()], to: &mut values });
            change(y, block, &mut values);
            for (to, value) in part.iter_mut().zip(&values) {
                *to = E::from_f32(*value);
            }
        }
    }
}

fn mean<E: Element>(isa: Isa, from: &View<'_, E>, strip: Strip<'_, E>) {
    let Size { height, width } = from.size;
    let mut values = vec![0.0; width * BLOCK];
    for block in 0..from.blocks() {
        let mut sums = [0.0f64; BLOCK];
        for y in 0..height {
            isa.run(Widen { from: &from.plane(block).from(y, 0)[..values.len()], to: &mut values });
            let mut line = [0.0f32; BLOCK];
            for pixel in values.chunks_exact(BLOCK) {
                line.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += f64::from(value));
        }
        let pixels = (height * width) as f64;
        let to = strip.rows[0][block * strip.size.pitch() * BLOCK..].iter_mut();
        for (to, sum) in to.zip(sums) {
            *to = E::from_f32((sum / pixels) as f32);
        }
    }
}
