//! A step: one kernel over one result.

use crate::kernels::{Kernel, MAX_IMMEDIATES};

/// Where a step reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Constants of the network, by their index in [`Packed`](super::Packed).
    Constants(usize),
    /// A buffer of the tile, by its index in [`TilePlan::buffers`](super::TilePlan).
    Buffer(usize),
}

/// One kernel over one result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) kernel: Kernel,
    /// What it reads, in the order of the kernel's bindings.
    pub(crate) reads: Vec<Place>,
    pub(crate) writes: Place,
    /// All immediates but the first, which is a row of workgroups.
    pub(crate) immediates: Vec<u32>,
    /// The workgroups: columns, rows, layers. Rows can be computed in any number of turns.
    pub(crate) workgroups: [u32; 3],
    /// About how many products a row of workgroups takes, or what takes as long.
    pub(crate) row_cost: u64,
}

impl Step {
    /// The bytes of the immediates for rows from this one on.
    pub(crate) fn immediates_from(&self, row: u32) -> Vec<u8> {
        let words = std::iter::once(row).chain(self.immediates.iter().copied());
        let bytes: Vec<u8> = words.flat_map(u32::to_ne_bytes).collect();
        debug_assert!(bytes.len() <= MAX_IMMEDIATES, "{} bytes of immediates", bytes.len());
        bytes
    }
}
