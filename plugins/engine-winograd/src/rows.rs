//! Rows of activations: some of those of a value, to read.
//!
//! A value is never there as a whole; rows come and go. Who reads a view must never ask for a row that is not in it.

use crate::flow::Input;
use crate::kernels::aligned::Aligned;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::{BLOCK, Element};

/// A row of a value: all its blocks of channels.
pub(crate) type Row<E> = Aligned<E>;

/// Elements of a row of so many blocks.
pub(crate) fn length(size: Size, blocks: usize) -> usize {
    size.pitch() * BLOCK * blocks
}

/// Some rows of a value.
pub(crate) struct View<'a, E> {
    rows: Vec<&'a [E]>,
    /// The row that the first of them is.
    top: usize,
    /// The whole value's size.
    pub(crate) size: Size,
    pub(crate) channels: usize,
    /// Blocks of a row: those of the channels, and after them those of the rests, if there are any.
    stored: usize,
}

impl<'a, E: Element> View<'a, E> {
    pub(crate) fn of(input: &'a Input<Row<E>>, channels: usize, stored: usize) -> Self {
        let rows = input.rows.iter().map(|row| &***row).collect();
        View { rows, top: input.top, size: input.size, channels, stored }
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
        Plane::new(&self.rows, self.top, self.size, self.stored, block)
    }

    /// What the elements of a block leave out of its values, if that was kept.
    pub(crate) fn rest(&self, block: usize) -> Option<Plane<'_, E>> {
        (self.stored > self.blocks()).then(|| self.plane(self.blocks() + block))
    }

    /// All blocks.
    pub(crate) fn planes(&self) -> impl Iterator<Item = Plane<'_, E>> {
        (0..self.blocks()).map(|block| self.plane(block))
    }
}
