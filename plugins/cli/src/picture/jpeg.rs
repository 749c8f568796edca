//! JPEG, in and out.
//!
//! In: the decoder gives the whole picture, so it is held. It also fills what is missing with grey, so the file is
//! walked from mark to mark first. Out: rows stream through a baseline encoder; nothing is held.

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::path::PathBuf;

use enlarger::{Channels, Colour, Error, ErrorKind, Format, Result, Sample};
use jpeg_encoder::{
    Encoder, EncodingError, ImageBuffer, JpegColorType, PixelDensity, PixelDensityUnit, SamplingFactor, rgb_to_ycbcr,
};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::exif::Exif;
use super::held::Held;
use super::metadata::{Density, Metadata};
use super::write::{Incoming, Output, Spec};
use super::{Input, Kind, Picture, cut_short, damaged};
use crate::limits::Limits;

/// What a segment of metadata may hold besides its own length.
const MAX_SEGMENT: usize = 65533;
const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// Opens a JPEG file.
pub fn open(mut input: Input, limits: &Limits) -> Result<Picture> {
    let length = input.get_ref().metadata()?.len();
    limits.hold(length, "a JPEG file")?;
    let mut file = Vec::new();
    input.read_to_end(&mut file)?;
    let density = walk(&file)?;

    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file.as_slice()), options());
    decoder.decode_headers().map_err(|e| damaged(Kind::Jpeg, e))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| damaged(Kind::Jpeg, "it has no size"))?;
    let size = limits.size(width as u64, height as u64)?;
    let (channels, output) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (Channels::Gray, ColorSpace::Luma),
        Some(ColorSpace::YCbCr | ColorSpace::RGB) => (Channels::Rgb, ColorSpace::RGB),
        _ => {
            return Err(Error::new(
                ErrorKind::Format,
                "this JPEG has CMYK or unusual colours; convert it to RGB in an image editor first",
            ));
        }
    };
    let format = Format::new(Sample::U8, channels);
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    limits.hold(bytes + length, "a JPEG")?;

    let mut metadata =
        Metadata { icc: decoder.icc_profile(), xmp: decoder.xmp().cloned(), density, ..Metadata::default() };
    metadata.set_exif(decoder.exif().and_then(|block| Exif::from_block(block)));
    let colour = metadata.icc.as_ref().map_or(Colour::Srgb, |icc| Colour::Icc(icc.as_slice().into()));
    drop(decoder);
    let limits = *limits;
    let rows = Box::new(Held::new(stride, move || {
        let mut data = limits.buffer(bytes, "a JPEG")?;
        let decode = |strict: bool, data: &mut [u8]| {
            let options = options().set_strict_mode(strict).jpeg_set_out_colorspace(output);
            JpegDecoder::new_with_options(ZCursor::new(file.as_slice()), options).decode_into(data)
        };
        match decode(true, &mut data) {
            // Bytes that some writers leave between segments harm nothing.
            Err(e) if e.to_string().contains("Extra bytes between headers") => decode(false, &mut data),
            result => result,
        }
        .map_err(|e| damaged(Kind::Jpeg, e))?;
        Ok(data)
    }));
    Ok(Picture { kind: Kind::Jpeg, metadata, notes: Vec::new(), size, format, colour, rows, path: PathBuf::new() })
}

fn options() -> DecoderOptions {
    DecoderOptions::default().set_strict_mode(false).set_max_width(1 << 16).set_max_height(1 << 16)
}

/// Steps from mark to mark up to the end of the picture, which must be there. Returns the density on the way.
fn walk(file: &[u8]) -> Result<Option<Density>> {
    let (mut at, mut density) = (2, None);
    loop {
        // Between segments, and through the entropy-coded data, up to the next mark.
        at += file.get(at..).and_then(|f| f.iter().position(|b| *b == 0xFF)).ok_or_else(|| cut_short(Kind::Jpeg))?;
        let mark = *file.get(at + 1).ok_or_else(|| cut_short(Kind::Jpeg))?;
        match mark {
            0xFF => at += 1,
            0x00 | 0x01 | 0xD0..=0xD8 => at += 2,
            0xD9 => return Ok(density),
            _ => {
                let length = file.get(at + 2..at + 4).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])));
                let segment = length.and_then(|n| file.get(at + 4..at + 2 + n.max(2)));
                let segment = segment.ok_or_else(|| cut_short(Kind::Jpeg))?;
                if let (0xE0, [b'J', b'F', b'I', b'F', 0, _, _, unit, a, b, c, d, ..]) = (mark, segment) {
                    let number = |a, b| f64::from(u16::from_be_bytes([a, b]));
                    let per_inch = if *unit == 2 { 2.54 } else { 1.0 };
                    density = Density::new(number(*a, *b) * per_inch, number(*c, *d) * per_inch, *unit != 0);
                }
                at += 4 + segment.len();
            }
        }
    }
}

/// Writes a JPEG file from rows as they come.
pub fn write(incoming: Incoming, output: Output, spec: &Spec) -> Result<()> {
    let failure = RefCell::new(None);
    let gate = Gate { output, failure: &failure };
    let mut encoder = Encoder::new(gate, spec.quality);
    // Halved chroma is where the artefacts of an enlarged picture would be seen first.
    encoder.set_sampling_factor(if spec.quality >= 90 { SamplingFactor::F_1_1 } else { SamplingFactor::F_2_2 });
    let metadata = &spec.metadata;
    if let Some(density) = metadata.density {
        let whole = |n: f64| n.round().clamp(1.0, 65535.0) as u16;
        let unit = if density.absolute { PixelDensityUnit::Inches } else { PixelDensityUnit::PixelAspectRatio };
        encoder.set_density(PixelDensity { density: (whole(density.x), whole(density.y)), unit });
    }
    if let Some(exif) = &metadata.exif {
        encoder.add_exif_metadata(exif.bytes()).map_err(error)?;
    }
    if let Some(xmp) = &metadata.xmp {
        encoder.add_app_segment(1, [XMP_MARK, xmp].concat()).map_err(error)?;
    }
    if let Some(icc) = &metadata.icc {
        encoder.add_icc_profile(icc).map_err(error)?;
    }
    let image = Streamed {
        incoming: RefCell::new(incoming),
        row: RefCell::new(Vec::new()),
        next: Cell::new(0),
        failure: &failure,
        spec,
    };
    let result = encoder.encode_image(image).map_err(error);
    match failure.into_inner() {
        Some(error) => Err(error),
        None => result,
    }
}

/// Whether a block of metadata fits a JPEG segment.
pub fn fits(exif: usize, xmp: usize) -> (bool, bool) {
    (exif + 6 <= MAX_SEGMENT, xmp + XMP_MARK.len() <= MAX_SEGMENT)
}

/// The encoder's view of rows that do not exist yet. It asks for them in order, the last one repeatedly.
struct Streamed<'a> {
    incoming: RefCell<Incoming>,
    row: RefCell<Vec<u8>>,
    next: Cell<u32>,
    failure: &'a RefCell<Option<Error>>,
    spec: &'a Spec,
}

impl ImageBuffer for Streamed<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.spec.format.channels.is_gray() { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        self.spec.size.width as u16
    }

    fn height(&self) -> u16 {
        self.spec.size.height as u16
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let mut row = self.row.borrow_mut();
        while self.next.get() <= u32::from(y) {
            match self.incoming.borrow_mut().next() {
                Ok(next) => *row = next,
                // The encoder cannot be told; the gate stops it at its next byte.
                Err(error) => {
                    row.resize(self.spec.format.row_size(self.spec.size.width), 0);
                    self.failure.borrow_mut().get_or_insert(error);
                }
            }
            self.next.set(self.next.get() + 1);
        }
        if self.spec.format.channels.is_gray() {
            buffers[0].extend_from_slice(&row);
            return;
        }
        for pixel in row.chunks_exact(3) {
            let (y, cb, cr) = rgb_to_ycbcr(pixel[0], pixel[1], pixel[2]);
            buffers[0].push(y);
            buffers[1].push(cb);
            buffers[2].push(cr);
        }
    }
}

/// The file, closed as soon as rows are missing.
struct Gate<'a> {
    output: Output,
    failure: &'a RefCell<Option<Error>>,
}

impl Write for Gate<'_> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        if self.failure.borrow().is_some() {
            return Err(std::io::Error::other("stopped"));
        }
        self.output.write(data)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.output.flush()
    }
}

impl Drop for Gate<'_> {
    fn drop(&mut self) {
        // A full disk must not look like a finished picture.
        if let Err(e) = self.output.flush() {
            self.failure.borrow_mut().get_or_insert(e.into());
        }
    }
}

fn error(error: EncodingError) -> Error {
    match error {
        EncodingError::IoError(e) => e.into(),
        e => Error::new(ErrorKind::Format, format!("the JPEG cannot be written ({e}); choose PNG or TIFF")),
    }
}
