//! Buffers that begin at a cache line.
//!
//! A vector of 64 bytes that straddles two lines takes twice as long to load. It must never hold anything for which
//! some bytes are no value.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use enlarger::{Error, ErrorKind, Result};
use half::f16;

/// A cache line.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(#[expect(dead_code, reason = "it is read as other types")] [u8; 64]);

/// Types for which all bytes are values.
///
/// # Safety
/// Every pattern of bytes is a value, and the size divides that of a cache line.
pub(crate) unsafe trait Plain: Copy {}

// SAFETY: numbers.
unsafe impl Plain for f32 {}
// SAFETY: numbers.
unsafe impl Plain for i32 {}
// SAFETY: two bytes, of which every pattern is a number.
unsafe impl Plain for f16 {}

/// A buffer of `T`, all zero at first.
#[derive(Clone)]
pub(crate) struct Aligned<T> {
    lines: Vec<Line>,
    length: usize,
    kind: PhantomData<T>,
}

impl<T: Plain> Aligned<T> {
    /// # Errors
    /// `Memory` where there is not enough.
    pub(crate) fn new(length: usize) -> Result<Self> {
        let mut buffer = Aligned { lines: Vec::new(), length: 0, kind: PhantomData };
        buffer.resize(length)?;
        Ok(buffer)
    }

    /// Values that it has memory for.
    pub(crate) fn room(&self) -> usize {
        self.lines.len() * (64 / size_of::<T>())
    }

    /// Makes it this long. What it holds then is of no meaning; memory that it has is kept.
    ///
    /// # Errors
    /// `Memory` where there is not enough.
    pub(crate) fn resize(&mut self, length: usize) -> Result<()> {
        let lines = length.div_ceil(64 / size_of::<T>());
        let more = lines.saturating_sub(self.lines.len());
        self.lines.try_reserve_exact(more).map_err(|_| {
            Error::new(ErrorKind::Memory, format!("{} MiB are not there; choose a smaller tile", lines >> 14))
        })?;
        if more > 0 {
            self.lines.resize(lines, Line([0; 64]));
        }
        self.length = length;
        Ok(())
    }
}

impl<T: Plain> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the lines hold as many values, which may have any bytes; a line is aligned more strictly than they.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }
}

impl<T: Plain> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

#[cfg(all(test, miri))]
mod tests {
    use super::*;

    /// Wrong on purpose: `scripts/sanitize miri` must find it.
    #[test]
    fn planted() {
        let buffer = Aligned::<f32>::new(16).unwrap();
        // SAFETY: there is none; this is one value beyond the memory.
        let beyond = unsafe { buffer.as_ptr().add(buffer.room()).read() };
        assert_eq!(beyond.to_bits(), 0x7fff_ffff);
    }
}
