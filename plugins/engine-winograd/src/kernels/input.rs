//! From activations to the matrices that are multiplied: the transform of tiles.
//!
//! The exact path stores floats; `quantise.rs` makes integers of them. A tile may reach over the picture's edge, and must
//! never read there.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::form::Form;
use super::plane::{Plane, Tiles};
use super::simd::{BLOCK, Element, Simd, Work};

/// What is transformed.
pub(crate) struct Source<'a, E> {
    pub(crate) planes: &'a [Plane<'a, E>],
    /// Rows above and columns left of the picture that count as zero.
    pub(crate) padding: (usize, usize),
    pub(crate) tiles: Tiles,
}

/// Transforms tiles into floats: position after position, in each tile after tile, in each channel after channel.
pub(crate) struct Floats<'a, E, F> {
    pub(crate) source: Source<'a, E>,
    pub(crate) form: PhantomData<F>,
    pub(crate) values: &'a mut [f32],
    /// Values of a position.
    pub(crate) stride: usize,
}

/// The pixels under a tile, with zeros for those outside the picture.
#[inline(always)]
fn window<'a, E: Element, const N: usize>(
    plane: &Plane<'a, E>,
    (y, x): (isize, isize),
    patch: &'a mut [[[E; BLOCK]; N]; N],
) -> [&'a [[E; BLOCK]; N]; N] {
    let (height, width) = (plane.size.height as isize, plane.size.width as isize);
    let n = N as isize;
    if y >= 0 && x >= 0 && y + n <= height && x + n <= width {
        return plane.square(y as usize, x as usize);
    }
    // The columns of the patch that are inside; there may be none.
    let first = (-x).clamp(0, n);
    let end = (width - x).clamp(first, n);
    for (y, row) in (y..).zip(patch.iter_mut()) {
        *row = [[E::default(); BLOCK]; N];
        if (0..height).contains(&y) && first < end {
            let pixels = plane.from(y as usize, (x + first) as usize).as_chunks().0;
            row[first as usize..end as usize].copy_from_slice(&pixels[..(end - first) as usize]);
        }
    }
    patch.each_ref()
}

/// Where the values of a block under a tile go.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) first: *mut f32,
    /// Elements from one position to the next, and from one vector of lanes.
    pub(super) position: usize,
    pub(super) vector: usize,
}

impl<E: Element> Source<'_, E> {
    /// Where the window of a tile begins.
    #[inline(always)]
    pub(super) fn corner(&self, tile: usize) -> (isize, isize) {
        let (y, x) = self.tiles.at(tile);
        (y as isize - self.padding.0 as isize, x as isize - self.padding.1 as isize)
    }

    /// Transforms one block under a tile whose window begins at `corner`.
    ///
    /// # Safety
    /// There is room for all values of `to`.
    #[inline(always)]
    pub(super) unsafe fn transform<S: Simd, F: Form<N, M>, const N: usize, const M: usize>(
        &self,
        simd: S,
        block: usize,
        corner: (isize, isize),
        to: Place,
        patch: &mut [[[E; BLOCK]; N]; N],
    ) {
        let pixels = window(&self.planes[block], corner, patch);
        let zero = simd.splat(0.0);
        for vector in 0..BLOCK / S::LANES {
            let mut lines = MaybeUninit::<[[S::F; N]; N]>::uninit();
            let lines = lines.as_mut_ptr().cast::<S::F>();
            for x in 0..N {
                let mut line = [zero; N];
                for y in 0..N {
                    // SAFETY: lanes divide a block, and `vector` counts those of one.
                    line[y] = unsafe { E::load(simd, pixels[y][x].as_ptr().add(vector * S::LANES)) };
                }
                let line = F::input(simd, line);
                for y in 0..N {
                    // SAFETY: `lines` has room for N lines of N.
                    unsafe { lines.add(y * N + x).write(line[y]) };
                }
            }
            for y in 0..N {
                // SAFETY: all of `lines` was written above.
                let line = F::input(simd, unsafe { lines.add(y * N).cast::<[S::F; N]>().read() });
                for x in 0..N {
                    // SAFETY: the caller's promise.
                    unsafe { simd.store(to.first.add((y * N + x) * to.position + vector * to.vector), line[x]) };
                }
            }
        }
    }
}

super::form::work!(Floats => floats);

#[inline(always)]
fn floats<S: Simd, E: Element, F: Form<N, M>, const N: usize, const M: usize>(simd: S, work: Floats<'_, E, F>) {
    let Floats { source, values, stride, .. } = work;
    let channels = source.planes.len() * BLOCK;
    assert!(source.tiles.count * channels <= stride && N * N * stride <= values.len());
    let mut patch = [[[E::default(); BLOCK]; N]; N];
    for tile in 0..source.tiles.count {
        let corner = source.corner(tile);
        for block in 0..source.planes.len() {
            let to = tile * channels + block * BLOCK;
            // SAFETY: `to` and a block are inside a position's stride, and there is a stride for each position.
            unsafe {
                let to = Place { first: values.as_mut_ptr().add(to), position: stride, vector: S::LANES };
                source.transform::<S, F, N, M>(simd, block, corner, to, &mut patch);
            }
        }
    }
}
