//! Reading PNG: row by row, unless the file is interlaced.
//!
//! Palettes and samples of 1, 2 and 4 bits become 8-bit samples, and transparent colours become alpha. The list of chunks
//! is read before anything is decoded, so that a file that is cut short is refused at once.

use std::io::{Seek, SeekFrom};

use enlarger::{Channels, Error, ErrorKind, Format, Result, Sample};
use png::{BitDepth, ColorType, DecodingError, Limits as PngLimits, Reader, Transformations};

use super::chunks::{self, Chunks};
use super::{METRES_PER_INCH, colours, texts};
use crate::metadata::{Density, Metadata};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::in_memory::InMemory;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture, RowReader};

/// Opens a PNG file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let mut chunks = chunks::read(&mut input)?;
    input.seek(SeekFrom::Start(0))?;
    let bytes = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    if !chunks.is_complete {
        check_pixels(&mut input, bytes)?;
        input.seek(SeekFrom::Start(0))?;
    }
    let mut decoder = png::Decoder::new_with_limits(input, PngLimits { bytes });
    decoder.set_transformations(Transformations::EXPAND);
    let header = decoder.read_header_info().map_err(error)?;
    let size = limits.check_size(header.width.into(), header.height.into())?;
    let mut reader = decoder.read_info().map_err(error)?;
    let format = format(reader.output_color_type())?;
    let stride = format.row_size(size.width);

    let info = reader.info();
    let mut metadata = metadata(info, &chunks);
    let mut notes = colours::settle(&mut chunks, &mut metadata, format.channels.is_gray());
    if info.animation_control.is_some_and(|a| a.num_frames > 1) {
        notes.push("the file is an animation; only its still picture is enlarged".to_owned());
    }

    if !chunks.is_complete {
        notes.push("the file lacks its end mark, but all pixels are there".to_owned());
    }
    if info.interlaced {
        let (limits, bytes) = (*limits, stride as u64 * u64::from(size.height));
        limits.check_memory(bytes, "an interlaced PNG")?;
        let rows = InMemory::new(stride, move || {
            let mut data = limits.allocate(bytes, "an interlaced PNG")?;
            reader.next_frame(&mut data).map_err(error)?;
            to_native_order(&mut data, format);
            Ok(data)
        });
        Ok(Picture::new(FileFormat::Png, size, format, metadata, rows).with_notes(notes))
    } else {
        let rows = StreamedRows { reader, format, row: vec![0; stride], next: 0 };
        Ok(Picture::new(FileFormat::Png, size, format, metadata, rows).with_notes(notes))
    }
}

/// Checks that all pixels are there, in a file that ends too soon.
fn check_pixels(input: &mut InputFile, bytes: usize) -> Result<()> {
    let decoder = png::Decoder::new_with_limits(input, PngLimits { bytes });
    let mut reader = decoder.read_info().map_err(error)?;
    while reader.next_interlaced_row().map_err(error)?.is_some() {}
    Ok(())
}

/// Rows decoded one at a time.
struct StreamedRows {
    reader: Reader<InputFile>,
    format: Format,
    row: Vec<u8>,
    next: u32,
}

impl RowReader for StreamedRows {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        while self.next <= y {
            self.reader.read_row(&mut self.row).map_err(error)?.ok_or_else(|| cut_short(FileFormat::Png))?;
            self.next += 1;
            if self.next > y {
                to_native_order(&mut self.row, self.format);
            }
        }
        Ok(&self.row)
    }
}

/// Swaps the bytes of 16-bit samples where needed: PNG stores the high byte first.
fn to_native_order(data: &mut [u8], format: Format) {
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
        ColorType::Indexed => return Err(damaged(FileFormat::Png, "its palette is missing")),
    };
    Ok(Format::new(if depth == BitDepth::Sixteen { Sample::U16 } else { Sample::U8 }, channels))
}

fn metadata(info: &png::Info<'_>, chunks: &Chunks) -> Metadata {
    let mut metadata = Metadata { icc: info.icc_profile.as_ref().map(|p| p.to_vec()), ..Metadata::default() };
    if let Some(block) = &chunks.exif {
        metadata.read_exif(block);
    }
    texts::read(info, &mut metadata);
    metadata.settle_density(info.pixel_dims.and_then(|d| {
        let absolute = d.unit == png::Unit::Meter;
        let factor = if absolute { METRES_PER_INCH } else { 1.0 };
        Density::new(f64::from(d.xppu) * factor, f64::from(d.yppu) * factor, absolute)
    }));
    chunks.name_the_rest(&mut metadata);
    metadata
}

fn error(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(FileFormat::Png),
        DecodingError::IoError(e) => e.into(),
        DecodingError::LimitsExceeded => Error::new(
            ErrorKind::Limit,
            "decoding this PNG takes more memory than the limit; if you trust the file, raise the limit with --max-memory",
        ),
        e => damaged(FileFormat::Png, e),
    }
}
