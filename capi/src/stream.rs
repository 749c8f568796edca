//! Sources and sinks: rows through callbacks, for pictures that are not in memory.

use std::ffi::c_void;

use enlarger::{Colour, Error, Format, Sink, Size, Source};

use crate::boundary::{check_reserved, null, read};
use crate::format::format;
use crate::status::Result;

/// The value that a callback returns to continue. Any other value stops the run, which then returns ENL_CANCELLED. This
/// includes 0, which other libraries use for success.
pub const ENL_CONTINUE: i32 = 1;

/// Provides pixels of a row of the source.
///
/// In one call of enl_upscaler_stream, enl_upscaler_measure, enl_upscaler_measure_faces, enl_upscaler_measure_content,
/// enl_advice_new, enl_faces_find or enl_damage_find, rows are requested in ascending order, each at most once, and `x` and `size` are the
/// same for all rows. Each of these calls reads the picture anew. A stream with a rectangle requests only the rows and
/// columns of the rectangle and its halo.
///
/// @param user_data  The source's `user_data`.
/// @param x          The first column.
/// @param y          The row.
/// @param row        Out: receives the pixels.
/// @param size       The size of the requested pixels in bytes, a whole number of pixels.
/// @return ENL_CONTINUE to continue; any other value stops the run.
///
/// It is called on the thread that called the library, and never after that call has returned. It must not throw.
#[allow(non_camel_case_types)]
pub type enl_read_callback =
    Option<unsafe extern "C" fn(user_data: *mut c_void, x: u32, y: u32, row: *mut c_void, size: usize) -> i32>;

/// Receives a row of the result. Rows are delivered in ascending order, each once.
///
/// @param user_data  The sink's `user_data`.
/// @param y          The row.
/// @param row        The pixels; valid until the callback returns.
/// @param size       The size of the row in bytes, without padding.
/// @return ENL_CONTINUE to continue; any other value stops the run.
///
/// It is called on the thread that called the library, and never after that call has returned. It must not throw.
#[allow(non_camel_case_types)]
pub type enl_write_callback =
    Option<unsafe extern "C" fn(user_data: *mut c_void, y: u32, row: *const c_void, size: usize) -> i32>;

/// A source of rows.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_source {
    /// Provides the rows.
    pub read: enl_read_callback,
    /// Passed to `read`.
    pub user_data: *mut c_void,
    /// The width of the whole picture, even if the run has a rectangle; 1 to 1048576.
    pub width: u32,
    /// The height of the whole picture; 1 to 1048576.
    pub height: u32,
    /// One ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED).
    pub format: i32,
    /// Must be 0.
    pub reserved: u32,
}

/// A sink for rows.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_sink {
    /// Receives the rows.
    pub write: enl_write_callback,
    /// Passed to `write`.
    pub user_data: *mut c_void,
    /// The width of the result. It must equal the plan's; otherwise the run returns ENL_ERROR_BUFFER.
    pub width: u32,
    /// The height of the result. It must equal the plan's, too.
    pub height: u32,
    /// One ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED).
    pub format: i32,
    /// Must be 0.
    pub reserved: u32,
}

/// Reads rows through a callback.
pub(crate) struct RowSource {
    read: unsafe extern "C" fn(*mut c_void, u32, u32, *mut c_void, usize) -> i32,
    user_data: *mut c_void,
    size: Size,
    format: Format,
    colour: Colour,
}

impl RowSource {
    /// # Safety
    /// `source` is NULL or points to a source.
    pub(crate) unsafe fn new(source: *const enl_source, colour: Colour) -> Result<Self> {
        // SAFETY: the caller of this function promises it.
        let source = unsafe { read(source, "the source")? };
        check_reserved(source.reserved, "the source")?;
        Ok(RowSource {
            read: source.read.ok_or_else(|| null("'read' in the source"))?,
            user_data: source.user_data,
            size: Size::new(source.width, source.height)?,
            format: format(source.format)?,
            colour,
        })
    }
}

impl Source for RowSource {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        self.format
    }

    fn colour(&self) -> Colour {
        self.colour.clone()
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> enlarger::Result<()> {
        // SAFETY: the program passed the callback to be called like this, and the row has that many bytes.
        let answer = unsafe { (self.read)(self.user_data, x, y, row.as_mut_ptr().cast(), row.len()) };
        if answer == ENL_CONTINUE { Ok(()) } else { Err(Error::cancelled()) }
    }
}

/// Writes rows through a callback.
pub(crate) struct RowSink {
    write: unsafe extern "C" fn(*mut c_void, u32, *const c_void, usize) -> i32,
    user_data: *mut c_void,
    size: Size,
    format: Format,
}

impl RowSink {
    /// # Safety
    /// `sink` is NULL or points to a sink.
    pub(crate) unsafe fn new(sink: *const enl_sink) -> Result<Self> {
        // SAFETY: the caller of this function promises it.
        let sink = unsafe { read(sink, "the sink")? };
        check_reserved(sink.reserved, "the sink")?;
        Ok(RowSink {
            write: sink.write.ok_or_else(|| null("'write' in the sink"))?,
            user_data: sink.user_data,
            size: Size::new(sink.width, sink.height)?,
            format: format(sink.format)?,
        })
    }
}

impl Sink for RowSink {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        self.format
    }

    fn write(&mut self, y: u32, row: &[u8]) -> enlarger::Result<()> {
        // SAFETY: the program passed the callback to be called like this, and the row has that many bytes.
        let answer = unsafe { (self.write)(self.user_data, y, row.as_ptr().cast(), row.len()) };
        if answer == ENL_CONTINUE { Ok(()) } else { Err(Error::cancelled()) }
    }
}
