//! From the products back to activations: inverse transform, bias, slope, residuals.
//!
//! Everything that happens to a result before the next convolution reads it happens here, while it is in a register. A
//! tile that reaches over the picture's edge must never write beyond it.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::aligned::Aligned;
use super::form::Form;
use super::plane::{Plane, Size, Tiles};
use super::simd::{BLOCK, Element, Simd, Work};

/// What is added to a result: another picture times a factor.
#[derive(Clone, Copy)]
pub(crate) struct Residual<'a, E> {
    pub(crate) plane: Plane<'a, E>,
    pub(crate) factor: f32,
}

/// Makes the activations of a batch of tiles.
pub(crate) struct Activations<'a, E, F> {
    pub(crate) form: PhantomData<F>,
    pub(crate) tiles: Tiles,
    /// For each position, tile after tile the products of all outputs.
    pub(crate) products: &'a [f32],
    /// Products of a position.
    pub(crate) stride: usize,
    pub(crate) bias: &'a [f32],
    /// What negative results are multiplied by.
    pub(crate) slopes: &'a [f32],
    /// For each block of channels, what is added after that; as many for each block.
    pub(crate) residuals: &'a [Residual<'a, E>],
    /// The whole picture's size.
    pub(crate) size: Size,
    /// The strip's rows, from `tiles.top` on.
    pub(crate) strip: &'a mut [Aligned<E>],
}

super::form::work!(Activations => activations);

#[inline(always)]
fn activations<S: Simd, E: Element, F: Form<N, M>, const N: usize, const M: usize>(
    simd: S,
    mut work: Activations<'_, E, F>,
) {
    let outputs = work.bias.len();
    let (blocks, width, row) = (outputs / BLOCK, work.size.width, work.size.pitch() * outputs);
    let rows = work.strip.len();
    assert!(outputs.is_multiple_of(BLOCK) && work.slopes.len() == outputs);
    assert!(work.tiles.count * outputs <= work.stride && N * N * work.stride <= work.products.len());
    assert!(work.strip.iter().all(|strip| strip.len() == row) && work.tiles.top + rows <= work.size.height);
    assert!(work.residuals.len().is_multiple_of(blocks));
    assert!(work.residuals.iter().all(|residual| residual.plane.size == work.size));
    for tile in 0..work.tiles.count {
        let (y, x) = work.tiles.at(tile);
        assert!(y < work.tiles.top + rows && x < width);
        for block in 0..blocks {
            for lane in (0..BLOCK).step_by(S::LANES) {
                if y + M <= work.tiles.top + rows && x + M <= width {
                    work.tile::<S, N, M, true>(simd, tile, block, lane);
                } else {
                    work.tile::<S, N, M, false>(simd, tile, block, lane);
                }
            }
        }
    }
}

impl<E: Element, F> Activations<'_, E, F> {
    /// One vector of channels of a tile, which is `WHOLE` where it is inside the picture. The tile begins inside.
    #[inline(always)]
    fn tile<S: Simd, const N: usize, const M: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        tile: usize,
        block: usize,
        lane: usize,
    ) where
        F: Form<N, M>,
    {
        let outputs = self.bias.len();
        let (blocks, width, pitch) = (outputs / BLOCK, self.size.width, self.size.pitch());
        let (top, left) = self.tiles.at(tile);
        let bottom = self.tiles.top + self.strip.len();
        let (rows, columns) = if WHOLE { (M, M) } else { (M.min(bottom - top), M.min(width - left)) };
        let channel = block * BLOCK + lane;
        let zero = simd.splat(0.0);

        let mut lines = MaybeUninit::<[[S::F; N]; M]>::uninit();
        let lines = lines.as_mut_ptr().cast::<S::F>();
        for x in 0..N {
            let mut line = [zero; N];
            for y in 0..N {
                let from = (y * N + x) * self.stride + tile * outputs + channel;
                // SAFETY: the products were checked to hold this tile at every position.
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
            // Loops and not `map` or iterators over arrays, which the compiler does not always see through.
            for x in 0..M {
                line[x] = simd.leaky(simd.add(line[x], bias), slope);
            }
            for residual in self.residuals.iter().skip(block).step_by(blocks) {
                let (plane, factor) = (&residual.plane, simd.splat(residual.factor));
                let from = plane.from(top + y, left);
                assert!(from.len() >= columns * BLOCK);
                for x in 0..columns {
                    // SAFETY: the row was just seen to hold these columns.
                    let other = unsafe { E::load(simd, from.as_ptr().add(x * BLOCK + lane)) };
                    line[x] = simd.mul_add(other, factor, line[x]);
                }
            }
            let (strip, to) =
                (self.strip[top - self.tiles.top + y].as_mut_ptr(), (block * pitch + left) * BLOCK + lane);
            for x in 0..columns {
                // SAFETY: the columns are inside the row, which the caller has measured.
                unsafe { E::store(simd, strip.add(to + x * BLOCK), line[x]) };
            }
        }
    }
}
