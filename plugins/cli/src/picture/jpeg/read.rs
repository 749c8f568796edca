//! Reading JPEG: the decoder gives the whole picture, so it is held in memory.
//!
//! The decoder fills missing pixels with gray without an error, so the file's segments are checked first.

use std::io::Read;

use enlarger::{Channels, Error, ErrorKind, Format, Result, Sample};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::PHOTOSHOP_MARK;
use crate::metadata::exif::Exif;
use crate::metadata::{Density, Metadata, photoshop};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::in_memory::InMemory;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture};

/// Opens a JPEG file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.get_ref().metadata()?.len();
    limits.check_memory(length, "a JPEG file")?;
    let mut file = Vec::new();
    input.read_to_end(&mut file)?;
    let segments = read_segments(&file)?;

    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file.as_slice()), options());
    decoder.decode_headers().map_err(|e| damaged(FileFormat::Jpeg, e))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| damaged(FileFormat::Jpeg, "it has no size"))?;
    let size = limits.check_size(width as u64, height as u64)?;
    let (channels, output) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (Channels::Gray, ColorSpace::Luma),
        Some(ColorSpace::YCbCr | ColorSpace::RGB) => (Channels::Rgb, ColorSpace::RGB),
        _ => {
            return Err(Error::new(
                ErrorKind::Format,
                "this JPEG has CMYK colours or an unsupported colour model; convert it to RGB in an image editor first",
            ));
        }
    };
    let format = Format::new(Sample::U8, channels);
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    limits.check_memory(bytes + length, "a JPEG")?;

    let mut metadata = Metadata {
        icc: decoder.icc_profile(),
        xmp: decoder.xmp().cloned(),
        comments: segments.comments,
        ..Metadata::default()
    };
    metadata.set_exif(decoder.exif().and_then(|block| Exif::from_block(block)));
    photoshop::read_into(&mut metadata, &segments.photoshop);
    metadata.settle_density(segments.density);
    drop(decoder);
    let limits = *limits;
    let rows = InMemory::new(stride, move || {
        let mut data = limits.allocate(bytes, "a JPEG")?;
        let decode = |strict: bool, data: &mut [u8]| {
            let options = options().set_strict_mode(strict).jpeg_set_out_colorspace(output);
            JpegDecoder::new_with_options(ZCursor::new(file.as_slice()), options).decode_into(data)
        };
        match decode(true, &mut data) {
            // Some writers leave bytes between segments, which does no harm.
            Err(e) if e.to_string().contains("Extra bytes between headers") => decode(false, &mut data),
            result => result,
        }
        .map_err(|e| damaged(FileFormat::Jpeg, e))?;
        Ok(data)
    });
    Ok(Picture::new(FileFormat::Jpeg, size, format, metadata, rows))
}

fn options() -> DecoderOptions {
    DecoderOptions::default().set_strict_mode(false).set_max_width(1 << 16).set_max_height(1 << 16)
}

/// What the decoder does not give.
#[derive(Default)]
struct Segments {
    /// The density that JFIF states.
    density: Option<Density>,
    /// Photoshop's resources. They may be spread over several segments.
    photoshop: Vec<u8>,
    /// Comments.
    comments: Vec<String>,
}

/// Checks that every segment up to the end of the picture is there. Returns what the decoder does not give.
fn read_segments(file: &[u8]) -> Result<Segments> {
    let (mut at, mut found) = (2, Segments::default());
    loop {
        // Skips bytes between segments and entropy-coded data, up to the next marker.
        at += file
            .get(at..)
            .and_then(|f| f.iter().position(|b| *b == 0xFF))
            .ok_or_else(|| cut_short(FileFormat::Jpeg))?;
        let mark = *file.get(at + 1).ok_or_else(|| cut_short(FileFormat::Jpeg))?;
        match mark {
            0xFF => at += 1,
            0x00 | 0x01 | 0xD0..=0xD8 => at += 2,
            0xD9 => return Ok(found),
            _ => {
                let length = file.get(at + 2..at + 4).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])));
                let segment = length.and_then(|n| file.get(at + 4..at + 2 + n.max(2)));
                let segment = segment.ok_or_else(|| cut_short(FileFormat::Jpeg))?;
                found.read(mark, segment);
                at += 4 + segment.len();
            }
        }
    }
}

impl Segments {
    fn read(&mut self, mark: u8, segment: &[u8]) {
        match (mark, segment) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, _, _, unit, a, b, c, d, ..]) => {
                let number = |a, b| f64::from(u16::from_be_bytes([a, b]));
                let per_inch = if *unit == 2 { 2.54 } else { 1.0 };
                self.density = Density::new(number(*a, *b) * per_inch, number(*c, *d) * per_inch, *unit != 0);
            }
            (0xED, _) => self.photoshop.extend(segment.strip_prefix(PHOTOSHOP_MARK).unwrap_or_default()),
            (0xFE, _) => {
                let end = segment.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
                let text = match std::str::from_utf8(&segment[..end]) {
                    Ok(text) => text.to_owned(),
                    // The standard names no character set; this is the other common one.
                    Err(_) => segment[..end].iter().map(|b| char::from(*b)).collect(),
                };
                self.comments.extend((!text.trim().is_empty()).then_some(text));
            }
            _ => {}
        }
    }
}
