//! Matrix products: for each position, tiles × channels times channels × outputs.
//!
//! Nearly all of the time is spent here. The sums of a few tiles stay in registers while the channels go by; look at the
//! disassembly after a change. 32-bit sums must never overflow: `filter.rs` proves it when a network is opened.

use super::quantise::FACTORS;
use super::simd::{Simd, Work};

/// Tiles are computed in multiples of this; results for those beyond the last are of no meaning.
pub(crate) const TILES: usize = 12;

/// What both kinds of product have in common.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) positions: usize,
    pub(crate) tiles: usize,
    /// Channels, or pairs of them, that are multiplied.
    pub(crate) depth: usize,
    /// Channels, or pairs, of a tile as they are stored.
    pub(crate) row: usize,
    /// Values of a position.
    pub(crate) values: usize,
    /// Outputs of a tile: blocks of channels.
    pub(crate) outputs: usize,
    /// Results of a position.
    pub(crate) results: usize,
}

impl Shape {
    fn check(&self, filter: usize, values: usize, results: usize) {
        let tiles = self.tiles.next_multiple_of(TILES);
        assert!(self.depth <= self.row && tiles * self.row <= self.values && self.positions * self.values <= values);
        assert!(tiles * self.outputs <= self.results && self.positions * self.results <= results);
        assert!(self.positions * self.depth * self.outputs <= filter);
    }
}

/// Products of floats.
pub(crate) struct FloatProducts<'a> {
    pub(crate) shape: Shape,
    pub(crate) values: &'a [f32],
    /// For each position and part of the outputs, channel after channel the weights of that part.
    pub(crate) filter: &'a [f32],
    pub(crate) results: &'a mut [f32],
}

/// Products of 16-bit integers, summed in groups of channels and scaled to floats.
pub(crate) struct IntegerProducts<'a> {
    pub(crate) shape: Shape,
    pub(crate) values: &'a [i32],
    /// As for floats, with pairs of channels.
    pub(crate) filter: &'a [i32],
    /// Channels of a group.
    pub(crate) group: usize,
    /// For each position, part of the outputs and group of channels, the factors of that part.
    pub(crate) scales: &'a [f32],
    /// For each tile and group, the factors of the positions.
    pub(crate) factors: &'a [f32],
    pub(crate) results: &'a mut [f32],
}

impl Work for FloatProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Shape { positions, tiles, depth, row, outputs, .. } = self.shape;
        self.shape.check(self.filter.len(), self.values.len(), self.results.len());
        for position in 0..positions {
            for (first, vectors) in parts::<S>(outputs) {
                let filter = &self.filter[(position * outputs + first) * depth..];
                for tile in (0..tiles).step_by(S::TILES[vectors]) {
                    // SAFETY: the shape was checked; tiles up to the next multiple of TILES are inside the buffers.
                    unsafe {
                        let values = self.values.as_ptr().add(position * self.shape.values + tile * row);
                        let results = position * self.shape.results + tile * outputs + first;
                        let results = self.results.as_mut_ptr().add(results);
                        let sums = Floats { simd, depth, values, row, filter: filter.as_ptr(), results, outputs };
                        sums.run_all(S::TILES[vectors], vectors);
                    }
                }
            }
        }
    }
}

impl Work for IntegerProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Shape { positions, tiles, depth, row, outputs, .. } = self.shape;
        self.shape.check(self.filter.len(), self.values.len(), self.results.len());
        let group = self.group / 2;
        let groups = depth.div_ceil(group);
        assert!(positions * outputs * groups <= self.scales.len() && positions <= FACTORS);
        assert!(tiles.next_multiple_of(TILES) * groups * FACTORS <= self.factors.len());
        for position in 0..positions {
            for (first, vectors) in parts::<S>(outputs) {
                let filter = &self.filter[(position * outputs + first) * depth..];
                let scales = &self.scales[(position * outputs + first) * groups..];
                for tile in (0..tiles).step_by(S::TILES[vectors]) {
                    // SAFETY: the shape was checked; tiles up to the next multiple of TILES are inside the buffers.
                    unsafe {
                        let values = self.values.as_ptr().add(position * self.shape.values + tile * row);
                        let results = position * self.shape.results + tile * outputs + first;
                        let results = self.results.as_mut_ptr().add(results);
                        let factors = self.factors.as_ptr().add(tile * groups * FACTORS + position);
                        let (filter, scales) = (filter.as_ptr(), scales.as_ptr());
                        let sums =
                            Integers { simd, depth, group, values, row, filter, scales, factors, results, outputs };
                        sums.run_all(S::TILES[vectors], vectors);
                    }
                }
            }
        }
    }
}

/// The parts of the outputs that are computed at once: first output and vectors.
#[inline(always)]
fn parts<S: Simd>(outputs: usize) -> impl Iterator<Item = (usize, usize)> {
    let width = S::LANES * S::VECTORS;
    (0..outputs).step_by(width).map(move |first| (first, (outputs - first).min(width) / S::LANES))
}

/// Sums of some tiles and vectors of outputs, which stay in registers while the channels go by.
trait Sums: Sized {
    /// # Safety
    /// The pointers have room for `T` tiles and `V` vectors of outputs.
    unsafe fn run<const T: usize, const V: usize>(self);

    /// # Safety
    /// The pointers have room for as many.
    #[inline(always)]
    unsafe fn run_all(self, tiles: usize, vectors: usize) {
        // SAFETY: the caller's promise; six tiles and one vector are the fewest that there are.
        unsafe {
            match (tiles, vectors) {
                (6, 4) => self.run::<6, 4>(),
                (6, 3) => self.run::<6, 3>(),
                (12, 2) => self.run::<12, 2>(),
                (6, 2) => self.run::<6, 2>(),
                (12, 1) => self.run::<12, 1>(),
                _ => self.run::<6, 1>(),
            }
        }
    }
}

struct Floats<S> {
    simd: S,
    depth: usize,
    values: *const f32,
    row: usize,
    filter: *const f32,
    results: *mut f32,
    outputs: usize,
}

impl<S: Simd> Sums for Floats<S> {
    #[inline(always)]
    unsafe fn run<const T: usize, const V: usize>(self) {
        let Floats { simd, depth, values, row, filter, results, outputs } = self;
        let mut sums = [[simd.splat(0.0); V]; T];
        for channel in 0..depth {
            let mut weights = [simd.splat(0.0); V];
            for (i, weights) in weights.iter_mut().enumerate() {
                // SAFETY: the caller's promise.
                *weights = unsafe { simd.load(filter.add((channel * V + i) * S::LANES)) };
            }
            for tile in 0..T {
                // SAFETY: the caller's promise.
                let value = simd.splat(unsafe { *values.add(tile * row + channel) });
                for i in 0..V {
                    sums[tile][i] = simd.mul_add(value, weights[i], sums[tile][i]);
                }
            }
        }
        for tile in 0..T {
            for i in 0..V {
                // SAFETY: the caller's promise.
                unsafe { simd.store(results.add(tile * outputs + i * S::LANES), sums[tile][i]) };
            }
        }
    }
}

struct Integers<S> {
    simd: S,
    depth: usize,
    /// Pairs of a group.
    group: usize,
    values: *const i32,
    row: usize,
    filter: *const i32,
    scales: *const f32,
    factors: *const f32,
    results: *mut f32,
    outputs: usize,
}

impl<S: Simd> Sums for Integers<S> {
    #[inline(always)]
    unsafe fn run<const T: usize, const V: usize>(self) {
        let Integers { simd, depth, group: pairs, values, row, filter, scales, factors, results, outputs } = self;
        let groups = depth.div_ceil(pairs);
        for group in 0..groups {
            let mut sums = [[simd.splat_pair(0); V]; T];
            for pair in group * pairs..depth.min((group + 1) * pairs) {
                let mut weights = [simd.splat_pair(0); V];
                for (i, weights) in weights.iter_mut().enumerate() {
                    // SAFETY: the caller's promise.
                    *weights = unsafe { simd.load_pairs(filter.add((pair * V + i) * S::LANES)) };
                }
                for tile in 0..T {
                    // SAFETY: the caller's promise.
                    let value = simd.splat_pair(unsafe { *values.add(tile * row + pair) });
                    for i in 0..V {
                        sums[tile][i] = simd.dot(sums[tile][i], weights[i], value);
                    }
                }
            }
            for tile in 0..T {
                // SAFETY: the caller's promise.
                let factor = simd.splat(unsafe { *factors.add((tile * groups + group) * FACTORS) });
                for i in 0..V {
                    // SAFETY: the caller's promise.
                    unsafe {
                        let scale = simd.mul(simd.load(scales.add((group * V + i) * S::LANES)), factor);
                        let to = results.add(tile * outputs + i * S::LANES);
                        let sum = simd.to_float(sums[tile][i]);
                        let made =
                            if group == 0 { simd.mul(sum, scale) } else { simd.mul_add(sum, scale, simd.load(to)) };
                        simd.store(to, made);
                    }
                }
            }
        }
    }
}
