//! Rows of activations: some of those of a value, to read.
//!
//! A value is never there as a whole; rows come and go. Who reads a view must never ask for a row that is not in it.

use crate::flow::Input;
use crate::kernels::aligned::Aligned;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::{BLOCK, Element};

/// A row of a value: all its blocks of channels.
pub(crate) type Row<E> = Aligned<E>;

/// Values in a row.
pub(crate) fn length(size: Size, channels: usize) -> usize {
    size.pitch() * channels.next_multiple_of(BLOCK)
}

/// Some rows of a value.
pub(crate) struct View<'a, E> {
    rows: Vec<&'a [E]>,
    /// The row that the first of them is.
    top: usize,
    /// The whole value's size.
    pub(crate) size: Size,
    pub(crate) channels: usize,
}

impl<'a, E: Element> View<'a, E> {
    pub(crate) fn of(input: &'a Input<Row<E>>, channels: usize) -> Self {
        let rows = input.rows.iter().map(|row| &***row).collect();
        View { rows, top: input.top, size: input.size, channels }
    }

    /// Blocks of channels.
    pub(crate) fn blocks(&self) -> usize {
        self.channels.div_ceil(BLOCK)
    }

    /// The channels of one block of a pixel.
    pub(crate) fn pixel(&self, y: usize, x: usize, block: usize) -> &'a [E; BLOCK] {
        let from = &self.rows[y - self.top][(block * self.size.pitch() + x) * BLOCK..];
        from.first_chunk().unwrap_or_else(|| unreachable!("a pixel of a row is a block"))
    }

    /// One block.
    pub(crate) fn plane(&self, block: usize) -> Plane<'_, E> {
        Plane::new(&self.rows, self.top, self.size, self.blocks(), block)
    }

    /// All blocks.
    pub(crate) fn planes(&self) -> impl Iterator<Item = Plane<'_, E>> {
        (0..self.blocks()).map(|block| self.plane(block))
    }
}
