//! Activations: pictures of channels, sixteen channels beside one another.
//!
//! A row holds its blocks of channels one after the other, so that rows can be shared out among threads as slices, and a
//! convolution reads and writes whole vectors. Nothing around a picture is stored; its border is the kernels' affair.

use super::simd::BLOCK;

/// Height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Size {
    /// Pixels of a row of one block as they are stored: an odd number, so that rows do not all fall into the same sets of
    /// a cache.
    pub(crate) fn pitch(self) -> usize {
        self.width | 1
    }
}

/// One block of channels of a picture, to read.
#[derive(Clone, Copy)]
pub(crate) struct Plane<'a, E> {
    data: &'a [E],
    /// Elements from one row to the next.
    row: usize,
    pub(crate) size: Size,
}

impl<'a, E> Plane<'a, E> {
    /// Block number `block` of a picture that has `blocks` of them.
    pub(crate) fn new(data: &'a [E], size: Size, blocks: usize, block: usize) -> Self {
        assert!(block < blocks && data.len() == size.height * size.pitch() * blocks * BLOCK);
        Plane { data: &data[block * size.pitch() * BLOCK..], row: size.pitch() * blocks * BLOCK, size }
    }

    /// Elements from one row to the next.
    pub(crate) fn row(&self) -> usize {
        self.row
    }

    /// The sixteen channels of a pixel, which must be inside.
    #[inline(always)]
    pub(crate) fn pixel(&self, y: usize, x: usize) -> &'a [E] {
        &self.data[y * self.row + x * BLOCK..][..BLOCK]
    }

    /// The pixels of a row and after it, beginning at `(y, x)`; everything up to the picture's last pixel is inside.
    #[inline(always)]
    pub(crate) fn from(&self, y: usize, x: usize) -> &'a [E] {
        &self.data[y * self.row + x * BLOCK..]
    }
}

/// The tiles of a batch: some of those that cover a strip of rows, line by line.
#[derive(Clone, Copy)]
pub(crate) struct Tiles {
    /// The strip's first row.
    pub(crate) top: usize,
    /// Tiles in a line.
    pub(crate) across: usize,
    /// The batch's first tile.
    pub(crate) first: usize,
    pub(crate) count: usize,
    /// The side of a tile.
    pub(crate) side: usize,
}

impl Tiles {
    /// Where tile number `tile` of the batch begins: row and column.
    #[inline(always)]
    pub(crate) fn at(&self, tile: usize) -> (usize, usize) {
        let tile = self.first + tile;
        (self.top + tile / self.across * self.side, tile % self.across * self.side)
    }
}
