//! Activations as floats, for steps that are not worth a kernel of their own.
//!
//! Plain code converts halves one by one, which is slow. It must never be asked for parts of blocks.

use super::simd::{BLOCK, Element, Simd, Work};

/// Converts whole blocks into as many floats.
pub(crate) struct Widen<'a, E> {
    pub(crate) from: &'a [E],
    pub(crate) to: &'a mut [f32],
}

impl<E: Element> Work for Widen<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        assert!(self.from.len() == self.to.len() && self.from.len().is_multiple_of(BLOCK));
        for i in (0..self.from.len()).step_by(S::LANES) {
            // SAFETY: both are as long, a multiple of blocks, which lanes divide.
            unsafe { simd.store(self.to.as_mut_ptr().add(i), E::load(simd, self.from.as_ptr().add(i))) };
        }
    }
}
