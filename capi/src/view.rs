//! Views of pixels in the caller's memory.
//!
//! Sizes and strides are checked before any pixel is accessed. Pixels are copied row by row. There is never a Rust
//! reference to the caller's memory, so it may have any alignment, and the target may be uninitialised.

use std::ffi::c_void;
use std::ptr;

use enlarger::{Colour, Format, Sink, Size, Source};

use crate::boundary::{check_reserved, null, read};
use crate::format::format;
use crate::status::{ENL_ERROR_BUFFER, Failure, Result};

/// A view of pixels in the caller's memory, to read or to write.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_view {
    /// The first pixel of the first row, at any alignment. The pixels of a source are only read, although the pointer
    /// is not const.
    pub data: *mut c_void,
    /// The size of the memory at `data`, in bytes.
    pub size: usize,
    /// The distance between the starts of two rows, in bytes; at least the size of a row. The last row needs no
    /// padding.
    pub stride: usize,
    /// The width in pixels, 1 to 1048576.
    pub width: u32,
    /// The height in pixels, 1 to 1048576. The first row is the top one.
    pub height: u32,
    /// One ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED).
    pub format: i32,
    /// Must be 0.
    pub reserved: u32,
}

/// A view whose size, stride and format were checked.
#[derive(Clone)]
pub(crate) struct Pixels {
    data: *mut u8,
    length: usize,
    stride: usize,
    size: Size,
    format: Format,
}

impl Pixels {
    /// # Safety
    /// `view` is NULL or points to a view.
    pub(crate) unsafe fn new(view: *const enl_view, what: &str) -> Result<Self> {
        // SAFETY: the caller of this function promises it.
        let view = unsafe { read(view, what)? };
        if view.data.is_null() {
            return Err(null(&format!("'data' in {what}")));
        }
        check_reserved(view.reserved, what)?;
        let (size, format) = (Size { width: view.width, height: view.height }, format(view.format)?);
        format.check_buffer(size, view.stride, view.size)?;
        if view.data.addr().checked_add(view.size).is_none() {
            let message = format!("{what} extends beyond the end of the address space; check its size");
            return Err(Failure::new(ENL_ERROR_BUFFER, message));
        }
        Ok(Pixels { data: view.data.cast(), length: view.size, stride: view.stride, size, format })
    }

    /// Whether two views share bytes.
    pub(crate) fn overlaps(&self, other: &Pixels) -> bool {
        let (a, b) = (self.data.addr(), other.data.addr());
        a < b + other.length && b < a + self.length
    }

    /// The address of a pixel, which must lie inside the picture.
    fn pixel(&self, x: u32, y: u32) -> *mut u8 {
        self.data.wrapping_add(y as usize * self.stride + self.format.row_size(x))
    }
}

/// Reads from a view.
pub(crate) struct ViewSource {
    pub(crate) pixels: Pixels,
    pub(crate) colour: Colour,
}

impl Source for ViewSource {
    fn size(&self) -> Size {
        self.pixels.size
    }

    fn format(&self) -> Format {
        self.pixels.format
    }

    fn colour(&self) -> Colour {
        self.colour.clone()
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> enlarger::Result<()> {
        // The pipeline asks only for pixels of the picture. A defect there must not read beyond the buffer.
        assert!(
            y < self.pixels.size.height
                && x as usize + row.len() / self.pixels.format.pixel_size() <= self.pixels.size.width as usize
        );
        // SAFETY: these pixels lie inside the buffer, whose size was checked. The header requires that the buffer stays
        // unchanged until the call returns, and that it does not overlap with the target.
        unsafe { ptr::copy_nonoverlapping(self.pixels.pixel(x, y), row.as_mut_ptr(), row.len()) };
        Ok(())
    }
}

/// Writes to a view.
pub(crate) struct ViewSink {
    pub(crate) pixels: Pixels,
}

impl Sink for ViewSink {
    fn size(&self) -> Size {
        self.pixels.size
    }

    fn format(&self) -> Format {
        self.pixels.format
    }

    fn write(&mut self, y: u32, row: &[u8]) -> enlarger::Result<()> {
        assert!(y < self.pixels.size.height && row.len() == self.pixels.format.row_size(self.pixels.size.width));
        // SAFETY: the row lies inside the buffer, whose size was checked. The header requires that nothing else uses it
        // until the call returns.
        unsafe { ptr::copy_nonoverlapping(row.as_ptr(), self.pixels.pixel(0, y), row.len()) };
        Ok(())
    }
}
