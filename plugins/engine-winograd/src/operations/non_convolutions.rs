//! All operations that are not convolutions: copies, functions of each sample, the mean.
//!
//! Copies are few and cheap, so they are plain Rust; functions of samples have a kernel. Channels beyond the last one must
//! stay zero, because other operations read whole blocks.

use std::ops::Range;

use enlarger::{Error, ErrorKind, Result};
use enlarger_compiler::{Map, Operation, OperationKind, Shuffle};

use crate::kernels::element::{BLOCK, Element};
use crate::kernels::plane::{Pitch, Size};
use crate::kernels::pointwise::{Function, Pointwise, Second};
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
        OperationKind::Extend { border, top_left: [top, left], .. } => copy_blocks(to, |y, x, block| {
            let (y, x) = (border.source(y, *top, first.size.height), border.source(x, *left, first.size.width));
            *block_of(first, y, x, block)
        }),
        OperationKind::Crop([top, left, ..]) | OperationKind::Keep { top_left: [top, left], .. } => {
            copy_blocks(to, |y, x, block| *block_of(first, y + top, x + left, block))
        }
        OperationKind::Shuffle(Shuffle { factor, pixels_first: true }) if channels.is_multiple_of(BLOCK) => {
            let blocks = channels / BLOCK;
            copy_blocks(to, |y, x, block| {
                let pixel = y % factor * factor + x % factor;
                *block_of(first, y / factor, x / factor, pixel * blocks + block)
            });
        }
        OperationKind::Shuffle(shuffle) => {
            let Shuffle { factor, .. } = *shuffle;
            let from = |channel, y, x| (first, shuffle.from(channels, channel, y % factor, x % factor));
            copy_blocks(to, |y, x, block| gather_block(channels, y / factor, x / factor, block, |c| from(c, y, x)));
        }
        OperationKind::Gather(list) => copy_blocks(to, |y, x, block| {
            gather_block(channels, y, x, block, |channel| (&inputs[list[channel].0], list[channel].1))
        }),
        OperationKind::Map(map) => {
            let parameters = MapParameters::new(map, channels);
            apply(isa, |block| parameters.function(map, block), inputs, to);
        }
        OperationKind::Add(factors) => apply(isa, |_| Function::Sum { factors: *factors }, inputs, to),
        OperationKind::Multiply => apply(isa, |_| Function::Product, inputs, to),
        OperationKind::Gate(offset) => apply(isa, |_| Function::Gate { offset: *offset }, inputs, to),
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

/// The parameters of a function for each channel, block by block.
struct MapParameters {
    factors: Vec<[f32; BLOCK]>,
    summands: Vec<[f32; BLOCK]>,
}

impl MapParameters {
    fn new(map: &Map, channels: usize) -> Self {
        let (mut factors, mut summands) = (vec![0.0; channels], vec![0.0; channels]);
        match map {
            Map::Affine(list) => {
                factors = list.iter().map(|(factor, _)| *factor).collect();
                summands = list.iter().map(|(_, summand)| *summand).collect();
            }
            Map::Leaky(slopes) => factors.clone_from(slopes),
            Map::Clip(..) | Map::Sigmoid | Map::Tanh | Map::SquareRoot => (),
        }
        let blocks = |mut values: Vec<f32>| {
            values.resize(channels.next_multiple_of(BLOCK), 0.0);
            values.as_chunks::<BLOCK>().0.to_vec()
        };
        MapParameters { factors: blocks(factors), summands: blocks(summands) }
    }

    fn function(&self, map: &Map, block: usize) -> Function<'_> {
        match map {
            Map::Affine(_) => Function::Affine { factors: &self.factors[block], summands: &self.summands[block] },
            Map::Leaky(_) => Function::Leaky { slopes: &self.factors[block] },
            Map::Clip(least, greatest) => Function::Clip { least: *least, greatest: *greatest },
            Map::Sigmoid => Function::Sigmoid,
            Map::Tanh => Function::Tanh,
            Map::SquareRoot => Function::SquareRoot,
        }
    }
}

/// Applies a function, which may differ from block to block, to rows of one input or of two.
fn apply<'f, E: Element>(
    isa: InstructionSet,
    function: impl Fn(usize) -> Function<'f>,
    inputs: &[RowsView<'_, E>],
    to: RowsToCompute<'_, E>,
) {
    let (first, size, channels) = (&inputs[0], to.size, to.channels);
    let length = size.width * BLOCK;
    let mut repeated: Vec<E> = Vec::new();
    for (y, row) in to.rows.zip(to.to) {
        if let Some(second) = inputs.get(1).filter(|second| second.channels == 1 && channels > 1) {
            // One channel for all: its samples are written into all lanes of a block.
            let pixels = (0..second.size.width).map(|x| second.pixel(if second.size == size { y } else { 0 }, x, 0)[0]);
            repeated.clear();
            repeated.extend(pixels.flat_map(|sample| [sample; BLOCK]));
        }
        for (block, part) in row.chunks_exact_mut(size.pitch() * BLOCK).enumerate() {
            let part = &mut part[..length];
            let second = match inputs.get(1) {
                None => Second::None,
                Some(second) if second.channels == 1 && channels > 1 => match repeated.first_chunk() {
                    Some(pixel) if second.size != size => Second::Same(pixel),
                    _ => Second::Pixels(&repeated),
                },
                Some(second) if second.size != size => Second::Same(second.pixel(0, 0, block)),
                Some(second) => Second::Pixels(&second.plane_row(y, block)[..length]),
            };
            let from = &first.plane_row(y, block)[..length];
            isa.execute(Pointwise { function: function(block), first: from, second, to: &mut *part });
            if channels < (block + 1) * BLOCK {
                part.chunks_exact_mut(BLOCK).for_each(|pixel| pixel[channels % BLOCK..].fill(E::default()));
            }
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
