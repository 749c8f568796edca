//! Activations in memory: rows of blocks of sixteen channels.
//!
//! Each row is an allocation of its own, so that some rows of a feature map can exist without the others. It holds its
//! blocks of channels one after the other, so that a convolution reads and writes whole vectors. Pixels outside the
//! picture must never be stored; the kernels supply them.

pub(crate) use enlarger_compiler::Size;

use super::element::BLOCK;

/// How rows of a feature map lie in memory.
pub(crate) trait Pitch {
    /// Stored pixels in a block of a row. It is odd, so that the blocks do not all fall into the same sets of a cache.
    fn pitch(self) -> usize;
}

impl Pitch for Size {
    fn pitch(self) -> usize {
        self.width | 1
    }
}

/// One block of channels of some rows of a feature map, for reading.
#[derive(Clone, Copy)]
pub(crate) struct Plane<'a, E> {
    rows: &'a [&'a [E]],
    /// The index of the first of these rows in the feature map.
    top: usize,
    /// Where the block begins in each row.
    start: usize,
    /// The size of the whole feature map.
    pub(crate) size: Size,
}

impl<'a, E> Plane<'a, E> {
    /// Block number `block` of rows that consist of `blocks` blocks.
    pub(crate) fn new(rows: &'a [&'a [E]], top: usize, size: Size, blocks: usize, block: usize) -> Self {
        let part = size.pitch() * BLOCK;
        assert!(block < blocks && rows.iter().all(|row| row.len() == blocks * part));
        Plane { rows, top, start: block * part, size }
    }

    /// The values from pixel `(y, x)` to the end of the row's memory. Those up to the row's last pixel belong to this
    /// block.
    #[inline(always)]
    pub(crate) fn from(&self, y: usize, x: usize) -> &'a [E] {
        &self.rows[y - self.top][self.start + x * BLOCK..]
    }

    /// The square with a side of N pixels that begins at `(y, x)`; it must be inside these rows.
    #[inline(always)]
    pub(crate) fn square<const N: usize>(&self, y: usize, x: usize) -> [&'a [[E; BLOCK]; N]; N] {
        let rows = &self.rows[y - self.top..][..N];
        // A loop instead of `map`, which the compiler does not always see through.
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
