//! What a file format can store.
//!
//! Every format states it in its own folder, and the conversion of a picture reads it from there. A statement must never
//! promise what the writer does not do.

use enlarger::{Alpha, Colour, Format, Provenance, Sample};

use super::file_format::FileFormat;
use super::{exr, jpeg, png, tiff, webp};
use crate::metadata::Metadata;

/// What a file format can store. Formats that are only read have no such statement.
pub struct Storage {
    /// Pixels along a side.
    pub longest_side: u32,
    /// The samples in which a picture of these samples is stored.
    pub sample: fn(Sample) -> Sample,
    /// How alpha is stored, for rows of this format and colour. `None` if the format has no alpha.
    pub alpha: Option<fn(Format, &Colour) -> Alpha>,
    /// Whether values are linear light. Otherwise they are encoded.
    pub linear: bool,
    /// Removes from the metadata what the format cannot store, and returns what that is, as in "EXIF".
    pub remove_unstorable: fn(&mut Metadata) -> Vec<String>,
    /// Adds what made the result to the metadata.
    pub label: fn(&mut Metadata, &Provenance),
}

/// What `file_format` can store. Pictures in formats that are only read are stored as PNG.
pub fn of(file_format: FileFormat) -> &'static Storage {
    match file_format.for_result() {
        FileFormat::Jpeg => &jpeg::STORAGE,
        FileFormat::Tiff => &tiff::STORAGE,
        FileFormat::WebP => &webp::STORAGE,
        FileFormat::Exr => &exr::STORAGE,
        _ => &png::STORAGE,
    }
}

/// The longest side that a result of a picture in this format can have, with the name of the result's format.
pub fn longest_side(file_format: FileFormat) -> (u32, &'static str) {
    (of(file_format).longest_side, file_format.for_result().name())
}

/// Straight alpha, for any picture.
pub fn straight(_: Format, _: &Colour) -> Alpha {
    Alpha::Straight
}

/// 8-bit samples, for any picture.
pub fn bytes_only(_: Sample) -> Sample {
    Sample::U8
}

/// 8-bit samples as they are, others as 16-bit.
pub fn integers(sample: Sample) -> Sample {
    if sample == Sample::U8 { Sample::U8 } else { Sample::U16 }
}

/// Removes the fields of a kind that a format has no place for. Used in `remove_unstorable`.
pub fn remove<T: Default + PartialEq>(field: &mut T, what: &str, removed: &mut Vec<String>) {
    if *field != T::default() {
        *field = T::default();
        removed.push(what.to_owned());
    }
}
