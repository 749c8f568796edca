//! A convolution of 3×3 taps by Winograd's method, with all that happens to its result before another one reads it.
//!
//! A strip of rows is made in batches of tiles: transform, multiply, transform back. The batch's matrices stay in the
//! second-level cache. It must never look at a pixel itself; that is what kernels are for.

use std::marker::PhantomData;

use enlarger::{Cancel, Result};

use crate::filter::{Filter, Kind, Operands, Weights, pairs};
use crate::kernels::aligned::Aligned;
use crate::kernels::form::{F4, F6};
use crate::kernels::input::{Floats, Source};
use crate::kernels::isa::Isa;
use crate::kernels::output::{Activations, Residual};
use crate::kernels::plane::{Plane, Size, Tiles};
use crate::kernels::product::{FloatProducts, IntegerProducts, Shape, TILES};
use crate::kernels::quantise::{self, FACTORS, Integers};
use crate::kernels::simd::{BLOCK, Element, Work};
use crate::rows::Row;

/// Bytes that the matrices of a batch may take: with the filter, a second-level cache holds them.
const BATCH: usize = 340 << 10;

/// A convolution as a network asks for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Convolution {
    pub(crate) weights: Weights,
    pub(crate) bias: Vec<f32>,
    /// What negative results are multiplied by; empty for nothing.
    pub(crate) slopes: Vec<f32>,
    /// Rows above, columns left, rows below, columns right that count as zero.
    pub(crate) padding: [usize; 4],
}

/// A convolution, ready to run.
pub(crate) struct Prepared {
    isa: Isa,
    kind: Kind,
    filter: Filter,
    channels: usize,
    bias: Vec<f32>,
    slopes: Vec<f32>,
    padding: (usize, usize),
}

/// The matrices of a batch. One for each thread.
#[derive(Default)]
pub(crate) struct Scratch {
    floats: Option<Aligned<f32>>,
    pairs: Option<Aligned<i32>>,
    factors: Option<Aligned<f32>>,
    products: Option<Aligned<f32>>,
}

/// Values of the matrices of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    floats: usize,
    pairs: usize,
    factors: usize,
    products: usize,
}

/// The shape of the matrices of a batch.
struct Batch {
    /// Tiles that there is room for.
    tiles: usize,
    /// Values, or pairs, of a tile; of a position; and products of a position.
    row: usize,
    stride: usize,
    results: usize,
    room: Room,
}

/// What a strip is made of.
pub(crate) struct Strip<'a, E> {
    pub(crate) planes: &'a [Plane<'a, E>],
    pub(crate) residuals: &'a [Residual<'a, E>],
    /// The whole result's size.
    pub(crate) size: Size,
    /// The strip's first row, which is a multiple of a tile's side, and its rows.
    pub(crate) top: usize,
    pub(crate) rows: &'a mut [Row<E>],
}

impl Prepared {
    pub(crate) fn new(convolution: &Convolution, isa: Isa, kind: Kind, operands: Operands) -> Result<Self> {
        let Convolution { weights, bias, slopes, padding } = convolution;
        let filter = match operands {
            Operands::Floats => Filter::floats(weights, kind, isa.width()),
            Operands::Integers { group } => Filter::integers(weights, kind, isa.width(), group),
        }?;
        let outputs = weights.outputs.next_multiple_of(BLOCK);
        let padded = |values: &[f32], filler| {
            let mut values = values.to_vec();
            values.resize(outputs, filler);
            values
        };
        Ok(Prepared {
            isa,
            kind,
            filter,
            channels: weights.channels,
            bias: padded(bias, 0.0),
            slopes: padded(slopes, 1.0),
            padding: (padding[0], padding[1]),
        })
    }

    /// Rows that strips should be multiples of.
    pub(crate) fn side(&self) -> usize {
        self.kind.side()
    }

    /// What the matrices of a batch take at most.
    pub(crate) fn room(&self) -> Room {
        self.batch(self.channels.div_ceil(BLOCK), usize::MAX).room
    }

    /// The matrices for this many blocks of channels and tiles of a strip.
    fn batch(&self, blocks: usize, all: usize) -> Batch {
        let (positions, outputs) = (self.kind.positions(), self.bias.len());
        let row = match self.filter {
            Filter::Floats(_) => blocks * BLOCK,
            Filter::Integers { .. } => quantise::pairs(blocks),
        };
        let most = BATCH / (4 * positions * (row + outputs)) / TILES * TILES;
        let tiles = most.max(TILES).min(all);
        let room = tiles.next_multiple_of(TILES);
        // A line more than is needed, so that positions do not all fall into the same sets of a cache.
        let (stride, results) = (room * row + BLOCK, room * outputs + BLOCK);
        let (floats, pairs, factors) = match self.filter {
            Filter::Floats(_) => (positions * stride, 0, 0),
            Filter::Integers { group, .. } => (0, positions * stride, room * quantise::groups(blocks, group) * FACTORS),
        };
        let room = Room { floats, pairs, factors, products: positions * results };
        Batch { tiles, row, stride, results, room }
    }

    /// Makes a strip.
    ///
    /// # Errors
    /// `Cancelled`, or `Memory`.
    pub(crate) fn run<E: Element>(&self, strip: Strip<'_, E>, scratch: &mut Scratch, cancel: &Cancel) -> Result<()> {
        match self.kind {
            Kind::F4 => self.batches(PhantomData::<F4>, strip, scratch, cancel),
            Kind::F6 => self.batches(PhantomData::<F6>, strip, scratch, cancel),
        }
    }

    fn batches<E: Element, F>(
        &self,
        form: PhantomData<F>,
        strip: Strip<'_, E>,
        scratch: &mut Scratch,
        cancel: &Cancel,
    ) -> Result<()>
    where
        for<'a> Floats<'a, E, F>: Work<Output = ()>,
        for<'a> Integers<'a, E, F>: Work<Output = ()>,
        for<'a> Activations<'a, E, F>: Work<Output = ()>,
    {
        let Strip { planes, residuals, size, top, rows } = strip;
        let (side, positions, outputs) = (self.side(), self.kind.positions(), self.bias.len());
        let across = size.width.div_ceil(side);
        let all = across * rows.len().div_ceil(side);

        let Batch { tiles: batch, row, stride, results, room } = self.batch(planes.len(), all);
        let products = resized(&mut scratch.products, room.products)?;

        for first in (0..all).step_by(batch) {
            cancel.check()?;
            let count = batch.min(all - first);
            let tiles = Tiles { top, across, first, count, side };
            let source = Source { planes, padding: self.padding, tiles };
            let integers = matches!(self.filter, Filter::Integers { .. });
            let depth = if integers { pairs(self.channels) } else { self.channels };
            let shape = Shape { positions, tiles: count, depth, row, values: stride, outputs, results };
            match &self.filter {
                Filter::Floats(filter) => {
                    let values = resized(&mut scratch.floats, room.floats)?;
                    self.isa.run(Floats { source, form, values, stride });
                    self.isa.run(FloatProducts { shape, values, filter, results: products });
                }
                Filter::Integers { pairs, scales, group } => {
                    let values = resized(&mut scratch.pairs, room.pairs)?;
                    let factors = resized(&mut scratch.factors, room.factors)?;
                    let group = *group;
                    self.isa.run(Integers { source, form, values, stride, group, factors });
                    let (filter, results) = (pairs, &mut *products);
                    self.isa.run(IntegerProducts { shape, values, filter, group, scales, factors, results });
                }
            }
            self.isa.run(Activations {
                form,
                tiles,
                products,
                stride: results,
                bias: &self.bias,
                slopes: &self.slopes,
                residuals,
                size,
                strip: rows,
            });
        }
        Ok(())
    }
}

impl Room {
    /// Room for both, one after the other.
    pub(crate) fn or(self, other: Room) -> Room {
        Room {
            floats: self.floats.max(other.floats),
            pairs: self.pairs.max(other.pairs),
            factors: self.factors.max(other.factors),
            products: self.products.max(other.products),
        }
    }

    pub(crate) fn bytes(self) -> usize {
        let values = [self.floats, self.pairs, self.factors, self.products];
        // Memory is given in whole lines.
        values.map(|values| (4 * values).next_multiple_of(64)).iter().sum()
    }
}

#[cfg(test)]
impl Scratch {
    pub(crate) fn bytes(&self) -> usize {
        let floats = [&self.floats, &self.factors, &self.products].into_iter().flatten().map(Aligned::room);
        4 * (floats.sum::<usize>() + self.pairs.as_ref().map_or(0, Aligned::room))
    }
}

fn resized<T: crate::kernels::aligned::Plain>(buffer: &mut Option<Aligned<T>>, length: usize) -> Result<&mut [T]> {
    let buffer = match buffer {
        Some(buffer) => buffer,
        None => buffer.insert(Aligned::new(length)?),
    };
    if buffer.len() < length {
        buffer.resize(length)?;
    }
    Ok(buffer)
}
