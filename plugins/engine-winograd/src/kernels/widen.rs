//! Activations as floats, for operations that are not worth a kernel of their own.
//!
//! Plain Rust converts halves one by one, which is slow. It must never be given parts of blocks.

use super::element::{BLOCK, Element};
use super::simd::{Kernel, Simd};

/// Converts whole blocks to the same number of floats.
pub(crate) struct Widen<'a, E> {
    pub(crate) from: &'a [E],
    pub(crate) to: &'a mut [f32],
}

impl<E: Element> Kernel for Widen<'_, E> {
    type Output = ();

    #[inline(always)]
    fn execute<S: Simd>(self, simd: S) {
        assert!(self.from.len() == self.to.len() && self.from.len().is_multiple_of(BLOCK));
        for i in (0..self.from.len()).step_by(S::LANES) {
            // SAFETY: both slices have the same length, a multiple of a block, which the number of lanes divides.
            unsafe { simd.store(self.to.as_mut_ptr().add(i), E::load(simd, self.from.as_ptr().add(i))) };
        }
    }
}
