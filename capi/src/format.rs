//! Pixel formats as numbers: the sum of a sample type, a channel order and a flag for premultiplied alpha.

use enlarger::{Alpha, Channels, Format, Sample};

use crate::status::{ENL_ERROR_FORMAT, Failure, Result};

/// Samples of 8 bits: 0 to 255.
pub const ENL_SAMPLE_U8: i32 = 1;
/// Samples of 16 bits in native byte order: 0 to 65535.
pub const ENL_SAMPLE_U16: i32 = 2;
/// Half floats (IEEE 754 binary16) in native byte order: 0.0 is black, 1.0 is white. Values outside this range are
/// kept.
pub const ENL_SAMPLE_F16: i32 = 3;
/// Floats (IEEE 754 binary32) in native byte order: 0.0 is black, 1.0 is white. Values outside this range are kept.
pub const ENL_SAMPLE_F32: i32 = 4;

/// Channels in memory: gray.
pub const ENL_CHANNELS_GRAY: i32 = 16;
/// Channels in memory: gray, alpha.
pub const ENL_CHANNELS_GRAY_ALPHA: i32 = 32;
/// Channels in memory: red, green, blue.
pub const ENL_CHANNELS_RGB: i32 = 48;
/// Channels in memory: red, green, blue, alpha.
pub const ENL_CHANNELS_RGBA: i32 = 64;
/// Channels in memory: blue, green, red, alpha.
pub const ENL_CHANNELS_BGRA: i32 = 80;

/// A flag for premultiplied alpha: the colour values, encoded in the picture's colour space and not linearised, are
/// multiplied by alpha. Without it, alpha is straight.
pub const ENL_ALPHA_PREMULTIPLIED: i32 = 256;

/// Converts a number to the core's format.
pub(crate) fn format(number: i32) -> Result<Format> {
    let sample = match number & 15 {
        ENL_SAMPLE_U8 => Some(Sample::U8),
        ENL_SAMPLE_U16 => Some(Sample::U16),
        ENL_SAMPLE_F16 => Some(Sample::F16),
        ENL_SAMPLE_F32 => Some(Sample::F32),
        _ => None,
    };
    let channels = match number & 240 {
        ENL_CHANNELS_GRAY => Some(Channels::Gray),
        ENL_CHANNELS_GRAY_ALPHA => Some(Channels::GrayAlpha),
        ENL_CHANNELS_RGB => Some(Channels::Rgb),
        ENL_CHANNELS_RGBA => Some(Channels::Rgba),
        ENL_CHANNELS_BGRA => Some(Channels::Bgra),
        _ => None,
    };
    let alpha = match number & !255 {
        0 => Some(Alpha::Straight),
        ENL_ALPHA_PREMULTIPLIED if channels.is_some_and(Channels::has_alpha) => Some(Alpha::Premultiplied),
        _ => None,
    };
    match (sample, channels, alpha) {
        (Some(sample), Some(channels), Some(alpha)) => Ok(Format { sample, channels, alpha }),
        _ => Err(Failure::new(
            ENL_ERROR_FORMAT,
            format!(
                "{number} is not a pixel format; add one ENL_SAMPLE_* and one ENL_CHANNELS_*, and ENL_ALPHA_PREMULTIPLIED only for channels with alpha"
            ),
        )),
    }
}
