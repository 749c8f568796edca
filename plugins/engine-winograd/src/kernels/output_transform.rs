//! Winograd's output transform: from products back to activations, including bias, slopes, residuals and gates.
//!
//! Everything that is applied to a result before the next operation reads it is applied here, while the result is in a
//! register. A patch that extends over the picture's edge must never be written there.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::aligned_buffer::AlignedBuffer;
use super::element::{BLOCK, Element};
use super::patch_batch::PatchBatch;
use super::plane::{Pitch, Plane, Size};
use super::sigmoid::denominators;
use super::simd::{Kernel, Simd};
use super::winograd_forms::Form;

/// A plane that is added to a result, times a factor.
#[derive(Clone, Copy)]
pub(crate) struct Residual<'a, E> {
    pub(crate) plane: Plane<'a, E>,
    pub(crate) factor: f32,
}

/// Computes the activations of a batch of patches.
pub(crate) struct OutputTransform<'a, E, F> {
    pub(crate) form: PhantomData<F>,
    pub(crate) patches: PatchBatch,
    /// For each position, patch after patch, the products of all outputs.
    pub(crate) products: &'a [f32],
    /// Products from one position to the next.
    pub(crate) product_stride: usize,
    pub(crate) bias: &'a [f32],
    /// What negative results are multiplied by.
    pub(crate) slopes: &'a [f32],
    /// What is added to the result after that: for each residual, one plane per block of channels.
    pub(crate) residuals: &'a [Residual<'a, E>],
    /// If it is there, the result after that is multiplied by the sigmoid of the result before, plus this number.
    pub(crate) gate: Option<f32>,
    /// The size of the whole result.
    pub(crate) size: Size,
    /// The memory of the rows to compute, from row `patches.top` on.
    pub(crate) to: &'a mut [AlignedBuffer<E>],
}

super::winograd_forms::kernel_for_each_form!(OutputTransform => transform_output);

#[inline(always)]
fn transform_output<S: Simd, E: Element, F: Form<N, M>, const N: usize, const M: usize>(
    simd: S,
    mut kernel: OutputTransform<'_, E, F>,
) {
    let outputs = kernel.bias.len();
    let (blocks, width, row) = (outputs / BLOCK, kernel.size.width, kernel.size.pitch() * outputs);
    let rows = kernel.to.len();
    assert!(outputs.is_multiple_of(BLOCK) && kernel.slopes.len() == outputs);
    assert!(
        kernel.patches.count * outputs <= kernel.product_stride
            && N * N * kernel.product_stride <= kernel.products.len()
    );
    assert!(kernel.to.iter().all(|memory| memory.len() == row) && kernel.patches.top + rows <= kernel.size.height);
    assert!(kernel.residuals.len().is_multiple_of(blocks));
    assert!(kernel.residuals.iter().all(|residual| residual.plane.size == kernel.size));
    for patch in 0..kernel.patches.count {
        let (y, x) = kernel.patches.at(patch);
        assert!(y < kernel.patches.top + rows && x < width);
        for block in 0..blocks {
            for lane in (0..BLOCK).step_by(S::LANES) {
                if y + M <= kernel.patches.top + rows && x + M <= width {
                    kernel.patch::<S, N, M, true>(simd, patch, block, lane);
                } else {
                    kernel.patch::<S, N, M, false>(simd, patch, block, lane);
                }
            }
        }
    }
}

impl<E: Element, F> OutputTransform<'_, E, F> {
    /// Computes one vector of channels of a patch. `WHOLE` tells that the patch is inside the picture; its first pixel
    /// always is.
    #[inline(always)]
    fn patch<S: Simd, const N: usize, const M: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        patch: usize,
        block: usize,
        lane: usize,
    ) where
        F: Form<N, M>,
    {
        let outputs = self.bias.len();
        let (blocks, width, pitch) = (outputs / BLOCK, self.size.width, self.size.pitch());
        let (top, left) = self.patches.at(patch);
        let bottom = self.patches.top + self.to.len();
        let (rows, columns) = if WHOLE { (M, M) } else { (M.min(bottom - top), M.min(width - left)) };
        let channel = block * BLOCK + lane;
        let zero = simd.splat(0.0);

        let mut lines = MaybeUninit::<[[S::F; N]; M]>::uninit();
        let lines = lines.as_mut_ptr().cast::<S::F>();
        for x in 0..N {
            let mut line = [zero; N];
            for y in 0..N {
                let from = (y * N + x) * self.product_stride + patch * outputs + channel;
                // SAFETY: the products were checked to hold this patch at every position.
                line[y] = unsafe { simd.load(self.products.as_ptr().add(from)) };
            }
            let line = F::output(simd, line);
            for y in 0..M {
                // SAFETY: `lines` has room for M lines of N.
                unsafe { lines.add(y * N + x).write(line[y]) };
            }
        }
        // SAFETY: there is a bias and a slope for every output.
        let (bias, slope) =
            unsafe { (simd.load(self.bias.as_ptr().add(channel)), simd.load(self.slopes.as_ptr().add(channel))) };
        for y in 0..rows {
            // SAFETY: all of `lines` was written above.
            let mut line = F::output(simd, unsafe { lines.add(y * N).cast::<[S::F; N]>().read() });
            // Loops instead of `map` or iterators over arrays, which the compiler does not always see through.
            for x in 0..M {
                line[x] = simd.leaky(simd.add(line[x], bias), slope);
            }
            let gates = if self.gate.is_some() { denominators(simd, line) } else { line };
            for residual in self.residuals.iter().skip(block).step_by(blocks) {
                let (plane, factor) = (&residual.plane, simd.splat(residual.factor));
                let from = plane.from(top + y, left);
                assert!(from.len() >= columns * BLOCK);
                for x in 0..columns {
                    // SAFETY: the assertion above has checked that the row holds these columns.
                    let other = unsafe { E::load(simd, from.as_ptr().add(x * BLOCK + lane)) };
                    line[x] = simd.mul_add(other, factor, line[x]);
                }
            }
            if let Some(offset) = self.gate {
                for x in 0..M {
                    line[x] = simd.mul_add(line[x], simd.splat(offset), simd.div(line[x], gates[x]));
                }
            }
            let (memory, to) =
                (self.to[top - self.patches.top + y].as_mut_ptr(), (block * pitch + left) * BLOCK + lane);
            for x in 0..columns {
                // SAFETY: the columns are inside the row, whose length `transform_output` has checked.
                unsafe { E::store(simd, memory.add(to + x * BLOCK), line[x]) };
            }
        }
    }
}
