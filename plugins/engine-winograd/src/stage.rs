//! A step as rows flow through it: what it reads of which values, and how many rows it makes at once.
//!
//! A stage must never say that it can make rows of which something is missing.

use crate::plan::ValueId;
use crate::reach::Reach;

/// Rows after which pieces of work are in step. See `Flow::new`.
pub(crate) const FAR: usize = 1 << 16;

/// A step as rows flow through it; the last one makes the output.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) reads: Vec<(ValueId, Reach)>,
    /// The value that it makes. The last stage makes none; its rows are those of the first value that it reads.
    pub(crate) makes: Option<ValueId>,
    /// Rows that it makes at once at least.
    pub(crate) side: usize,
}

impl Stage {
    /// The value whose rows it goes through.
    pub(crate) fn rows_of(&self) -> ValueId {
        self.makes.unwrap_or(self.reads[0].0)
    }

    /// The rows that it can make of values of which there are so many: whole tiles.
    pub(crate) fn end(&self, ends: &[usize]) -> usize {
        let can = |rows: usize| {
            let there = |(id, reach): &(ValueId, Reach)| reach.reads(&(0..rows), usize::MAX >> 1).end <= ends[*id];
            self.reads.iter().all(there)
        };
        let (mut least, mut most) = (0, 64 * FAR / self.side);
        while least < most {
            let middle = (least + most).div_ceil(2);
            if can(middle * self.side) { least = middle } else { most = middle - 1 }
        }
        least * self.side
    }
}
