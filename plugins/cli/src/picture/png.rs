//! PNG in: row by row, unless the file is interlaced.
//!
//! Palettes and 1, 2 and 4 bits become 8-bit samples, transparent colours become alpha, 16 bits the machine's order.
//! The chunks are walked before anything is decoded, so that a file that is cut short is refused at once.

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use enlarger::{Channels, Colour, Error, ErrorKind, Format, Result, Sample};
use png::{BitDepth, ColorType, DecodingError, Limits as PngLimits, Reader, Transformations};

use super::exif::Exif;
use super::held::Held;
use super::metadata::{Density, Metadata};
use super::{Input, Kind, MAX_METADATA, Picture, Rows, cut_short, damaged};
use crate::limits::Limits;

/// The keyword of XMP among a PNG's texts.
pub const XMP_KEYWORD: &str = "XML:com.adobe.xmp";
pub const METRES_PER_INCH: f64 = 0.0254;

/// Opens a PNG file.
pub fn open(mut input: Input, limits: &Limits) -> Result<Picture> {
    let late_exif = walk(&mut input)?;
    input.seek(SeekFrom::Start(0))?;
    let bytes = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let mut decoder = png::Decoder::new_with_limits(input, PngLimits { bytes });
    decoder.set_transformations(Transformations::EXPAND);
    let header = decoder.read_header_info().map_err(error)?;
    let size = limits.size(header.width.into(), header.height.into())?;
    let mut reader = decoder.read_info().map_err(error)?;
    let format = format(reader.output_color_type())?;
    let stride = format.row_size(size.width);

    let info = reader.info();
    let mut metadata = metadata(info);
    if metadata.exif.is_none() {
        metadata.set_exif(late_exif.and_then(|block| Exif::from_block(&block)));
    }
    let mut notes = Vec::new();
    if info.animation_control.is_some_and(|a| a.num_frames > 1) {
        notes.push("the file is an animation; only its still picture is enlarged".to_owned());
    }
    if metadata.icc.is_none() && info.coding_independent_code_points.is_some_and(|c| c.color_primaries != 1) {
        notes.push("the file names its colours in a way that is not read; they are taken for sRGB".to_owned());
    }
    let colour = metadata.icc.as_ref().map_or(Colour::Srgb, |icc| Colour::Icc(icc.as_slice().into()));

    let rows: Box<dyn Rows> = if info.interlaced {
        let (limits, bytes) = (*limits, stride as u64 * u64::from(size.height));
        limits.hold(bytes, "an interlaced PNG")?;
        Box::new(Held::new(stride, move || {
            let mut data = limits.buffer(bytes, "an interlaced PNG")?;
            reader.next_frame(&mut data).map_err(error)?;
            native(&mut data, format);
            Ok(data)
        }))
    } else {
        Box::new(Stream { reader, format, row: vec![0; stride], next: 0 })
    };
    Ok(Picture { kind: Kind::Png, metadata, notes, size, format, colour, rows, path: PathBuf::new() })
}

struct Stream {
    reader: Reader<Input>,
    format: Format,
    row: Vec<u8>,
    next: u32,
}

impl Rows for Stream {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        while self.next <= y {
            self.reader.read_row(&mut self.row).map_err(error)?.ok_or_else(|| cut_short(Kind::Png))?;
            self.next += 1;
            if self.next > y {
                native(&mut self.row, self.format);
            }
        }
        Ok(&self.row)
    }
}

/// PNG has the high byte first.
fn native(data: &mut [u8], format: Format) {
    if format.sample == Sample::U16 && cfg!(target_endian = "little") {
        data.chunks_exact_mut(2).for_each(<[u8]>::reverse);
    }
}

fn format((colour, depth): (ColorType, BitDepth)) -> Result<Format> {
    let channels = match colour {
        ColorType::Grayscale => Channels::Gray,
        ColorType::GrayscaleAlpha => Channels::GrayAlpha,
        ColorType::Rgb => Channels::Rgb,
        ColorType::Rgba => Channels::Rgba,
        ColorType::Indexed => return Err(damaged(Kind::Png, "its palette is missing")),
    };
    Ok(Format::new(if depth == BitDepth::Sixteen { Sample::U16 } else { Sample::U8 }, channels))
}

fn metadata(info: &png::Info<'_>) -> Metadata {
    let mut metadata = Metadata { icc: info.icc_profile.as_ref().map(|p| p.to_vec()), ..Metadata::default() };
    metadata.set_exif(info.exif_metadata.as_ref().and_then(|block| Exif::from_block(block)));
    metadata.density = info.pixel_dims.and_then(|d| {
        let absolute = d.unit == png::Unit::Meter;
        let factor = if absolute { METRES_PER_INCH } else { 1.0 };
        Density::new(f64::from(d.xppu) * factor, f64::from(d.yppu) * factor, absolute)
    });
    let texts = &mut metadata.texts;
    texts.extend(info.uncompressed_latin1_text.iter().map(|t| (t.keyword.clone(), t.text.clone())));
    texts.extend(info.compressed_latin1_text.iter().filter_map(|t| Some((t.keyword.clone(), t.get_text().ok()?))));
    for text in &info.utf8_text {
        let Ok(content) = text.get_text() else { continue };
        if text.keyword == XMP_KEYWORD {
            metadata.xmp = Some(content.into_bytes());
        } else {
            metadata.texts.push((text.keyword.clone(), content));
        }
    }
    metadata
}

/// Steps from chunk to chunk to the end. Returns an EXIF block that stands behind the pixels, where a decoder of rows
/// would see it too late.
fn walk(input: &mut Input) -> Result<Option<Vec<u8>>> {
    let length = input.seek(SeekFrom::End(0))?;
    let (mut at, mut exif) = (8, None);
    loop {
        input.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        input.read_exact(&mut head).map_err(|_| cut_short(Kind::Png))?;
        let [a, b, c, d, name @ ..] = head;
        let size = u64::from(u32::from_be_bytes([a, b, c, d]));
        at += 12 + size;
        if at > length {
            return Err(cut_short(Kind::Png));
        }
        match &name {
            b"eXIf" if size <= MAX_METADATA => {
                let mut block = Vec::new();
                input.by_ref().take(size).read_to_end(&mut block)?;
                exif = Some(block);
            }
            b"IEND" => return Ok(exif),
            _ => {}
        }
    }
}

fn error(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(Kind::Png),
        DecodingError::IoError(e) => e.into(),
        DecodingError::LimitsExceeded => Error::new(
            ErrorKind::Limit,
            "this PNG wants more memory than the limit; if it is what you expect, raise the limit with --max-memory",
        ),
        e => damaged(Kind::Png, e),
    }
}
