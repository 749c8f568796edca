//! Winograd's input transform: from activations to the matrices that are multiplied.
//!
//! The result is floats; `quantised_input_transform.rs` turns it into integers. A patch may extend over the picture's
//! edge, and must never be read there.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::element::{BLOCK, Element};
use super::patch_batch::PatchBatch;
use super::plane::Plane;
use super::simd::{Kernel, Simd};
use super::winograd_forms::Form;

/// The patches to transform, and the activations that they are taken from.
pub(crate) struct PatchSource<'a, E> {
    pub(crate) planes: &'a [Plane<'a, E>],
    /// Rows above and columns left of the picture that count as zero.
    pub(crate) padding: (usize, usize),
    pub(crate) patches: PatchBatch,
}

/// Transforms patches into floats: position after position, in each patch after patch, in each channel after channel.
pub(crate) struct FloatInputTransform<'a, E, F> {
    pub(crate) source: PatchSource<'a, E>,
    pub(crate) form: PhantomData<F>,
    pub(crate) values: &'a mut [f32],
    /// Values from one position to the next.
    pub(crate) position_stride: usize,
}

/// The pixels of a patch whose top left corner is `(y, x)`, with zeros outside the picture. `edge` is memory for a
/// patch that extends over the picture's edge.
#[inline(always)]
fn pixels_of_patch<'a, E: Element, const N: usize>(
    plane: &Plane<'a, E>,
    (y, x): (isize, isize),
    edge: &'a mut [[[E; BLOCK]; N]; N],
) -> [&'a [[E; BLOCK]; N]; N] {
    let (height, width) = (plane.size.height as isize, plane.size.width as isize);
    let n = N as isize;
    if y >= 0 && x >= 0 && y + n <= height && x + n <= width {
        return plane.square(y as usize, x as usize);
    }
    // The columns of the patch that are inside the picture, if any.
    let first = (-x).clamp(0, n);
    let end = (width - x).clamp(first, n);
    for (y, row) in (y..).zip(edge.iter_mut()) {
        *row = [[E::default(); BLOCK]; N];
        if (0..height).contains(&y) && first < end {
            let pixels = plane.from(y as usize, (x + first) as usize).as_chunks().0;
            row[first as usize..end as usize].copy_from_slice(&pixels[..(end - first) as usize]);
        }
    }
    edge.each_ref()
}

/// Where the transformed values of one block of a patch are written.
#[derive(Clone, Copy)]
pub(super) struct PatchDestination {
    pub(super) first: *mut f32,
    /// Values from one position to the next, and from one vector of lanes to the next.
    pub(super) position_step: usize,
    pub(super) vector_step: usize,
}

impl<E: Element> PatchSource<'_, E> {
    /// The top left corner of the pixels that a patch of results is computed from.
    #[inline(always)]
    pub(super) fn corner(&self, patch: usize) -> (isize, isize) {
        let (y, x) = self.patches.at(patch);
        (y as isize - self.padding.0 as isize, x as isize - self.padding.1 as isize)
    }

    /// Transforms one block of the patch that begins at `corner`.
    ///
    /// # Safety
    /// `to` must have room for all values of the block.
    #[inline(always)]
    pub(super) unsafe fn transform<S: Simd, F: Form<N, M>, const N: usize, const M: usize>(
        &self,
        simd: S,
        block: usize,
        corner: (isize, isize),
        to: PatchDestination,
        edge: &mut [[[E; BLOCK]; N]; N],
    ) {
        let pixels = pixels_of_patch(&self.planes[block], corner, edge);
        let zero = simd.splat(0.0);
        for vector in 0..BLOCK / S::LANES {
            let mut lines = MaybeUninit::<[[S::F; N]; N]>::uninit();
            let lines = lines.as_mut_ptr().cast::<S::F>();
            for x in 0..N {
                let mut line = [zero; N];
                for y in 0..N {
                    // SAFETY: the lanes divide a block, and `vector` counts vectors within one.
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
                    unsafe {
                        simd.store(to.first.add((y * N + x) * to.position_step + vector * to.vector_step), line[x])
                    };
                }
            }
        }
    }
}

super::winograd_forms::kernel_for_each_form!(FloatInputTransform => transform_to_floats);

#[inline(always)]
fn transform_to_floats<S: Simd, E: Element, F: Form<N, M>, const N: usize, const M: usize>(
    simd: S,
    kernel: FloatInputTransform<'_, E, F>,
) {
    let FloatInputTransform { source, values, position_stride, .. } = kernel;
    let channels = source.planes.len() * BLOCK;
    assert!(source.patches.count * channels <= position_stride && N * N * position_stride <= values.len());
    let mut edge = [[[E::default(); BLOCK]; N]; N];
    for patch in 0..source.patches.count {
        let corner = source.corner(patch);
        for block in 0..source.planes.len() {
            let to = patch * channels + block * BLOCK;
            // SAFETY: `to` and a block after it are inside a position's stride, and `values` has room for a stride per
            // position.
            unsafe {
                let to = PatchDestination {
                    first: values.as_mut_ptr().add(to),
                    position_step: position_stride,
                    vector_step: S::LANES,
                };
                source.transform::<S, F, N, M>(simd, block, corner, to, &mut edge);
            }
        }
    }
}
