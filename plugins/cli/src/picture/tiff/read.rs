//! Reading TIFF: one strip or one row of tiles at a time.
//!
//! Samples may be chunky or planar, and gray of 1, 2 and 4 bits becomes 8-bit. Anything else is refused by name; nothing is
//! converted on a guess.

use std::io::{Seek, SeekFrom};

use enlarger::{Alpha, Channels, Error, ErrorKind, Format, Result, Sample, Size};
use tiff::ColorType;
use tiff::decoder::ifd::Value;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, DecodingSampleType};
use tiff::tags::{PlanarConfiguration, Tag};
use tiff::{TiffError, TiffFormatError};

use super::XMP;
use crate::metadata::exif::Exif;
use crate::metadata::{Density, MAX_METADATA, Metadata};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture, RowReader};

/// Opens a TIFF file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.seek(SeekFrom::End(0))?;
    let mut metadata = Metadata { exif: Exif::from_tiff(&mut input), ..Metadata::default() };
    input.seek(SeekFrom::Start(0))?;
    let mut decoder = Decoder::new(input).map_err(error)?;
    let (width, height) = decoder.dimensions().map_err(error)?;
    let size = limits.check_size(width.into(), height.into())?;
    let mut library = tiff::decoder::Limits::default();
    library.decoding_buffer_size = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    library.intermediate_buffer_size = library.decoding_buffer_size;
    library.ifd_value_size = MAX_METADATA as usize;
    decoder = decoder.with_limits(library);

    let (format, bits) = format(&mut decoder)?;
    check_complete(&mut decoder, length)?;
    let notes = read_metadata(&mut decoder, &mut metadata);
    let rows = BandReader::new(decoder, size, format, bits, limits)?;
    Ok(Picture::new(FileFormat::Tiff, size, format, metadata, rows).with_notes(notes))
}

fn format(decoder: &mut Decoder<InputFile>) -> Result<(Format, u8)> {
    let extra: Vec<u16> = decoder.find_tag_unsigned_vec(Tag::ExtraSamples).map_err(error)?.unwrap_or_default();
    let colour = decoder.colortype().map_err(error)?;
    let (channels, bits) = match colour {
        ColorType::Gray(n) => (Channels::Gray, n),
        ColorType::Multiband { bit_depth, num_samples: 2 } if matches!(extra.first(), Some(1 | 2)) => {
            (Channels::GrayAlpha, bit_depth)
        }
        ColorType::RGB(n) => (Channels::Rgb, n),
        ColorType::RGBA(n) => (Channels::Rgba, n),
        ColorType::CMYK(_) | ColorType::CMYKA(_) => return Err(unsupported("CMYK colours")),
        ColorType::YCbCr(_) => return Err(unsupported("YCbCr colours")),
        ColorType::Lab(_) => return Err(unsupported("Lab colours")),
        _ => return Err(unsupported("an unsupported set of channels")),
    };
    let sample = match decoder.image_chunk_buffer_layout(0).map_err(error)?.sample_type {
        Some(DecodingSampleType::U8) => Sample::U8,
        Some(DecodingSampleType::U16) if bits == 16 => Sample::U16,
        Some(DecodingSampleType::F16) => Sample::F16,
        Some(DecodingSampleType::F32) => Sample::F32,
        _ => return Err(unsupported(&format!("{bits}-bit samples of an unsupported type"))),
    };
    if sample == Sample::U8 && bits != 8 && !(matches!(bits, 1 | 2 | 4) && channels == Channels::Gray) {
        return Err(unsupported(&format!("{bits}-bit samples")));
    }
    let alpha = if extra.first() == Some(&1) { Alpha::Premultiplied } else { Alpha::Straight };
    Ok((Format { alpha, ..Format::new(sample, channels) }, bits))
}

fn unsupported(what: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("this TIFF has {what}; convert it to 8 or 16-bit gray or RGB in an image editor first"),
    )
}

/// Checks that all strips or tiles lie inside the file.
fn check_complete(decoder: &mut Decoder<InputFile>, length: u64) -> Result<()> {
    let (offsets, counts) = match decoder.get_chunk_type() {
        ChunkType::Strip => (Tag::StripOffsets, Tag::StripByteCounts),
        ChunkType::Tile => (Tag::TileOffsets, Tag::TileByteCounts),
    };
    let offsets: Vec<u64> = decoder.find_tag_unsigned_vec(offsets).map_err(error)?.unwrap_or_default();
    let counts: Vec<u64> = decoder.find_tag_unsigned_vec(counts).map_err(error)?.unwrap_or_default();
    let inside = |(offset, count): (&u64, &u64)| offset.checked_add(*count).is_some_and(|end| end <= length);
    if offsets.is_empty() || offsets.len() != counts.len() || !offsets.iter().zip(&counts).all(inside) {
        return Err(cut_short(FileFormat::Tiff));
    }
    Ok(())
}

fn read_metadata(decoder: &mut Decoder<InputFile>, metadata: &mut Metadata) -> Vec<String> {
    metadata.icc = decoder.get_tag_u8_vec(Tag::IccProfile).ok();
    metadata.xmp = decoder.get_tag_u8_vec(XMP).ok();
    metadata.orientation =
        decoder.find_tag_unsigned(Tag::Orientation).ok().flatten().filter(|n| (1..=8).contains(n)).unwrap_or(1);
    let unit: u16 = decoder.find_tag_unsigned(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    let mut resolution = |tag| match decoder.find_tag(tag) {
        Ok(Some(Value::Rational(n, d))) => Some(f64::from(n) / f64::from(d)),
        _ => None,
    };
    if let (Some(x), Some(y)) = (resolution(Tag::XResolution), resolution(Tag::YResolution)) {
        metadata.density = Density::from_tiff(x, y, unit);
    }
    if decoder.more_images() {
        vec!["the file has several pages; only the first one is enlarged".to_owned()]
    } else {
        Vec::new()
    }
}

/// Decodes a band at a time: one strip, or one row of tiles, of all planes.
struct BandReader {
    decoder: Decoder<InputFile>,
    size: Size,
    format: Format,
    bits: u8,
    planes: usize,
    /// Strips or tiles side by side.
    across: u32,
    /// Strips or tiles in one plane.
    per_plane: u32,
    rows_per_band: u32,
    /// Bytes of a row of a strip or tile, padding included. With exactly this stride the library decodes a chunk at once;
    /// row by row it fails on LZW tiles at the right edge.
    chunk_stride: usize,
    /// Whether a strip has the layout of a band, so that it is decoded in place and a picture of one strip is held once.
    direct: bool,
    band: Vec<u8>,
    current: Option<u32>,
}

impl BandReader {
    fn new(mut decoder: Decoder<InputFile>, size: Size, format: Format, bits: u8, limits: &Limits) -> Result<Self> {
        let (chunk_width, chunk_height) = decoder.chunk_dimensions();
        if chunk_width == 0 || chunk_height == 0 {
            return Err(damaged(FileFormat::Tiff, "its strips are empty"));
        }
        let rows_per_band = chunk_height.min(size.height);
        let planar: Option<u16> = decoder.find_tag_unsigned(Tag::PlanarConfiguration).map_err(error)?;
        let planar = planar == Some(PlanarConfiguration::Planar.to_u16());
        let (across, down) = (size.width.div_ceil(chunk_width), size.height.div_ceil(chunk_height));
        let per_plane = across
            .checked_mul(down)
            .ok_or_else(|| damaged(FileFormat::Tiff, "it has more tiles than a file can hold"))?;
        let bytes = format.row_size(size.width) as u64 * u64::from(rows_per_band);
        let band = limits.allocate(bytes, "a strip of this TIFF")?;
        let planes = if planar { format.channels.count() } else { 1 };
        let samples = if planar { 1 } else { format.channels.count() };
        let chunk_stride = (chunk_width as usize * samples * usize::from(bits)).div_ceil(8);
        let direct = chunk_width == size.width && planes == 1 && bits >= 8;
        Ok(BandReader {
            decoder,
            size,
            format,
            bits,
            planes,
            across,
            per_plane,
            rows_per_band,
            chunk_stride,
            direct,
            band,
            current: None,
        })
    }

    fn load(&mut self, band: u32) -> Result<()> {
        if self.direct {
            let bytes = self.decoder.image_chunk_buffer_layout(band).map_err(error)?.len;
            let to = self
                .band
                .get_mut(..bytes)
                .ok_or_else(|| damaged(FileFormat::Tiff, "a strip is larger than the picture"))?;
            self.decoder.read_chunk_bytes(band, to).map_err(error)?;
            self.current = Some(band);
            return Ok(());
        }
        let stride = self.format.row_size(self.size.width);
        let (pixel, sample) = (self.format.pixel_size(), self.format.sample.size());
        let mut buffer = DecodingResult::U8(Vec::new());
        let mut left = 0;
        for column in 0..self.across {
            let index = band * self.across + column;
            let (width, height) = self.decoder.chunk_data_dimensions(index);
            for plane in 0..self.planes {
                let index = index + plane as u32 * self.per_plane;
                self.decoder.read_chunk_to_buffer(&mut buffer, index, self.chunk_stride).map_err(error)?;
                let rows = buffer.as_buffer(0);
                for (y, row) in rows.as_bytes().chunks(self.chunk_stride).take(height as usize).enumerate() {
                    let at = y * stride + left as usize * pixel;
                    let to = &mut self.band[at..at + width as usize * pixel];
                    if self.bits < 8 {
                        unpack(row, self.bits, to);
                    } else if self.planes == 1 {
                        to.copy_from_slice(&row[..to.len()]);
                    } else {
                        for (to, from) in to.chunks_exact_mut(pixel).zip(row.chunks_exact(sample)) {
                            to[plane * sample..(plane + 1) * sample].copy_from_slice(from);
                        }
                    }
                }
            }
            left += width;
        }
        self.current = Some(band);
        Ok(())
    }
}

impl RowReader for BandReader {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        let band = y / self.rows_per_band;
        if self.current != Some(band) {
            self.load(band)?;
        }
        let stride = self.format.row_size(self.size.width);
        let start = (y % self.rows_per_band) as usize * stride;
        Ok(&self.band[start..start + stride])
    }
}

/// Turns gray samples of 1, 2 or 4 bits into 8-bit samples.
fn unpack(row: &[u8], bits: u8, to: &mut [u8]) {
    let per_byte = usize::from(8 / bits);
    let white = (1u16 << bits) - 1;
    for (x, value) in to.iter_mut().enumerate() {
        let shift = 8 - bits as usize * (x % per_byte + 1);
        let packed = u16::from(row[x / per_byte] >> shift) & white;
        *value = (packed * 255 / white) as u8;
    }
}

fn error(error: TiffError) -> Error {
    match error {
        TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(FileFormat::Tiff),
        TiffError::UnsupportedError(e) => unsupported(&format!("an unsupported feature ({e})")),
        TiffError::LimitsExceeded => Error::new(
            ErrorKind::Limit,
            "decoding a strip of this TIFF takes more memory than the limit; \
             if you trust the file, raise the limit with --max-memory",
        ),
        TiffError::FormatError(TiffFormatError::TiffSignatureNotFound) => cut_short(FileFormat::Tiff),
        e => damaged(FileFormat::Tiff, e),
    }
}
