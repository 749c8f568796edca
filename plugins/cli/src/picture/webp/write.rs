//! Writing WebP: the encoders take the whole picture, so it is held in memory.
//!
//! Results are lossless, unless the user asks for a quality.

use std::io::Write;

use enlarger::{Channels, Error, ErrorKind, Result};
use image_webp::{ColorType, EncodingError, WebPEncoder};

use super::container;
use crate::picture::encoder::{IncomingRows, OutputFile, WriteSpec, flush};
use crate::picture::limits::Limits;

/// Writes a WebP file after collecting all rows.
pub fn write(mut incoming: IncomingRows, mut output: OutputFile, spec: &WriteSpec) -> Result<()> {
    let limits = Limits { memory: spec.memory, ..Limits::default() };
    let stride = spec.format.row_size(spec.size.width);
    let bytes = stride as u64 * u64::from(spec.size.height);
    if let Some(quality) = spec.quality {
        let channels = if spec.format.channels.has_alpha() { 4 } else { 3 };
        let mut data = limits.allocate(spec.size.pixels() * channels, "a WebP result")?;
        for row in data.chunks_exact_mut(spec.size.width as usize * channels as usize) {
            to_colour(&incoming.next()?, spec.format.channels, row);
        }
        output.write_all(&lossy(data, quality, spec)?)?;
        return flush(output);
    }
    let mut data = limits.allocate(bytes, "a WebP result")?;
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
        e => failed(e),
    })?;
    flush(output)
}

/// The file of a picture of three or four samples.
fn lossy(data: Vec<u8>, quality: u8, spec: &WriteSpec) -> Result<Vec<u8>> {
    let (width, height) = (spec.size.width, spec.size.height);
    let has_alpha = spec.format.channels.has_alpha();
    let encoder = if has_alpha {
        webp::Encoder::from_rgba(&data, width, height)
    } else {
        webp::Encoder::from_rgb(&data, width, height)
    };
    let encoded = encoder.encode_simple(false, f32::from(quality)).map_err(|e| failed(format!("{e:?}")))?;
    // The encoder leaves alpha out where the picture is opaque.
    let has_alpha = container::chunks(&encoded).iter().any(|(name, _)| name == b"ALPH");
    container::with_metadata(&encoded, (width, height), has_alpha, &spec.metadata)
        .ok_or_else(|| failed("it exceeds four gigabytes"))
}

/// Copies a row, with gray as colour.
fn to_colour(row: &[u8], channels: Channels, to: &mut [u8]) {
    match channels {
        Channels::Gray => to.as_chunks_mut::<3>().0.iter_mut().zip(row).for_each(|(to, gray)| to.fill(*gray)),
        Channels::GrayAlpha => {
            for (to, [gray, alpha]) in to.as_chunks_mut::<4>().0.iter_mut().zip(row.as_chunks().0) {
                *to = [*gray, *gray, *gray, *alpha];
            }
        }
        _ => to.copy_from_slice(row),
    }
}

fn failed(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Format, format!("the WebP cannot be written ({why}); write a PNG or TIFF instead"))
}
