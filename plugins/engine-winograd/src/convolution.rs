//! A convolution of 3×3 taps by Winograd's method, with all that happens to its result before another one reads it.
//!
//! A strip of rows is made in batches of tiles: transform, multiply, transform back. The batch's matrices stay in the
//! second-level cache. It must never look at a pixel itself; that is what kernels are for.

use std::marker::PhantomData;

use enlarger::{Cancel, Result};

use crate::filter::{Filter, Kind, Weights, pairs};
use crate::kernels::aligned::Aligned;
use crate::kernels::form::{F4, F6};
use crate::kernels::input;
use crate::kernels::input::{FACTORS, Floats, Integers, Source};
use crate::kernels::isa::Isa;
use crate::kernels::output::{Activations, Residual};
use crate::kernels::plane::{Plane, Size, Tiles};
use crate::kernels::product::{FloatProducts, IntegerProducts, Shape, TILES};
use crate::kernels::simd::{BLOCK, Element, Work};
use crate::rows::Row;

/// Bytes that the matrices of a batch may take: with the filter, a second-level cache holds them.
const BATCH: usize = 340 << 10;

/// Bytes that a thread's matrices take at most: few tiles of many channels do not get smaller.
pub(crate) const SCRATCH: usize = 2 << 20;

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
    pub(crate) fn new(convolution: &Convolution, isa: Isa, kind: Kind, fast: bool) -> Result<Self> {
        let Convolution { weights, bias, slopes, padding } = convolution;
        let filter = if fast { Filter::integers } else { Filter::floats }(weights, kind, isa.width())?;
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

        let integers = matches!(self.filter, Filter::Integers { .. });
        let row = if integers { input::pairs(planes.len()) } else { planes.len() * BLOCK };
        let batch = BATCH / (4 * positions * (row + outputs)) / TILES * TILES;
        let batch = batch.max(TILES).min(all);
        let room = batch.next_multiple_of(TILES);
        // A line more than is needed, so that positions do not all fall into the same sets of a cache.
        let (stride, results) = (room * row + BLOCK, room * outputs + BLOCK);
        let products = resized(&mut scratch.products, positions * results)?;

        for first in (0..all).step_by(batch) {
            cancel.check()?;
            let count = batch.min(all - first);
            let tiles = Tiles { top, across, first, count, side };
            let source = Source { planes, padding: self.padding, tiles };
            let depth = if integers { pairs(self.channels) } else { self.channels };
            let shape = Shape { positions, tiles: count, depth, row, values: stride, outputs, results };
            match &self.filter {
                Filter::Floats(filter) => {
                    let values = resized(&mut scratch.floats, positions * stride)?;
                    self.isa.run(Floats { source, form, values, stride });
                    self.isa.run(FloatProducts { shape, values, filter, results: products });
                }
                Filter::Integers { pairs, scales } => {
                    let values = resized(&mut scratch.pairs, positions * stride)?;
                    let factors = resized(&mut scratch.factors, room * input::groups(planes.len()) * FACTORS)?;
                    self.isa.run(Integers { source, form, values, stride, factors });
                    let products = IntegerProducts { shape, values, filter: pairs, scales, factors, results: products };
                    self.isa.run(products);
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
