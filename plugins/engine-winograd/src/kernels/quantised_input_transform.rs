//! Winograd's input transform with 16-bit integers as the result.
//!
//! For each patch, position and group of channels, it finds the norm of the values (the root of the sum of their
//! squares), scales them to a fixed norm, and stores them as 16-bit integers with one factor for all. The norm of the
//! integers must never exceed [`NORM`], whatever the pixels are: by the Cauchy-Schwarz inequality, it and the filter's
//! norm bound every sum of products.

use std::marker::PhantomData;

use super::element::{BLOCK, Element};
use super::input_transform::{PatchDestination, PatchSource};
use super::simd::{Kernel, Simd};
use super::winograd_forms::Form;

/// The channels that one 32-bit sum runs over: usually `GROUP`. With `SMALL_GROUP` each value is rounded half as much,
/// and there are twice as many sums.
pub(crate) const GROUP: usize = 64;
pub(crate) const SMALL_GROUP: usize = 32;

/// Factors stored for a patch and a group; at least as many as there are positions.
pub(crate) const FACTORS: usize = 64;

/// The greatest norm of the integers of a group, and so the greatest of their magnitudes.
pub(crate) const NORM: i32 = i16::MAX as i32;

/// The norm that values are scaled to. Rounding 64 values adds at most 4 to the norm, and computing in floats adds
/// less.
const SCALED: f32 = (NORM - 8) as f32;

/// Added to the sum of squares, so that nothing is divided by zero.
const SMALLEST: f32 = 1e-30;

/// Transforms patches into pairs of integers, in the order of `FloatInputTransform`. A pair holds two channels, sixteen
/// apart; in a last block that has no partner, eight apart.
pub(crate) struct IntegerInputTransform<'a, E, F> {
    pub(crate) source: PatchSource<'a, E>,
    pub(crate) form: PhantomData<F>,
    pub(crate) values: &'a mut [i32],
    /// Pairs from one position to the next.
    pub(crate) position_stride: usize,
    /// The channels of a group: [`GROUP`] or [`SMALL_GROUP`].
    pub(crate) group: usize,
    /// For each patch and group, [`FACTORS`] factors that turn integers into floats again.
    pub(crate) factors: &'a mut [f32],
}

/// The distance between the channels of a pair in a block that has no partner.
pub(crate) const HALF_BLOCK: usize = BLOCK / 2;

/// The pairs of a patch with this many blocks of channels.
pub(crate) fn pairs(blocks: usize) -> usize {
    blocks / 2 * BLOCK + blocks % 2 * HALF_BLOCK
}

/// The number of groups of `group` channels.
pub(crate) fn groups(blocks: usize, group: usize) -> usize {
    (blocks * BLOCK).div_ceil(group)
}

super::winograd_forms::kernel_for_each_form!(IntegerInputTransform => transform_to_integers);

#[inline(always)]
fn transform_to_integers<S: Simd, E: Element, F: Form<N, M>, const N: usize, const M: usize>(
    simd: S,
    kernel: IntegerInputTransform<'_, E, F>,
) {
    let blocks = kernel.source.planes.len();
    let (pairs, groups, whole) = (pairs(blocks), groups(blocks, kernel.group), kernel.group / BLOCK);
    assert!(whole <= WHOLE && kernel.group.is_multiple_of(2 * BLOCK));
    assert!(
        kernel.source.patches.count * pairs + HALF_BLOCK <= kernel.position_stride
            && N * N * kernel.position_stride <= kernel.values.len()
    );
    assert!(kernel.source.patches.count * groups * FACTORS <= kernel.factors.len() && N * N <= FACTORS);

    let mut values_of_group = CacheAligned([0.0; GROUP_VALUES]);
    let mut edge = [[[E::default(); BLOCK]; N]; N];
    for patch in 0..kernel.source.patches.count {
        let corner = kernel.source.corner(patch);
        for group in 0..groups {
            let blocks = group * whole..blocks.min((group + 1) * whole);
            let to = patch * pairs + group * kernel.group / 2;
            let factors = kernel.factors[(patch * groups + group) * FACTORS..][..FACTORS].as_mut_ptr();
            // SAFETY: there is room for FACTORS factors; a patch's pairs are inside a position's stride, and `values`
            // has room for a stride per position.
            unsafe {
                let to = kernel.values.as_mut_ptr().add(to);
                let channels = ChannelGroup {
                    simd,
                    source: &kernel.source,
                    corner,
                    values_of_group: &mut values_of_group.0,
                    factors,
                    to,
                    position_stride: kernel.position_stride,
                };
                // The usual numbers are constants, so that the compiler can unroll loops over them.
                match blocks.len() {
                    WHOLE => channels.execute::<F, N, M>(blocks.start, WHOLE, &mut edge),
                    3 => channels.execute::<F, N, M>(blocks.start, 3, &mut edge),
                    HALF => channels.execute::<F, N, M>(blocks.start, HALF, &mut edge),
                    fewer => channels.execute::<F, N, M>(blocks.start, fewer, &mut edge),
                }
            }
        }
    }
}

/// A group of channels of a patch, before it is quantised.
struct ChannelGroup<'a, S, E> {
    simd: S,
    source: &'a PatchSource<'a, E>,
    /// The top left corner of the patch's pixels.
    corner: (isize, isize),
    /// Memory for the transformed values: vector after vector, and within one position after position.
    values_of_group: &'a mut [f32; GROUP_VALUES],
    /// Points at room for [`FACTORS`] factors.
    factors: *mut f32,
    /// Where the pairs of the first position go, and the distance to those of the next position.
    to: *mut i32,
    position_stride: usize,
}

impl<S: Simd, E: Element> ChannelGroup<'_, S, E> {
    /// Transforms and quantises `blocks` blocks from `first` on.
    ///
    /// # Safety
    /// The source must have these blocks, at most [`WHOLE`] of them, and the pointers must have the room stated above.
    #[inline(always)]
    unsafe fn execute<F: Form<N, M>, const N: usize, const M: usize>(
        self,
        first: usize,
        blocks: usize,
        edge: &mut [[[E; BLOCK]; N]; N],
    ) {
        let ChannelGroup { simd, source, corner, values_of_group, factors, to, position_stride } = self;
        let values_of_group = values_of_group.as_mut_ptr();
        let vectors = BLOCK / S::LANES;
        let plane = POSITION_SLOTS * S::LANES;
        for block in 0..blocks {
            // SAFETY: a group of blocks has at most GROUP channels, and each has room for POSITION_SLOTS positions.
            unsafe {
                let to = PatchDestination {
                    first: values_of_group.add(block * vectors * plane),
                    position_step: S::LANES,
                    vector_step: plane,
                };
                source.transform::<S, F, N, M>(simd, first + block, corner, to, edge);
            }
        }
        let mut scales = CacheAligned([0.0; FACTORS]);
        for first in (0..N * N).step_by(S::LANES) {
            // SAFETY: positions beyond the last are below FACTORS, which the number of lanes divides.
            unsafe {
                let mut rows = [simd.splat(0.0); 16];
                for i in 0..S::LANES {
                    let from = values_of_group.add((first + i) * S::LANES);
                    let mut squares = [simd.splat(0.0); BLOCK];
                    for block in 0..blocks {
                        for vector in 0..vectors {
                            let value = simd.load(from.add((block * vectors + vector) * plane));
                            squares[vector] = simd.mul_add(value, value, squares[vector]);
                        }
                    }
                    // Adds up the vectors of a block by halves, because `sums` continues in this way inside a vector.
                    let mut half = vectors / 2;
                    while half > 0 {
                        for vector in 0..half {
                            squares[vector] = simd.add(squares[vector], squares[vector + half]);
                        }
                        half /= 2;
                    }
                    rows[i] = squares[0];
                }
                // An addition, not `max`: the norm of values that are not numbers must not be a number either.
                let norm = simd.sqrt(simd.add(simd.sums(&rows), simd.splat(SMALLEST)));
                simd.store(scales.0.as_mut_ptr().add(first), simd.div(simd.splat(SCALED), norm));
                simd.store(factors.add(first), simd.mul(norm, simd.splat(1.0 / SCALED)));
            }
        }
        for (position, scale) in scales.0[..N * N].iter().enumerate() {
            let scale = simd.splat(*scale);
            // SAFETY: as above for the values; the pairs are the caller's promise.
            unsafe {
                let to = to.add(position * position_stride);
                for pair in 0..blocks / 2 {
                    for vector in 0..vectors {
                        let from = values_of_group.add((2 * pair * vectors + vector) * plane + position * S::LANES);
                        let (a, b) = (simd.load(from), simd.load(from.add(vectors * plane)));
                        simd.store_pairs(to.add(pair * BLOCK + vector * S::LANES), simd.quantise(a, b, scale));
                    }
                }
                if !blocks.is_multiple_of(2) {
                    let from = values_of_group.add((blocks - 1) * vectors * plane + position * S::LANES);
                    // Half of the vectors, or one that is filled by half. Its other half is written over by the next
                    // patch, or lies between two positions.
                    for vector in 0..vectors.div_ceil(2) {
                        let partner = if vectors == 1 { HALF_BLOCK } else { vectors / 2 * plane };
                        let from = from.add(vector * plane);
                        let (a, b) = (simd.load(from), simd.load(from.add(partner)));
                        let to = to.add(blocks / 2 * BLOCK + vector * S::LANES);
                        simd.store_pairs(to, simd.quantise(a, b, scale));
                    }
                }
            }
        }
    }
}

/// The blocks of a group, for both sizes of groups.
const WHOLE: usize = GROUP / BLOCK;
const HALF: usize = SMALL_GROUP / BLOCK;

/// Room for positions: one more than there are factors, because to a processor's store queue, addresses 4 KiB apart
/// look like the same address.
const POSITION_SLOTS: usize = FACTORS + 1;

/// The transformed values of a group of a patch.
const GROUP_VALUES: usize = GROUP * POSITION_SLOTS;

/// An array that begins at a cache line.
#[repr(align(64))]
struct CacheAligned<const LENGTH: usize>([f32; LENGTH]);
