//! An operation as the scheduler sees it: which rows of which values it reads, and how many rows it computes at once.
//!
//! The scheduler needs nothing else of an operation, so it also serves for estimating memory. An operation must never
//! claim that it can compute rows for which an input row is missing.

use enlarger_compiler::{RowDependency, ValueId};

/// A number of rows that stands for "far from the picture's top". See `RowScheduler::new`.
pub(super) const FAR: usize = 1 << 16;

/// An operation as the scheduler sees it. The last one writes the network's output.
#[derive(Clone, Debug)]
pub(crate) struct ScheduledOperation {
    pub(crate) reads: Vec<(ValueId, RowDependency)>,
    /// The value that it computes. None for the last operation, whose rows are those of the first value that it reads.
    pub(crate) produces: Option<ValueId>,
    /// Tasks begin at multiples of this many rows (the height of a Winograd patch, or 1).
    pub(crate) granularity: usize,
}

impl ScheduledOperation {
    /// The value whose rows this operation counts in.
    pub(super) fn rows_of(&self) -> ValueId {
        self.produces.unwrap_or(self.reads[0].0)
    }

    /// How many rows it can compute if each value `id` has `available[id]` rows; a multiple of the granularity.
    pub(super) fn computable_rows(&self, available: &[usize]) -> usize {
        let can = |rows: usize| {
            let there = |(id, dependency): &(ValueId, RowDependency)| {
                dependency.rows_read(&(0..rows), usize::MAX >> 1).end <= available[*id]
            };
            self.reads.iter().all(there)
        };
        let (mut least, mut most) = (0, 64 * FAR / self.granularity);
        while least < most {
            let middle = (least + most).div_ceil(2);
            if can(middle * self.granularity) { least = middle } else { most = middle - 1 }
        }
        least * self.granularity
    }
}
