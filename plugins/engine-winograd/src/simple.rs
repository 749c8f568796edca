//! Steps that are no convolutions, in plain code.
//!
//! They are few and cheap: what counts is that they are right. Most are copies; the others convert a row to floats and
//! back. Channels beyond the last of a block must stay zero, because others read whole blocks.

use enlarger::{Error, ErrorKind, Result};

use crate::convolution::Stored;
use crate::kernels::isa::Isa;
use crate::kernels::plane::Size;
use crate::kernels::simd::BLOCK;
use crate::kernels::widen::Widen;
use crate::pictures::{Picture, Pictures};
use crate::plan::{Map, Op, Shuffle, Step};
use crate::threads::Threads;

/// Makes the result of a step.
///
/// # Errors
/// `Internal` for a step that is not one of these.
pub(crate) fn run<E: Stored>(
    threads: &Threads,
    isa: Isa,
    step: &Step,
    pictures: &Pictures<E>,
    made: &mut Picture<E>,
) -> Result<()> {
    let inputs = step.inputs.iter().map(|value| pictures.get(*value)).collect::<Result<Vec<_>>>()?;
    let first = inputs[0];
    let channels = made.channels;
    match &step.op {
        Op::Upsample(factor) => copies(threads, made, |y, x, block| *block_of(first, y / factor, x / factor, block)),
        Op::Mirror([top, left, ..]) => copies(threads, made, |y, x, block| {
            let (y, x) = (mirrored(y, *top, first.size.height), mirrored(x, *left, first.size.width));
            *block_of(first, y, x, block)
        }),
        Op::Crop([top, left, ..]) => copies(threads, made, |y, x, block| *block_of(first, y + top, x + left, block)),
        Op::Shuffle(shuffle) => {
            let Shuffle { factor, .. } = *shuffle;
            let from = |channel, y, x| (first, shuffle.from(channels, channel, y % factor, x % factor));
            copies(threads, made, |y, x, block| picked(channels, y / factor, x / factor, block, |c| from(c, y, x)))
        }
        Op::Gather(list) => copies(threads, made, |y, x, block| {
            picked(channels, y, x, block, |channel| (inputs[list[channel].0], list[channel].1))
        }),
        Op::Map(map) => rows(threads, isa, first, made, |_, block, row| {
            for (i, value) in row.iter_mut().enumerate() {
                let channel = block * BLOCK + i % BLOCK;
                *value = if channel < channels { map.of(channel, *value) } else { 0.0 };
            }
        }),
        Op::Add | Op::Multiply => {
            let (second, add) = (inputs[1], matches!(step.op, Op::Add));
            let single = second.size != first.size;
            rows(threads, isa, first, made, |y, block, row| {
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
            })
        }
        Op::Mean => mean(isa, first, made),
        Op::Convolution { .. } | Op::Direct(_) => {
            Err(Error::new(ErrorKind::Internal, "a convolution without its weights; please report this"))
        }
    }
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

fn block_of<E: Stored>(picture: &Picture<E>, y: usize, x: usize, block: usize) -> &[E; BLOCK] {
    let pixel = picture.plane(block).pixel(y, x);
    pixel.first_chunk().unwrap_or_else(|| unreachable!("a pixel of a plane is a block"))
}

/// The row or column of the input for one of a picture with `before` mirrored ones.
fn mirrored(i: usize, before: usize, length: usize) -> usize {
    let distance = i.abs_diff(before);
    if i < before || distance < length { distance } else { 2 * (length - 1) - distance }
}

/// A block of channels, each from where `from` says.
fn picked<'a, E: Stored>(
    channels: usize,
    y: usize,
    x: usize,
    block: usize,
    from: impl Fn(usize) -> (&'a Picture<E>, usize),
) -> [E; BLOCK] {
    let mut values = [E::default(); BLOCK];
    for (channel, value) in (block * BLOCK..channels).zip(&mut values) {
        let (picture, source) = from(channel);
        *value = block_of(picture, y, x, source / BLOCK)[source % BLOCK];
    }
    values
}

/// Fills a picture block by block.
fn copies<E: Stored>(
    threads: &Threads,
    made: &mut Picture<E>,
    block: impl Fn(usize, usize, usize) -> [E; BLOCK] + Sync,
) -> Result<()> {
    let (size, row) = (made.size, made.row());
    threads.strips(&mut made.data, row, 1, |top, rows| {
        for (y, row) in (top..).zip(rows.chunks_exact_mut(row)) {
            for (i, part) in row.chunks_exact_mut(size.pitch() * BLOCK).enumerate() {
                for (x, to) in part.chunks_exact_mut(BLOCK).enumerate().take(size.width) {
                    to.copy_from_slice(&block(y, x, i));
                }
            }
        }
        Ok(())
    })
}

/// Fills a picture with rows of another one that `change` has changed, as floats. It is told the row and the block.
fn rows<E: Stored>(
    threads: &Threads,
    isa: Isa,
    from: &Picture<E>,
    made: &mut Picture<E>,
    change: impl Fn(usize, usize, &mut [f32]) + Sync,
) -> Result<()> {
    let (size, row) = (made.size, made.row());
    threads.strips(&mut made.data, row, 1, |top, rows| {
        let mut values = vec![0.0; size.width * BLOCK];
        for (y, row) in (top..).zip(rows.chunks_exact_mut(row)) {
            for (block, part) in row.chunks_exact_mut(size.pitch() * BLOCK).enumerate() {
                isa.run(Widen { from: &from.plane(block).from(y, 0)[..values.len()], to: &mut values });
                change(y, block, &mut values);
                for (to, value) in part.iter_mut().zip(&values) {
                    *to = E::from_f32(*value);
                }
            }
        }
        Ok(())
    })
}

fn mean<E: Stored>(isa: Isa, from: &Picture<E>, made: &mut Picture<E>) -> Result<()> {
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
        for (to, sum) in made.data[block * made.size.pitch() * BLOCK..].iter_mut().zip(sums) {
            *to = E::from_f32((sum / pixels) as f32);
        }
    }
    Ok(())
}
