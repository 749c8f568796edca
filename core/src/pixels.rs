//! Sizes, rectangles, pixel formats and views of somebody else's pixels.
//!
//! The only way in: every size is checked here, once, with arithmetic that cannot overflow.
//! Nothing here may look at a pixel's value.

use crate::error::{Error, ErrorKind, Result};

/// The longest side of a picture, in pixels. Longer ones are refused.
pub const MAX_SIDE: u32 = 1 << 20;

/// Width and height in pixels, both at least 1 and at most [`MAX_SIDE`] where a picture is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Size {
    /// A size, checked.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`] if a side is 0, [`ErrorKind::Limit`] if one is longer than [`MAX_SIDE`].
    pub fn new(width: u32, height: u32) -> Result<Self> {
        let size = Size { width, height };
        size.check()?;
        Ok(size)
    }

    /// The number of pixels.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The rectangle that covers all of it.
    pub fn rect(self) -> Rect {
        Rect { x: 0, y: 0, width: self.width, height: self.height }
    }

    pub(crate) fn check(self) -> Result<()> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "a picture of {}x{} pixels has no pixels; both sides must be at least 1",
                    self.width, self.height
                ),
            ));
        }
        if self.width > MAX_SIDE || self.height > MAX_SIDE {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("{}x{} pixels is too large; a side may have {MAX_SIDE} pixels", self.width, self.height),
            ));
        }
        Ok(())
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rect {
    /// The left column.
    pub x: u32,
    /// The top row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// The first column right of it.
    pub fn right(self) -> u32 {
        self.x + self.width
    }

    /// The first row below it.
    pub fn bottom(self) -> u32 {
        self.y + self.height
    }

    /// Its size.
    pub fn size(self) -> Size {
        Size { width: self.width, height: self.height }
    }

    /// Grown by `margin` on every side, but not beyond a picture of `bounds`.
    pub(crate) fn grown(self, margin: u32, bounds: Size) -> Rect {
        let (x, y) = (self.x.saturating_sub(margin), self.y.saturating_sub(margin));
        Rect {
            x,
            y,
            width: self.right().saturating_add(margin).min(bounds.width) - x,
            height: self.bottom().saturating_add(margin).min(bounds.height) - y,
        }
    }

    /// Scaled by a whole number.
    pub(crate) fn times(self, scale: u32) -> Rect {
        Rect { x: self.x * scale, y: self.y * scale, width: self.width * scale, height: self.height * scale }
    }

    /// Checked to lie inside a picture of `size` and to hold at least one pixel.
    pub(crate) fn check_inside(self, size: Size) -> Result<()> {
        let inside = |start: u32, length: u32, side: u32| length > 0 && start < side && length <= side - start;
        if inside(self.x, self.width, size.width) && inside(self.y, self.height, size.height) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Argument,
            format!(
                "the rectangle {}x{} at {},{} is not inside the picture of {size}; choose one that is",
                self.width, self.height, self.x, self.y
            ),
        ))
    }
}

/// The type of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sample {
    /// 0 to 255.
    U8,
    /// 0 to 65535, native byte order.
    U16,
    /// IEEE half, 1.0 is white, native byte order.
    F16,
    /// IEEE single, 1.0 is white, native byte order.
    F32,
}

impl Sample {
    /// Bytes of one sample.
    pub fn size(self) -> usize {
        match self {
            Sample::U8 => 1,
            Sample::U16 | Sample::F16 => 2,
            Sample::F32 => 4,
        }
    }

    /// Whether values outside 0 to 1 can be stored.
    pub fn is_float(self) -> bool {
        matches!(self, Sample::F16 | Sample::F32)
    }
}

/// The samples of a pixel, in memory order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channels {
    /// Gray.
    Gray,
    /// Gray, alpha.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
    /// Blue, green, red, alpha.
    Bgra,
}

impl Channels {
    /// Samples in a pixel.
    pub fn count(self) -> usize {
        match self {
            Channels::Gray => 1,
            Channels::GrayAlpha => 2,
            Channels::Rgb => 3,
            Channels::Rgba | Channels::Bgra => 4,
        }
    }

    /// Whether there is an alpha sample.
    pub fn has_alpha(self) -> bool {
        matches!(self, Channels::GrayAlpha | Channels::Rgba | Channels::Bgra)
    }

    /// Whether colour is one gray sample.
    pub fn is_gray(self) -> bool {
        matches!(self, Channels::Gray | Channels::GrayAlpha)
    }
}

/// How colour relates to alpha. Of no meaning where there is no alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alpha {
    /// Colour is stored as it is (PNG, GIMP, Krita).
    Straight,
    /// Colour is stored times alpha (EXR, most compositors). The product is of encoded values.
    Premultiplied,
}

/// A pixel format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// The type of a sample.
    pub sample: Sample,
    /// The samples of a pixel.
    pub channels: Channels,
    /// The meaning of alpha.
    pub alpha: Alpha,
}

impl Format {
    /// A format with straight alpha.
    pub fn new(sample: Sample, channels: Channels) -> Self {
        Format { sample, channels, alpha: Alpha::Straight }
    }

    /// Whether there is an alpha sample.
    pub fn has_alpha(self) -> bool {
        self.channels.has_alpha()
    }

    /// Whether colour is one gray sample.
    pub fn is_gray(self) -> bool {
        self.channels.is_gray()
    }

    /// Bytes of one pixel.
    pub fn pixel_size(self) -> usize {
        self.sample.size() * self.channels.count()
    }

    /// Bytes of a row of `width` pixels, without padding.
    pub fn row_size(self, width: u32) -> usize {
        // 2^20 pixels of 16 bytes: fits 32 bits.
        self.pixel_size() * width.min(MAX_SIDE) as usize
    }

    /// Checks that a picture of `size` whose rows are `stride` bytes apart fits into `length` bytes. The last row needs
    /// no padding.
    ///
    /// # Errors
    /// [`ErrorKind::Buffer`] if the stride is shorter than a row or the buffer shorter than the picture;
    /// [`ErrorKind::Argument`] or [`ErrorKind::Limit`] for a size that no picture has.
    pub fn check_buffer(self, size: Size, stride: usize, length: usize) -> Result<()> {
        size.check()?;
        let row = self.row_size(size.width);
        if stride < row {
            return Err(Error::new(
                ErrorKind::Buffer,
                format!(
                    "a row of {} pixels takes {row} bytes, but rows are {stride} bytes apart; give a stride of at least {row}",
                    size.width
                ),
            ));
        }
        let needed = (size.height as usize - 1).checked_mul(stride).and_then(|n| n.checked_add(row));
        match needed {
            Some(needed) if needed <= length => Ok(()),
            Some(needed) => Err(Error::new(
                ErrorKind::Buffer,
                format!(
                    "a picture of {size} with rows {stride} bytes apart takes {needed} bytes, but the buffer has {length}; give a larger one"
                ),
            )),
            None => Err(Error::new(
                ErrorKind::Buffer,
                format!("rows {stride} bytes apart make a picture of {size} larger than memory; check the stride"),
            )),
        }
    }
}

/// Pixels that belong to somebody else, to read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    data: &'a [u8],
    stride: usize,
    size: Size,
    format: Format,
}

impl<'a> View<'a> {
    /// A view of `data`: rows `stride` bytes apart, the last row without padding after it if need be.
    ///
    /// # Errors
    /// [`ErrorKind::Buffer`] if the stride is shorter than a row or the data shorter than the picture;
    /// [`ErrorKind::Argument`] or [`ErrorKind::Limit`] for a size that no picture has.
    pub fn new(data: &'a [u8], stride: usize, size: Size, format: Format) -> Result<Self> {
        format.check_buffer(size, stride, data.len())?;
        Ok(View { data, stride, size, format })
    }

    /// Its size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its format.
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

/// Pixels that belong to somebody else, to write.
#[derive(Debug)]
pub struct ViewMut<'a> {
    data: &'a mut [u8],
    stride: usize,
    size: Size,
    format: Format,
}

impl<'a> ViewMut<'a> {
    /// A view of `data`, as [`View::new`].
    ///
    /// # Errors
    /// As [`View::new`].
    pub fn new(data: &'a mut [u8], stride: usize, size: Size, format: Format) -> Result<Self> {
        format.check_buffer(size, stride, data.len())?;
        Ok(ViewMut { data, stride, size, format })
    }

    /// Its size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its format.
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
