//! How a picture changes to fit a file format: its samples, alpha, colour space and metadata.
//!
//! It is determined before the work starts. A picture that the format cannot store is refused with an error that names a
//! format that can, and every loss is a note for the user. Nothing is dropped or reduced in silence.

use enlarger::{Alpha, Colour, Error, ErrorKind, Format, Result, Sample, Size};

use super::colour_profile::{ToneCurve, profile};
use super::file_format::FileFormat;
use super::jpeg;
use crate::metadata::Metadata;

/// How a picture will be stored.
pub struct Conversion {
    /// The format of the stored rows.
    pub format: Format,
    /// The stored metadata.
    pub metadata: Metadata,
    /// The colour space of the stored rows; `None` for the source's.
    pub colour: Option<Colour>,
    /// What is lost, one sentence each.
    pub notes: Vec<String>,
}

impl Conversion {
    /// The conversion of a picture of `size` to a file format.
    ///
    /// # Errors
    /// `Format` if the format cannot store the picture at all.
    pub fn new(
        file_format: FileFormat,
        size: Size,
        format: Format,
        colour: &Colour,
        metadata: &Metadata,
    ) -> Result<Self> {
        let name = file_format.name();
        let refuse = |what: String| Err(Error::new(ErrorKind::Format, what));
        let longest = match file_format {
            FileFormat::WebP => 16383,
            FileFormat::Jpeg => 65535,
            _ => u32::MAX,
        };
        if size.width > longest || size.height > longest {
            return refuse(format!(
                "the result is {size} pixels, and {name} allows {longest} along a side; choose PNG or TIFF with -o, or a smaller factor"
            ));
        }
        if file_format == FileFormat::Jpeg && format.channels.has_alpha() {
            return refuse(
                "the picture has transparency, which JPEG cannot store; choose PNG, TIFF or WebP with -o".to_owned(),
            );
        }

        let mut notes = Vec::new();
        let sample = stored_sample(file_format, format.sample);
        if sample.size() < format.sample.size() {
            notes.push(match (sample, format.sample.is_float()) {
                (Sample::U8, true) => {
                    format!("{name} stores 8-bit samples; floating point becomes 8-bit, clipped to black and white")
                }
                (Sample::U8, false) => format!("{name} stores 8-bit samples; 16-bit becomes 8-bit"),
                _ => format!("{name} stores no floating point; it becomes 16-bit, clipped to black and white"),
            });
        } else if format.sample.is_float() && !sample.is_float() {
            notes.push(format!("{name} stores no floating point; it becomes 16-bit, clipped to black and white"));
        }
        let alpha = match file_format {
            FileFormat::Exr => Alpha::Premultiplied,
            FileFormat::Tiff if *colour != Colour::LinearSrgb && metadata.linear.is_none() => format.alpha,
            _ => Alpha::Straight,
        };
        let stored = Format { sample, alpha, ..format };
        // EXR stores linear light, and only EXR does.
        let colour = match (file_format == FileFormat::Exr, *colour == Colour::LinearSrgb) {
            // Linear light in the file's own primaries.
            (true, false) if metadata.linear.is_some() => None,
            (false, false) if metadata.linear.is_some() => encoded(metadata, format.channels.is_gray()),
            (true, false) => Some(Colour::LinearSrgb),
            (false, true) => Some(Colour::Srgb),
            _ => None,
        };
        let mut metadata = convert_metadata(file_format, size, metadata, &mut notes);
        if let Some(Colour::Icc(icc)) = &colour {
            metadata.icc = Some(icc.to_vec());
        }
        Ok(Conversion { format: stored, metadata, colour, notes })
    }
}

/// The colour space with the primaries of `metadata` and the curve of sRGB: linear light in integers has too few darks.
fn encoded(metadata: &Metadata, gray: bool) -> Option<Colour> {
    let icc = profile("EXR primaries, sRGB curve", &metadata.linear?, &[ToneCurve::Srgb], gray)?;
    Some(Colour::Icc(icc.into()))
}

/// The type in which a format stores these samples.
fn stored_sample(file_format: FileFormat, sample: Sample) -> Sample {
    match (file_format, sample) {
        (FileFormat::Jpeg | FileFormat::WebP, _) => Sample::U8,
        (FileFormat::Tiff, _) => sample,
        // Linear light needs more than 8 bits, and half floats hold fewer than 16.
        (FileFormat::Exr, Sample::U8 | Sample::F16) => Sample::F16,
        (FileFormat::Exr, _) => Sample::F32,
        (_, Sample::U8) => Sample::U8,
        _ => Sample::U16,
    }
}

fn convert_metadata(file_format: FileFormat, size: Size, metadata: &Metadata, notes: &mut Vec<String>) -> Metadata {
    let mut carried = metadata.clone();
    carried.update_for_result(size);
    let mut drop = |what: &str| notes.push(format!("{} cannot store {what}; it is left out", file_format.name()));
    let (exif, xmp) = (carried.exif.as_ref().map_or(0, |e| e.bytes().len()), carried.xmp.as_ref().map_or(0, Vec::len));
    let (exif_fits, xmp_fits) = match file_format {
        FileFormat::Exr => (false, false),
        FileFormat::Jpeg => (jpeg::holds_exif(exif), jpeg::holds_xmp(xmp)),
        FileFormat::Png => (true, carried.xmp.as_ref().is_none_or(|x| std::str::from_utf8(x).is_ok())),
        _ => (true, true),
    };
    if !exif_fits && carried.exif.take().is_some() {
        drop("this EXIF");
    }
    if !xmp_fits && carried.xmp.take().is_some() {
        drop("this XMP");
    }
    if file_format != FileFormat::Png && !carried.texts.is_empty() {
        carried.texts.clear();
        drop("the PNG's text chunks");
    }
    if file_format != FileFormat::Tiff && carried.geo.take().is_some() {
        drop("the place on Earth (GeoTIFF)");
    }
    if file_format != FileFormat::Exr {
        let names = carried.exr.take().map(|exr| exr.names()).unwrap_or_default();
        if !names.is_empty() {
            drop(&format!("the EXR attributes {}", names.join(", ")));
        }
        carried.linear = None;
    }
    if file_format == FileFormat::Exr {
        // The pixels are converted to linear sRGB, so the profile would be wrong.
        carried.icc = None;
    }
    carried
}
