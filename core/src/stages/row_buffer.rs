//! A buffer of rows that a stage computes for itself: consecutive rows, kept while they are needed.
//!
//! A [`Window`](crate::stages::window::Window) keeps rows that another stage makes; this keeps what lies between them and the
//! result. It must never hold rows that its owner has released.

use std::collections::VecDeque;

use crate::error::Result;
use crate::machine::memory;

/// Consecutive rows, by their numbers.
pub(crate) struct RowBuffer {
    /// The number of the first row.
    first: u32,
    rows: VecDeque<Vec<f32>>,
}

impl RowBuffer {
    pub(crate) fn new(first: u32) -> Self {
        RowBuffer { first, rows: VecDeque::new() }
    }

    /// The number of the first row.
    pub(crate) fn first(&self) -> u32 {
        self.first
    }

    /// The number after the last row.
    pub(crate) fn end(&self) -> u32 {
        self.first + self.rows.len() as u32
    }

    /// Row `y`, which must be in the buffer.
    pub(crate) fn get(&self, y: u32) -> &[f32] {
        &self.rows[(y - self.first) as usize]
    }

    /// The rows from `top` to before `bottom`, which must be in the buffer.
    pub(crate) fn range(&self, top: u32, bottom: u32) -> impl Iterator<Item = &[f32]> {
        self.rows.range((top - self.first) as usize..(bottom - self.first) as usize).map(Vec::as_slice)
    }

    /// Adds the next row.
    pub(crate) fn push(&mut self, row: Vec<f32>) -> Result<()> {
        memory::push(&mut self.rows, row)
    }

    /// Drops the rows before `start`.
    pub(crate) fn release(&mut self, start: u32) {
        while self.first < start && self.rows.pop_front().is_some() {
            self.first += 1;
        }
    }
}
