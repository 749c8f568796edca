//! Pixel formats: the type of a sample, the channels of a pixel, the meaning of alpha.
//!
//! The sizes of buffers are checked here, with arithmetic that cannot overflow. Nothing here may read the value of a
//! pixel.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{MAX_SIDE, Size};

/// The type of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sample {
    /// 8-bit integer: 255 is white.
    U8,
    /// 16-bit integer in native byte order: 65535 is white.
    U16,
    /// Half precision float in native byte order: 1.0 is white.
    F16,
    /// Single precision float in native byte order: 1.0 is white.
    F32,
}

impl Sample {
    /// The number of bytes of a sample.
    pub fn size(self) -> usize {
        match self {
            Sample::U8 => 1,
            Sample::U16 | Sample::F16 => 2,
            Sample::F32 => 4,
        }
    }

    /// Whether a sample can store values below black and above white.
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
    /// The number of samples of a pixel.
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

    /// Whether colour is a single gray sample.
    pub fn is_gray(self) -> bool {
        matches!(self, Channels::Gray | Channels::GrayAlpha)
    }
}

/// How colour relates to alpha. Ignored in formats without alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alpha {
    /// Colour is independent of alpha, as in PNG, GIMP and Krita.
    Straight,
    /// Colour is multiplied by alpha, as in OpenEXR and most compositors. Encoded values are multiplied.
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

    /// Whether colour is a single gray sample.
    pub fn is_gray(self) -> bool {
        self.channels.is_gray()
    }

    /// The number of bytes of a pixel.
    pub fn pixel_size(self) -> usize {
        self.sample.size() * self.channels.count()
    }

    /// The number of bytes of a row of `width` pixels, without padding.
    pub fn row_size(self, width: u32) -> usize {
        // 2^20 pixels of 16 bytes fit into 32 bits.
        self.pixel_size() * width.min(MAX_SIDE) as usize
    }

    /// Checks that a picture of `size` with rows `stride` bytes apart fits into `length` bytes. The last row needs no
    /// padding.
    ///
    /// # Errors
    /// [`ErrorKind::Buffer`] if the stride is shorter than a row or the buffer shorter than the picture;
    /// [`ErrorKind::Argument`] or [`ErrorKind::Limit`] for an impossible size.
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
                format!(
                    "a picture of {size} with rows {stride} bytes apart is larger than the address space; check the stride"
                ),
            )),
        }
    }
}
