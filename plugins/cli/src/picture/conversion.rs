//! How a picture changes to fit a file format: its samples, alpha, colour space and metadata.
//!
//! It is determined before the work starts. A picture that the format cannot store is refused with an error that names a
//! format that can, and every loss is a note for the user. Nothing is dropped or reduced in silence.

use std::mem;

use enlarger::{Alpha, Colour, Error, ErrorKind, Format, Result, Sample, Size};

use super::colour_profile::{ToneCurve, profile};
use super::file_format::FileFormat;
use super::storage;
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
        let storage = storage::of(file_format);
        let longest = storage.longest_side;
        if size.width > longest || size.height > longest {
            return refuse(format!(
                "the result is {size} pixels, and {name} allows {longest} along a side; choose PNG or TIFF with -o, or a smaller factor"
            ));
        }
        if metadata.is_hdr() && file_format != FileFormat::Png {
            return refuse(format!(
                "the picture's colours are for HDR displays (cICP), which {name} cannot say here; choose PNG with -o"
            ));
        }
        let alpha = match storage.alpha {
            Some(alpha) => alpha(format, colour),
            None if format.channels.has_alpha() => {
                return refuse(format!(
                    "the picture has transparency, which {name} cannot store; choose PNG, TIFF or WebP with -o"
                ));
            }
            None => Alpha::Straight,
        };

        let mut notes = Vec::new();
        let sample = (storage.sample)(format.sample);
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
        let colour = match (storage.linear, *colour == Colour::LinearSrgb) {
            // Linear light in the file's own primaries.
            (true, false) if metadata.linear.is_some() => None,
            (false, false) if metadata.linear.is_some() => encoded(metadata, format.channels.is_gray()),
            (true, false) => Some(Colour::LinearSrgb),
            (false, true) => Some(Colour::Srgb),
            _ => None,
        };
        // Colour that is encoded anew is divided by alpha first.
        let alpha = if colour.is_some() && !storage.linear { Alpha::Straight } else { alpha };
        let stored = Format { sample, alpha, ..format };
        let mut metadata = convert_metadata(file_format, size, metadata, &mut notes);
        if let Some(Colour::Icc(icc)) = &colour {
            metadata.icc = Some(icc.to_vec());
        }
        Ok(Conversion { format: stored, metadata, colour, notes })
    }
}

fn convert_metadata(file_format: FileFormat, size: Size, metadata: &Metadata, notes: &mut Vec<String>) -> Metadata {
    let mut carried = metadata.clone();
    carried.update_for_result(size);
    let storage = storage::of(file_format);
    if let Some(made) = carried.made_by.take() {
        (storage.label)(&mut carried, &made);
    }
    let mut removed = (storage.remove_unstorable)(&mut carried);
    let moved = mem::take(&mut carried.moved);
    if !moved.is_empty() {
        let name = file_format.name();
        notes.push(format!("{name} has no place of its own for {}; XMP in the result says the same", list(&moved)));
    }
    if file_format != FileFormat::Tiff {
        storage::remove(&mut carried.geo, "the georeferencing (GeoTIFF)", &mut removed);
    }
    if file_format != FileFormat::Exr {
        let names = carried.exr.take().map(|exr| exr.names()).unwrap_or_default();
        if !names.is_empty() {
            removed.push(format!("the EXR attributes ({})", names.join(", ")));
        }
        carried.linear = None;
    }
    if !removed.is_empty() {
        notes.push(format!("{} cannot store {}, which the result does not keep", file_format.name(), list(&removed)));
    }
    if !carried.left_out.is_empty() {
        notes.push(format!("the result does not keep {}", list(&mem::take(&mut carried.left_out))));
    }
    if storage.linear {
        // The pixels are converted to linear sRGB, so the profile would be wrong.
        carried.icc = None;
    }
    carried
}

/// The colour space with the primaries of `metadata` and the curve of sRGB: linear light in integers has too few darks.
fn encoded(metadata: &Metadata, gray: bool) -> Option<Colour> {
    let icc = profile("EXR primaries, sRGB curve", &metadata.linear?, &[ToneCurve::Srgb], gray)?;
    Some(Colour::Icc(icc.into()))
}

/// "a, b and c".
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
