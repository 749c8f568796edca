//! The pictures of activations of one run, and their memory.
//!
//! A value lives from the step that makes it to the last one that reads it; then its memory is used again, also by the
//! next run. It must never be asked for a value that is not there.

use enlarger::{Error, ErrorKind, Result};

use crate::convolution::Stored;
use crate::kernels::aligned::Aligned;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::BLOCK;
use crate::plan::ValueId;

/// A picture of activations.
pub(crate) struct Picture<E> {
    pub(crate) size: Size,
    pub(crate) channels: usize,
    pub(crate) data: Aligned<E>,
}

impl<E: Stored> Picture<E> {
    /// Blocks of channels.
    pub(crate) fn blocks(&self) -> usize {
        self.channels.div_ceil(BLOCK)
    }

    /// One block.
    pub(crate) fn plane(&self, block: usize) -> Plane<'_, E> {
        Plane::new(&self.data, self.size, self.blocks(), block)
    }

    /// All blocks.
    pub(crate) fn planes(&self) -> impl Iterator<Item = Plane<'_, E>> {
        (0..self.blocks()).map(|block| self.plane(block))
    }

    /// Elements of a row.
    pub(crate) fn row(&self) -> usize {
        self.blocks() * self.size.pitch() * BLOCK
    }
}

/// The pictures that are there, by value, and memory that is free.
pub(crate) struct Pictures<E> {
    values: Vec<Option<Picture<E>>>,
    free: Vec<Aligned<E>>,
}

impl<E> Default for Pictures<E> {
    fn default() -> Self {
        Pictures { values: Vec::new(), free: Vec::new() }
    }
}

impl<E: Stored> Pictures<E> {
    /// Memory for a picture. What it holds is of no meaning.
    pub(crate) fn picture(&mut self, size: Size, channels: usize) -> Result<Picture<E>> {
        let pixels = size.height.checked_mul(size.pitch());
        let length = pixels.and_then(|pixels| pixels.checked_mul(channels.next_multiple_of(BLOCK)));
        let length = length.filter(|length| *length < isize::MAX as usize / 8).ok_or_else(|| {
            Error::new(ErrorKind::Memory, "a picture inside the network would be too large; choose a smaller tile")
        })?;
        // The smallest that is large enough, or else the largest: the others may fit something else.
        let fits = |data: &Aligned<E>| (data.room() < length, data.room().abs_diff(length));
        let best = (0..self.free.len()).min_by_key(|i| fits(&self.free[*i]));
        let mut data = match best {
            Some(i) => self.free.swap_remove(i),
            None => Aligned::new(0)?,
        };
        data.resize(length)?;
        Ok(Picture { size, channels, data })
    }

    pub(crate) fn keep(&mut self, value: ValueId, picture: Picture<E>) {
        if self.values.len() <= value {
            self.values.resize_with(value + 1, || None);
        }
        self.values[value] = Some(picture);
    }

    pub(crate) fn get(&self, value: ValueId) -> Result<&Picture<E>> {
        self.values.get(value).and_then(Option::as_ref).ok_or_else(|| {
            Error::new(ErrorKind::Internal, format!("the value {value} is not there; please report this"))
        })
    }

    pub(crate) fn drop(&mut self, value: ValueId) {
        if let Some(picture) = self.values.get_mut(value).and_then(Option::take) {
            self.free.push(picture.data);
        }
    }

    /// Drops all values.
    pub(crate) fn clear(&mut self) {
        (0..self.values.len()).for_each(|value| self.drop(value));
    }
}
