//! Writing WebP: the encoder takes the whole picture, so it is held in memory.
//!
//! Results are lossless, because the library writes nothing else.

use std::io::Write;

use enlarger::{Channels, Error, ErrorKind, Result};
use image_webp::{ColorType, EncodingError, WebPEncoder};

use crate::picture::encoder::{IncomingRows, OutputFile, WriteSpec, flush};
use crate::picture::limits::Limits;

/// Writes a WebP file after collecting all rows.
pub fn write(mut incoming: IncomingRows, mut output: OutputFile, spec: &WriteSpec) -> Result<()> {
    let limits = Limits { memory: spec.memory, ..Limits::default() };
    let stride = spec.format.row_size(spec.size.width);
    let mut data = limits.allocate(stride as u64 * u64::from(spec.size.height), "a WebP result")?;
    for row in data.chunks_exact_mut(stride) {
        row.copy_from_slice(&incoming.next()?);
    }
    let colour = match spec.format.channels {
        Channels::Gray => ColorType::L8,
        Channels::GrayAlpha => ColorType::La8,
        Channels::Rgb => ColorType::Rgb8,
        Channels::Rgba | Channels::Bgra => ColorType::Rgba8,
    };
    let metadata = &spec.metadata;
    let mut encoder = WebPEncoder::new(output.by_ref());
    if let Some(icc) = &metadata.icc {
        encoder.set_icc_profile(icc.clone());
    }
    if let Some(exif) = &metadata.exif {
        encoder.set_exif_metadata(exif.bytes().to_vec());
    }
    if let Some(xmp) = &metadata.xmp {
        encoder.set_xmp_metadata(xmp.clone());
    }
    encoder.encode(&data, spec.size.width, spec.size.height, colour).map_err(|e| match e {
        EncodingError::IoError(e) => e.into(),
        e => Error::new(ErrorKind::Format, format!("the WebP cannot be written ({e}); write a PNG or TIFF instead")),
    })?;
    flush(output)
}
