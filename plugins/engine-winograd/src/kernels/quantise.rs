//! Transformed tiles as integers.
//!
//! The fast path finds the norm (the root of the sum of squares) of each tile, position and group of channels, and stores
//! 16-bit integers of a fixed norm with one factor for each. It must never exceed that norm, whatever the pixels are: with
//! the filters' norm it bounds every sum, as Cauchy and Schwarz have shown.

use std::marker::PhantomData;

use super::form::Form;
use super::input::{Place, Source};
use super::simd::{BLOCK, Element, Simd, Work};

/// Channels that one 32-bit sum may run over: the usual number, and one for which values round half as much each, with twice
/// as many sums.
pub(crate) const GROUP: usize = 64;
pub(crate) const SMALL_GROUP: usize = 32;

/// Factors of a tile and group: more than there are positions.
pub(crate) const FACTORS: usize = 64;

/// The greatest norm of the quantised values of a group, and so the greatest of them.
pub(crate) const NORM: i32 = i16::MAX as i32;

/// The norm that values are scaled to: rounding 64 values adds 4 at most, computing in floats less than that.
const SCALED: f32 = (NORM - 8) as f32;

/// Added to the sum of squares, so that nothing is divided by zero.
const SMALLEST: f32 = 1e-30;

/// Transforms tiles into pairs of integers: as `input::Floats` does, two channels sixteen apart in a pair.
pub(crate) struct Integers<'a, E, F> {
    pub(crate) source: Source<'a, E>,
    pub(crate) form: PhantomData<F>,
    pub(crate) values: &'a mut [i32],
    /// Pairs of a position.
    pub(crate) stride: usize,
    /// Channels of a group: [`GROUP`] or [`SMALL_GROUP`].
    pub(crate) group: usize,
    /// For each tile and group, [`FACTORS`] factors that give floats again.
    pub(crate) factors: &'a mut [f32],
}

/// Pairs of a tile with this many blocks of channels.
pub(crate) fn pairs(blocks: usize) -> usize {
    blocks.div_ceil(2) * BLOCK
}

/// Groups of so many channels.
pub(crate) fn groups(blocks: usize, group: usize) -> usize {
    (blocks * BLOCK).div_ceil(group)
}

super::form::work!(Integers => integers);

#[inline(always)]
fn integers<S: Simd, E: Element, F: Form<N, M>, const N: usize, const M: usize>(simd: S, work: Integers<'_, E, F>) {
    let blocks = work.source.planes.len();
    let (pairs, groups, whole) = (pairs(blocks), groups(blocks, work.group), work.group / BLOCK);
    assert!(whole <= WHOLE && work.group.is_multiple_of(2 * BLOCK));
    assert!(work.source.tiles.count * pairs <= work.stride && N * N * work.stride <= work.values.len());
    assert!(work.source.tiles.count * groups * FACTORS <= work.factors.len() && N * N <= FACTORS);

    let mut room = Room([0.0; ROOM]);
    let mut patch = [[[E::default(); BLOCK]; N]; N];
    for tile in 0..work.source.tiles.count {
        let corner = work.source.corner(tile);
        for group in 0..groups {
            let blocks = group * whole..blocks.min((group + 1) * whole);
            let to = tile * pairs + group * work.group / 2;
            let factors = work.factors[(tile * groups + group) * FACTORS..][..FACTORS].as_mut_ptr();
            // SAFETY: there is a place for FACTORS factors; a tile's pairs are inside a position's stride, and there is a
            // stride for each position.
            unsafe {
                let to = work.values.as_mut_ptr().add(to);
                let place =
                    Group { simd, source: &work.source, corner, room: &mut room.0, factors, to, stride: work.stride };
                // The usual numbers are constants, so that the compiler can unroll loops over them.
                match blocks.len() {
                    WHOLE => place.run::<F, N, M>(blocks.start, WHOLE, &mut patch),
                    HALF => place.run::<F, N, M>(blocks.start, HALF, &mut patch),
                    fewer => place.run::<F, N, M>(blocks.start, fewer, &mut patch),
                }
            }
        }
    }
}

/// A group of channels under a tile, on its way to integers.
struct Group<'a, S, E> {
    simd: S,
    source: &'a Source<'a, E>,
    /// Where the window of the tile begins.
    corner: (isize, isize),
    /// Vectors of lanes after one another, in each position after position.
    room: &'a mut [f32; ROOM],
    /// Room for [`FACTORS`].
    factors: *mut f32,
    /// Where the first position's pairs go, and from there to the next one's.
    to: *mut i32,
    stride: usize,
}

impl<S: Simd, E: Element> Group<'_, S, E> {
    /// Does it for `blocks` blocks from `first` on.
    ///
    /// # Safety
    /// There are as many blocks, [`WHOLE`] at most, and room for what its pointers point at.
    #[inline(always)]
    unsafe fn run<F: Form<N, M>, const N: usize, const M: usize>(
        self,
        first: usize,
        blocks: usize,
        patch: &mut [[[E; BLOCK]; N]; N],
    ) {
        let Group { simd, source, corner, room, factors, to, stride } = self;
        let room = room.as_mut_ptr();
        let vectors = BLOCK / S::LANES;
        let plane = POSITIONS * S::LANES;
        for block in 0..blocks {
            // SAFETY: a group of blocks has GROUP channels at most, each with a place for POSITIONS positions.
            unsafe {
                let to = Place { first: room.add(block * vectors * plane), position: S::LANES, vector: plane };
                source.transform::<S, F, N, M>(simd, first + block, corner, to, patch);
            }
        }
        let mut scales = Room([0.0; FACTORS]);
        for first in (0..N * N).step_by(S::LANES) {
            // SAFETY: positions beyond the last are inside FACTORS, which the lanes divide.
            unsafe {
                let mut rows = [simd.splat(0.0); 16];
                for i in 0..S::LANES {
                    let from = room.add((first + i) * S::LANES);
                    let mut squares = [simd.splat(0.0); BLOCK];
                    for block in 0..blocks {
                        for vector in 0..vectors {
                            let value = simd.load(from.add((block * vectors + vector) * plane));
                            squares[vector] = simd.mul_add(value, value, squares[vector]);
                        }
                    }
                    // The vectors of a block by halves, as `sums` goes on inside a vector.
                    let mut half = vectors / 2;
                    while half > 0 {
                        for vector in 0..half {
                            squares[vector] = simd.add(squares[vector], squares[vector + half]);
                        }
                        half /= 2;
                    }
                    rows[i] = squares[0];
                }
                // Not the greater of the two: what is no number must stay so.
                let norm = simd.sqrt(simd.add(simd.sums(&rows), simd.splat(SMALLEST)));
                simd.store(scales.0.as_mut_ptr().add(first), simd.div(simd.splat(SCALED), norm));
                simd.store(factors.add(first), simd.mul(norm, simd.splat(1.0 / SCALED)));
            }
        }
        for (position, scale) in scales.0[..N * N].iter().enumerate() {
            let scale = simd.splat(*scale);
            for pair in 0..blocks.div_ceil(2) {
                for vector in 0..vectors {
                    // SAFETY: as above for the room; pairs are the caller's promise.
                    unsafe {
                        let from = room.add((2 * pair * vectors + vector) * plane + position * S::LANES);
                        let a = simd.load(from);
                        let both = 2 * pair + 1 < blocks;
                        let b = if both { simd.load(from.add(vectors * plane)) } else { simd.splat(0.0) };
                        let to = to.add(position * stride + pair * BLOCK + vector * S::LANES);
                        simd.store_pairs(to, simd.quantise(a, b, scale));
                    }
                }
            }
        }
    }
}

/// Blocks of a group.
const WHOLE: usize = GROUP / BLOCK;
const HALF: usize = SMALL_GROUP / BLOCK;

/// Places for positions: one more than there are factors, because planes 4 KiB apart look like one address to a
/// processor's queue of stores.
const POSITIONS: usize = FACTORS + 1;

/// Values of a group under a tile.
const ROOM: usize = GROUP * POSITIONS;

/// Room that begins at a cache line.
#[repr(align(64))]
struct Room<const LENGTH: usize>([f32; LENGTH]);
