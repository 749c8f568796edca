//! Activations: pictures of channels, sixteen channels beside one another.
//!
//! A row is a piece of memory of its own, so that some rows of a picture can be there without the others. It holds its
//! blocks of channels one after the other, and a convolution reads and writes whole vectors. Nothing around a picture is
//! stored; its border is the kernels' affair.

use super::simd::BLOCK;

/// Height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Size {
    /// Pixels of a row of one block as they are stored: an odd number, so that blocks do not all fall into the same sets of
    /// a cache.
    pub(crate) fn pitch(self) -> usize {
        self.width | 1
    }
}

/// One block of channels of some rows of a picture, to read.
#[derive(Clone, Copy)]
pub(crate) struct Plane<'a, E> {
    rows: &'a [&'a [E]],
    /// The picture's row that the first of them is.
    top: usize,
    /// Where the block begins in each.
    start: usize,
    /// The whole picture's size.
    pub(crate) size: Size,
}

impl<'a, E> Plane<'a, E> {
    /// Block number `block` of rows that have `blocks` of them.
    pub(crate) fn new(rows: &'a [&'a [E]], top: usize, size: Size, blocks: usize, block: usize) -> Self {
        let part = size.pitch() * BLOCK;
        assert!(block < blocks && rows.iter().all(|row| row.len() == blocks * part));
        Plane { rows, top, start: block * part, size }
    }

    /// The pixels of a row and after it, beginning at `(y, x)`; everything up to the row's last pixel is inside.
    #[inline(always)]
    pub(crate) fn from(&self, y: usize, x: usize) -> &'a [E] {
        &self.rows[y - self.top][self.start + x * BLOCK..]
    }

    /// The square of N pixels a side that begins at `(y, x)`, which must be here.
    #[inline(always)]
    pub(crate) fn square<const N: usize>(&self, y: usize, x: usize) -> [&'a [[E; BLOCK]; N]; N] {
        let rows = &self.rows[y - self.top..][..N];
        // A loop and not `map`, which the compiler does not always see through.
        let mut square = [self.line(rows[0], x); N];
        for i in 1..N {
            square[i] = self.line(rows[i], x);
        }
        square
    }

    #[inline(always)]
    fn line<const N: usize>(&self, row: &'a [E], x: usize) -> &'a [[E; BLOCK]; N] {
        let pixels = row[self.start + x * BLOCK..].as_chunks::<BLOCK>().0;
        pixels.first_chunk().unwrap_or_else(|| unreachable!("the square is inside the row"))
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
