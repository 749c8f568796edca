//! Writing TIFF: strip by strip, compressed without loss.
//!
//! Only a result that might exceed four gigabytes is written as BigTIFF.

use std::io::{Seek, Write};

use enlarger::{Alpha, Error, ErrorKind, Format, Result, Sample};
use tiff::TiffError;
use tiff::encoder::compression::{CompressionAlgorithm, Deflate};
use tiff::encoder::{DirectoryEncoder, Rational, TiffEncoder, TiffKind, TiffKindBig, TiffKindStandard};
use tiff::tags::{Tag, Type};

use super::{XMP, tag};
use crate::metadata::exif::{EXIF_POINTER, FieldGroups, GPS_POINTER};
use crate::metadata::geo::Geo;
use crate::metadata::ifd::Field;
use crate::metadata::photoshop;
use crate::picture::encoder::{IncomingRows, OutputFile, WriteSpec};

/// Approximate bytes of a strip before compression.
const STRIP: usize = 1 << 18;
/// Uncompressed bytes above which a file may need more than 32-bit offsets.
const BIG: u64 = 4_000_000_000;

/// Writes a TIFF file from rows as they come.
pub fn write(incoming: IncomingRows, mut output: OutputFile, spec: &WriteSpec) -> Result<()> {
    if spec.size.pixels() * spec.format.pixel_size() as u64 > BIG {
        write_as(TiffEncoder::<_, TiffKindBig>::new_generic(&mut output).map_err(error)?, incoming, spec)?;
    } else {
        write_as(TiffEncoder::<_, TiffKindStandard>::new_generic(&mut output).map_err(error)?, incoming, spec)?;
    }
    output.flush()?;
    Ok(())
}

fn write_as<W: Write + Seek, K: TiffKind>(
    mut file: TiffEncoder<W, K>,
    mut incoming: IncomingRows,
    spec: &WriteSpec,
) -> Result<()> {
    let fields = spec.metadata.exif.as_ref().map(|exif| exif.fields()).unwrap_or_default();
    let exif = write_directory(&mut file, &fields.exif)?;
    let gps = write_directory(&mut file, &fields.gps)?;

    let mut directory = file.image_directory().map_err(error)?;
    let (mut offsets, mut counts) = (Vec::new(), Vec::new());
    let row_size = spec.format.row_size(spec.size.width);
    let rows_per_strip = (STRIP / row_size).clamp(1, spec.size.height as usize);
    let mut left = spec.size.height as usize;
    let (mut strip, mut packed) = (Vec::new(), Vec::new());
    while left > 0 {
        strip.clear();
        for _ in 0..rows_per_strip.min(left) {
            let mut row = incoming.next()?;
            apply_predictor(&mut row, spec.format);
            strip.extend_from_slice(&row);
        }
        left -= rows_per_strip.min(left);
        packed.clear();
        Deflate::default().write_to(&mut packed, &strip)?;
        offsets.push(K::convert_offset(directory.write_data(packed.as_slice()).map_err(error)?).map_err(error)?);
        counts.push(K::convert_offset(packed.len() as u64).map_err(error)?);
    }
    let mut tags = || {
        directory.write_tag(Tag::RowsPerStrip, rows_per_strip as u32)?;
        directory.write_tag(Tag::StripOffsets, K::convert_slice(&offsets))?;
        directory.write_tag(Tag::StripByteCounts, K::convert_slice(&counts))?;
        write_layout(&mut directory, spec)?;
        write_metadata(&mut directory, spec, &fields)?;
        for (tag, pointer) in [(EXIF_POINTER, exif), (GPS_POINTER, gps)] {
            if let Some(pointer) = pointer {
                directory.write_tag(Tag::from_u16_exhaustive(tag), pointer)?;
            }
        }
        Ok(())
    };
    tags().map_err(error)?;
    directory.finish().map_err(error)
}

/// Writes a directory beside the picture's own. Returns its offset, or nothing if there are no fields.
fn write_directory<W: Write + Seek, K: TiffKind>(
    file: &mut TiffEncoder<W, K>,
    fields: &[Field],
) -> Result<Option<u32>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let mut directory = file.extra_directory().map_err(error)?;
    for field in fields {
        write_field(&mut directory, field).map_err(error)?;
    }
    // These directories are at the beginning of the file, so their offsets fit 32 bits.
    let offset = directory.finish_with_offsets().map_err(error)?.pointer.0;
    Ok(u32::try_from(offset).ok())
}

fn write_field<W: Write + Seek, K: TiffKind>(
    directory: &mut DirectoryEncoder<'_, W, K>,
    field: &Field,
) -> Result<(), TiffError> {
    let Some(data_type) = Type::from_u16(field.data_type) else { return Ok(()) };
    let entry = directory.write_entry_bytes(data_type, &field.value)?;
    let mut one = tiff::Directory::empty();
    one.extend([(Tag::from_u16_exhaustive(field.tag), entry)]);
    directory.extend_from(&one);
    Ok(())
}

fn write_layout<W: Write + Seek, K: TiffKind>(
    directory: &mut DirectoryEncoder<'_, W, K>,
    spec: &WriteSpec,
) -> Result<(), TiffError> {
    let format = spec.format;
    let count = format.channels.count();
    let sample_format: u16 = if format.sample.is_float() { 3 } else { 1 };
    directory.write_tag(Tag::ImageWidth, spec.size.width)?;
    directory.write_tag(Tag::ImageLength, spec.size.height)?;
    directory.write_tag(Tag::BitsPerSample, vec![format.sample.size() as u16 * 8; count].as_slice())?;
    directory.write_tag(Tag::SampleFormat, vec![sample_format; count].as_slice())?;
    directory.write_tag(Tag::SamplesPerPixel, count as u16)?;
    directory.write_tag(Tag::PhotometricInterpretation, if format.channels.is_gray() { 1u16 } else { 2 })?;
    directory.write_tag(Tag::Compression, 8u16)?;
    directory.write_tag(Tag::Predictor, if format.sample.is_float() { 1u16 } else { 2 })?;
    directory.write_tag(Tag::PlanarConfiguration, 1u16)?;
    if format.channels.has_alpha() {
        directory.write_tag(Tag::ExtraSamples, if format.alpha == Alpha::Premultiplied { 1u16 } else { 2 })?;
    }
    Ok(())
}

fn write_metadata<W: Write + Seek, K: TiffKind>(
    directory: &mut DirectoryEncoder<'_, W, K>,
    spec: &WriteSpec,
    fields: &FieldGroups,
) -> Result<(), TiffError> {
    for field in &fields.main {
        write_field(directory, field)?;
    }
    let metadata = &spec.metadata;
    if let Some(density) = metadata.density {
        directory.write_tag(Tag::XResolution, rational(density.x))?;
        directory.write_tag(Tag::YResolution, rational(density.y))?;
        directory.write_tag(Tag::ResolutionUnit, if density.absolute { 2u16 } else { 1 })?;
    }
    let photoshop = photoshop::block(metadata);
    for (tag, block) in [(tag::ICC, &metadata.icc), (tag::IPTC, &metadata.iptc), (tag::PHOTOSHOP, &photoshop)] {
        if let Some(block) = block {
            write_field(directory, &Field { tag, data_type: 7, value: block.clone(), position: 0 })?;
        }
    }
    if let Some(value) = photoshop::block(metadata) {
        write_field(directory, &Field { tag: tag::PHOTOSHOP, data_type: 7, value, position: 0 })?;
    }
    for field in metadata.geo.iter().flat_map(Geo::fields) {
        write_field(directory, field)?;
    }
    if let Some(name) = &metadata.page_name {
        directory.write_tag(Tag::from_u16_exhaustive(tag::PAGE_NAME), name.as_str())?;
    }
    if let Some(xmp) = &metadata.xmp {
        directory.write_tag(XMP, xmp.as_slice())?;
    }
    directory.write_tag(Tag::Orientation, 1u16)
}

/// A resolution, rounded if it is nearly whole: PNG stores dots per metre, so 300 dpi is read as 299.9994.
fn rational(value: f64) -> Rational {
    let whole = value.round();
    if (value - whole).abs() < 0.01 && whole >= 1.0 {
        Rational { n: whole as u32, d: 1 }
    } else {
        Rational { n: (value * 100.0).round() as u32, d: 100 }
    }
}

/// Replaces samples by their difference from the pixel before, which compresses better. Leaves floating point as it is.
fn apply_predictor(row: &mut [u8], format: Format) {
    let count = format.channels.count();
    match format.sample {
        Sample::U8 => {
            for at in (count..row.len()).rev() {
                row[at] = row[at].wrapping_sub(row[at - count]);
            }
        }
        Sample::U16 => {
            let sample = |row: &[u8], i: usize| u16::from_ne_bytes([row[2 * i], row[2 * i + 1]]);
            for i in (count..row.len() / 2).rev() {
                let difference = sample(row, i).wrapping_sub(sample(row, i - count));
                row[2 * i..2 * i + 2].copy_from_slice(&difference.to_ne_bytes());
            }
        }
        Sample::F16 | Sample::F32 => {}
    }
}

fn error(error: TiffError) -> Error {
    match error {
        TiffError::IoError(e) => e.into(),
        e => Error::new(ErrorKind::Format, format!("the TIFF cannot be written ({e}); write a PNG instead")),
    }
}
