//! Rows of activations, and views of some rows of a value.
//!
//! A value is never in memory as a whole. A row that is not in a view must never be read through it.

use std::sync::Arc;

use crate::kernels::aligned_buffer::AlignedBuffer;
use crate::kernels::element::{BLOCK, Element};
use crate::kernels::plane::{Pitch, Plane, Size};

/// A row of a value: all its blocks of channels, one after the other.
pub(crate) type ActivationRow<E> = AlignedBuffer<E>;

/// The number of elements in a row.
pub(crate) fn row_length(size: Size, channels: usize) -> usize {
    size.pitch() * channels.next_multiple_of(BLOCK)
}

/// Some rows of a value, for reading.
pub(crate) struct RowsView<'a, E> {
    rows: Vec<&'a [E]>,
    /// The index of the first of these rows in the value.
    top: usize,
    /// The size of the whole value.
    pub(crate) size: Size,
    pub(crate) channels: usize,
}

impl<'a, E: Element> RowsView<'a, E> {
    /// A view of rows whose first has the index `top` in a value of this size.
    pub(crate) fn new(rows: &'a [Arc<ActivationRow<E>>], top: usize, size: Size, channels: usize) -> Self {
        let rows = rows.iter().map(|row| &***row).collect();
        RowsView { rows, top, size, channels }
    }

    /// The number of blocks of channels.
    pub(crate) fn blocks(&self) -> usize {
        self.channels.div_ceil(BLOCK)
    }

    /// The channels of one block of a pixel.
    pub(crate) fn pixel(&self, y: usize, x: usize, block: usize) -> &'a [E; BLOCK] {
        let from = &self.rows[y - self.top][(block * self.size.pitch() + x) * BLOCK..];
        from.first_chunk().unwrap_or_else(|| unreachable!("a pixel of a row is a block"))
    }

    /// One block of channels of a row, and what follows it in memory.
    pub(crate) fn plane_row(&self, y: usize, block: usize) -> &'a [E] {
        &self.rows[y - self.top][block * self.size.pitch() * BLOCK..]
    }

    /// One block of channels.
    pub(crate) fn plane(&self, block: usize) -> Plane<'_, E> {
        Plane::new(&self.rows, self.top, self.size, self.blocks(), block)
    }

    /// All blocks of channels.
    pub(crate) fn planes(&self) -> impl Iterator<Item = Plane<'_, E>> {
        (0..self.blocks()).map(|block| self.plane(block))
    }
}
