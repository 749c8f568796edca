//! Buffers that begin at a cache line.
//!
//! A 64-byte vector that straddles two cache lines takes twice as long to load. A buffer must never hold a type for
//! which some bit pattern is invalid.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use enlarger::{Error, ErrorKind, Result};
use half::f16;

/// A cache line.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(#[expect(dead_code, reason = "it is read as other types")] [u8; 64]);

/// Types for which every bit pattern is valid.
///
/// # Safety
/// Every bit pattern must be a valid value, and the type's size must divide that of a cache line.
pub(crate) unsafe trait PlainData: Copy {}

// SAFETY: every bit pattern is a number, and 4 bytes divide a line.
unsafe impl PlainData for f32 {}
// SAFETY: every bit pattern is a number, and 4 bytes divide a line.
unsafe impl PlainData for i32 {}
// SAFETY: `f16` is two bytes, every pattern of which is a number, and 2 bytes divide a line.
unsafe impl PlainData for f16 {}

/// A buffer of `T`, initially all zero.
#[derive(Clone)]
pub(crate) struct AlignedBuffer<T> {
    lines: Vec<Line>,
    length: usize,
    kind: PhantomData<T>,
}

impl<T: PlainData> AlignedBuffer<T> {
    /// # Errors
    /// `Memory` if there is not enough memory.
    pub(crate) fn new(length: usize) -> Result<Self> {
        let mut buffer = AlignedBuffer { lines: Vec::new(), length: 0, kind: PhantomData };
        buffer.resize(length)?;
        Ok(buffer)
    }

    /// The number of values that it has memory for.
    pub(crate) fn capacity(&self) -> usize {
        self.lines.len() * (64 / size_of::<T>())
    }

    /// Sets the length. Keeps the memory it has; its content is unspecified afterwards.
    ///
    /// # Errors
    /// `Memory` if there is not enough memory.
    pub(crate) fn resize(&mut self, length: usize) -> Result<()> {
        let lines = length.div_ceil(64 / size_of::<T>());
        let more = lines.saturating_sub(self.lines.len());
        self.lines.try_reserve_exact(more).map_err(|_| {
            Error::new(
                ErrorKind::Memory,
                format!("a buffer of {} MiB cannot be allocated; choose a smaller tile", lines >> 14),
            )
        })?;
        if more > 0 {
            self.lines.resize(lines, Line([0; 64]));
        }
        self.length = length;
        Ok(())
    }
}

impl<T: PlainData> Deref for AlignedBuffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the lines hold at least `length` values, every bit pattern is a valid `T`, and a line is aligned more
        // strictly than a `T`.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }
}

impl<T: PlainData> DerefMut for AlignedBuffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

#[cfg(all(test, miri))]
mod tests {
    use super::*;

    /// Wrong on purpose: `scripts/sanitize miri` must report it.
    #[test]
    fn planted() {
        let buffer = AlignedBuffer::<f32>::new(16).unwrap();
        // SAFETY: none; this reads one value beyond the memory.
        let beyond = unsafe { buffer.as_ptr().add(buffer.capacity()).read() };
        assert_eq!(beyond.to_bits(), 0x7fff_ffff);
    }
}
