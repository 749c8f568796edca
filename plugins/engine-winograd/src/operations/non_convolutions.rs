//! All operations that are not convolutions, in plain Rust: copies, elementwise arithmetic, the mean.
//!
//! They are few and cheap, so correctness counts more than speed. Most copy blocks; the others convert a row to floats
//! and back. Channels beyond the last one must stay zero, because other operations read whole blocks.

use std::ops::Range;

use enlarger::{Error, ErrorKind, Result};

use crate::compiled_graph::{Map, Operation, OperationKind, Shuffle, mirrored};
use crate::kernels::element::{BLOCK, Element};
use crate::kernels::plane::Size;
use crate::kernels::simd::InstructionSet;
use crate::kernels::widen::Widen;

use super::activation_rows::{ActivationRow, RowsView};

/// Rows of an operation's result that are to be computed.
pub(crate) struct RowsToCompute<'a, E> {
    /// The size of the whole result.
    pub(crate) size: Size,
    pub(crate) channels: usize,
    /// Which rows, and their memory.
    pub(crate) rows: Range<usize>,
    pub(crate) to: &'a mut [ActivationRow<E>],
}

/// Computes rows of an operation's result.
///
/// # Errors
/// `Internal` if the operation is a convolution.
pub(crate) fn execute<E: Element>(
    isa: InstructionSet,
    operation: &Operation,
    inputs: &[RowsView<'_, E>],
    to: RowsToCompute<'_, E>,
) -> Result<()> {
    let (first, channels) = (&inputs[0], to.channels);
    match &operation.kind {
        OperationKind::Upsample(factor) => {
            copy_blocks(to, |y, x, block| *block_of(first, y / factor, x / factor, block))
        }
        OperationKind::Mirror([top, left, ..]) => copy_blocks(to, |y, x, block| {
            let (y, x) = (mirrored(y, *top, first.size.height), mirrored(x, *left, first.size.width));
            *block_of(first, y, x, block)
        }),
        OperationKind::Crop([top, left, ..]) => {
            copy_blocks(to, |y, x, block| *block_of(first, y + top, x + left, block))
        }
        OperationKind::Shuffle(shuffle) => {
            let Shuffle { factor, .. } = *shuffle;
            let from = |channel, y, x| (first, shuffle.from(channels, channel, y % factor, x % factor));
            copy_blocks(to, |y, x, block| gather_block(channels, y / factor, x / factor, block, |c| from(c, y, x)));
        }
        OperationKind::Gather(list) => copy_blocks(to, |y, x, block| {
            gather_block(channels, y, x, block, |channel| (&inputs[list[channel].0], list[channel].1))
        }),
        OperationKind::Map(map) => change_rows(isa, first, to, |_, block, row| {
            for (i, value) in row.iter_mut().enumerate() {
                let channel = block * BLOCK + i % BLOCK;
                *value = if channel < channels { map.apply(channel, *value) } else { 0.0 };
            }
        }),
        OperationKind::Add | OperationKind::Multiply => {
            let (second, add) = (&inputs[1], matches!(operation.kind, OperationKind::Add));
            let single = second.size != first.size;
            change_rows(isa, first, to, |y, block, row| {
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
        OperationKind::Mean => mean(isa, first, to),
        OperationKind::Convolution3x3 { .. } | OperationKind::DirectConvolution(_) => {
            return Err(Error::new(
                ErrorKind::Internal,
                "a convolution of this network has lost its weights; please report this",
            ));
        }
    }
    Ok(())
}

impl Map {
    fn apply(&self, channel: usize, value: f32) -> f32 {
        match self {
            Map::Affine(list) => value * list[channel].0 + list[channel].1,
            Map::Leaky(slopes) => {
                if value < 0.0 {
                    value * slopes[channel]
                } else {
                    value
                }
            }
            // Not `clamp`, which panics if the bounds are out of order.
            Map::Clip(least, greatest) => value.max(*least).min(*greatest),
            Map::Sigmoid => 1.0 / (1.0 + (-value).exp()),
        }
    }
}

fn block_of<'a, E: Element>(view: &'a RowsView<'_, E>, y: usize, x: usize, block: usize) -> &'a [E; BLOCK] {
    view.pixel(y, x, block)
}

/// A block of channels, each of which comes from the view and channel that `from` returns.
fn gather_block<'a, E: Element>(
    channels: usize,
    y: usize,
    x: usize,
    block: usize,
    from: impl Fn(usize) -> (&'a RowsView<'a, E>, usize),
) -> [E; BLOCK] {
    let mut values = [E::default(); BLOCK];
    for (channel, value) in (block * BLOCK..channels).zip(&mut values) {
        let (view, source) = from(channel);
        *value = block_of(view, y, x, source / BLOCK)[source % BLOCK];
    }
    values
}

/// Fills rows block by block.
fn copy_blocks<E: Element>(to: RowsToCompute<'_, E>, block: impl Fn(usize, usize, usize) -> [E; BLOCK]) {
    let size = to.size;
    for (y, row) in to.rows.zip(to.to) {
        for (i, part) in row.chunks_exact_mut(size.pitch() * BLOCK).enumerate() {
            for (x, to) in part.chunks_exact_mut(BLOCK).enumerate().take(size.width) {
                to.copy_from_slice(&block(y, x, i));
            }
        }
    }
}

/// Fills rows with those of another value, as floats, after `change` has changed them. It is called with a row's index
/// and a block's number.
fn change_rows<E: Element>(
    isa: InstructionSet,
    from: &RowsView<'_, E>,
    to: RowsToCompute<'_, E>,
    change: impl Fn(usize, usize, &mut [f32]),
) {
    let mut values = vec![0.0; to.size.width * BLOCK];
    for (y, row) in to.rows.zip(to.to) {
        for (block, part) in row.chunks_exact_mut(to.size.pitch() * BLOCK).enumerate() {
            isa.execute(Widen { from: &from.plane(block).from(y, 0)[..values.len()], to: &mut values });
            change(y, block, &mut values);
            for (to, value) in part.iter_mut().zip(&values) {
                *to = E::from_f32(*value);
            }
        }
    }
}

fn mean<E: Element>(isa: InstructionSet, from: &RowsView<'_, E>, to: RowsToCompute<'_, E>) {
    let Size { height, width } = from.size;
    let mut values = vec![0.0; width * BLOCK];
    for block in 0..from.blocks() {
        let mut sums = [0.0f64; BLOCK];
        for y in 0..height {
            isa.execute(Widen { from: &from.plane(block).from(y, 0)[..values.len()], to: &mut values });
            let mut line = [0.0f32; BLOCK];
            for pixel in values.chunks_exact(BLOCK) {
                line.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += f64::from(value));
        }
        let pixels = (height * width) as f64;
        let to = to.to[0][block * to.size.pitch() * BLOCK..].iter_mut();
        for (to, sum) in to.zip(sums) {
            *to = E::from_f32((sum / pixels) as f32);
        }
    }
}
