//! WebP, in and out. Both ways the library takes the whole picture, so it is held.
//!
//! Results are written lossless: the library has no other way, and an enlarged picture deserves none.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use enlarger::{Channels, Colour, Error, ErrorKind, Format, Result, Sample};
use image_webp::{ColorType, DecodingError, EncodingError, WebPDecoder, WebPEncoder};

use super::exif::Exif;
use super::held::Held;
use super::metadata::Metadata;
use super::write::{Incoming, Output, Spec, close};
use super::{Input, Kind, Picture, cut_short, damaged};
use crate::limits::Limits;

/// Opens a WebP file.
pub fn open(mut input: Input, limits: &Limits) -> Result<Picture> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut head = [0; 8];
    input.read_exact(&mut head)?;
    let [.., a, b, c, d] = head;
    if u64::from(u32::from_le_bytes([a, b, c, d])) + 8 > length {
        return Err(cut_short(Kind::WebP));
    }
    input.seek(SeekFrom::Start(0))?;
    let mut decoder = WebPDecoder::new(input).map_err(error)?;
    decoder.set_memory_limit(usize::try_from(limits.memory).unwrap_or(usize::MAX));
    let (width, height) = decoder.dimensions();
    let size = limits.size(width.into(), height.into())?;
    if decoder.is_animated() {
        return Err(Error::new(
            ErrorKind::Format,
            "this WebP is an animation; take single pictures out of it and enlarge those",
        ));
    }
    let format = Format::new(Sample::U8, if decoder.has_alpha() { Channels::Rgba } else { Channels::Rgb });
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    limits.hold(bytes, "a WebP")?;
    let mut metadata = Metadata {
        icc: decoder.icc_profile().map_err(error)?,
        xmp: decoder.xmp_metadata().map_err(error)?,
        ..Metadata::default()
    };
    metadata.set_exif(decoder.exif_metadata().map_err(error)?.and_then(|block| Exif::from_block(&block)));
    let colour = metadata.icc.as_ref().map_or(Colour::Srgb, |icc| Colour::Icc(icc.as_slice().into()));
    let limits = *limits;
    let rows = Box::new(Held::new(stride, move || {
        let mut data = limits.buffer(bytes, "a WebP")?;
        decoder.read_image(&mut data).map_err(error)?;
        Ok(data)
    }));
    Ok(Picture { kind: Kind::WebP, metadata, notes: Vec::new(), size, format, colour, rows, path: PathBuf::new() })
}

/// Writes a WebP file once all rows are there.
pub fn write(mut incoming: Incoming, mut output: Output, spec: &Spec) -> Result<()> {
    let limits = Limits { memory: spec.memory, ..Limits::default() };
    let stride = spec.format.row_size(spec.size.width);
    let mut data = limits.buffer(stride as u64 * u64::from(spec.size.height), "the WebP that is written")?;
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
        e => Error::new(ErrorKind::Format, format!("the WebP cannot be written ({e}); choose PNG or TIFF")),
    })?;
    close(output)
}

fn error(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(Kind::WebP),
        DecodingError::IoError(e) => e.into(),
        DecodingError::MemoryLimitExceeded => Error::new(
            ErrorKind::Limit,
            "this WebP wants more memory than the limit; if it is what you expect, raise the limit with --max-memory",
        ),
        e => damaged(Kind::WebP, e),
    }
}
