//! The patches of a batch and where they lie in the picture.
//!
//! Patches always begin at multiples of their side, counted from the picture's top left corner, so that a result does
//! not depend on how rows are divided among tasks. A batch must never extend beyond the rows being computed.

/// A batch: some of the patches that cover the rows being computed, in reading order.
#[derive(Clone, Copy)]
pub(crate) struct PatchBatch {
    /// The first of the rows being computed.
    pub(crate) top: usize,
    /// Patches side by side.
    pub(crate) across: usize,
    /// The number of the batch's first patch.
    pub(crate) first: usize,
    pub(crate) count: usize,
    /// The side of a patch of results.
    pub(crate) side: usize,
}

impl PatchBatch {
    /// The row and column where patch number `patch` of the batch begins.
    #[inline(always)]
    pub(crate) fn at(&self, patch: usize) -> (usize, usize) {
        let patch = self.first + patch;
        (self.top + patch / self.across * self.side, patch % self.across * self.side)
    }
}
