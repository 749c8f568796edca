//! Views: pixels in memory that the caller owns.
//!
//! A view is checked when it is created, so that no later access can leave the buffer. It must never copy pixels.

use crate::error::Result;
use crate::geometry::Size;
use crate::pixels::format::Format;

/// Pixels of the caller, to read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    data: &'a [u8],
    stride: usize,
    size: Size,
    format: Format,
}

impl<'a> View<'a> {
    /// Creates a view of `data`, whose rows are `stride` bytes apart. The last row needs no padding.
    ///
    /// # Errors
    /// `Buffer` if the stride is shorter than a row or the data shorter than the picture;
    /// `Argument` or `Limit` for an impossible size.
    pub fn new(data: &'a [u8], stride: usize, size: Size, format: Format) -> Result<Self> {
        format.check_buffer(size, stride, data.len())?;
        Ok(View { data, stride, size, format })
    }

    /// The size of the picture.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The format of the pixels.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The bytes of row `y`, without padding.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, y: u32) -> &'a [u8] {
        let start = y as usize * self.stride;
        &self.data[start..start + self.format.row_size(self.size.width)]
    }
}

/// Pixels of the caller, to write.
#[derive(Debug)]
pub struct ViewMut<'a> {
    data: &'a mut [u8],
    stride: usize,
    size: Size,
    format: Format,
}

impl<'a> ViewMut<'a> {
    /// Creates a view of `data`, as [`View::new`].
    ///
    /// # Errors
    /// As [`View::new`].
    pub fn new(data: &'a mut [u8], stride: usize, size: Size, format: Format) -> Result<Self> {
        format.check_buffer(size, stride, data.len())?;
        Ok(ViewMut { data, stride, size, format })
    }

    /// The size of the picture.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The format of the pixels.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The bytes of row `y`, without padding.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row_mut(&mut self, y: u32) -> &mut [u8] {
        let start = y as usize * self.stride;
        let length = self.format.row_size(self.size.width);
        &mut self.data[start..start + length]
    }
}
