//! Reading JPEG of 12 bits, as medical devices write it.
//!
//! The usual decoder knows 8 bits only. Samples become 16-bit ones; black and white stay black and white.

use enlarger::{Format, Result, Size};
use libjpeg_turbo_rs::precision::decompress_12bit_with_limits;
use libjpeg_turbo_rs::{DecodeLimits, JpegError};

use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::limits::Limits;

/// The largest sample.
const WHITE: u32 = 4095;

/// Decodes a gray or RGB picture into rows of 16-bit samples.
pub fn decode(file: &[u8], size: Size, format: Format, limits: &Limits) -> Result<Vec<u8>> {
    let bytes = format.row_size(size.width) as u64 * u64::from(size.height);
    // Planes, enlarged planes and the picture, two bytes a sample each.
    limits.check_memory(bytes * 4, "a 12-bit JPEG")?;
    let allowed =
        DecodeLimits { max_pixels: size.pixels(), max_memory: Some(limits.memory), ..DecodeLimits::default() };
    let image = decompress_12bit_with_limits(file, &allowed).map_err(|error| match error {
        JpegError::UnexpectedEof => cut_short(FileFormat::Jpeg),
        error => damaged(FileFormat::Jpeg, error),
    })?;
    let mut data = limits.allocate(bytes, "a 12-bit JPEG")?;
    if image.data.len() * 2 != data.len() {
        return Err(damaged(FileFormat::Jpeg, "it has other components than its header says"));
    }
    for (to, from) in data.chunks_exact_mut(2).zip(&image.data) {
        let sample = u32::try_from(*from).unwrap_or(0).min(WHITE);
        // As exact as rounding allows, and 65535 for white.
        to.copy_from_slice(&(((sample * 65535 + WHITE / 2) / WHITE) as u16).to_ne_bytes());
    }
    Ok(data)
}
