//! TIFF: read in all its colours, depths and compressions that people meet, and written as gray or RGB.
//!
//! The reader is our own, because the library's takes few colours and reads no sub-directories; the writer uses the library.
//! Nothing here may pass a reduced copy or a preview for the picture. Raw photographs are recognised here and developed elsewhere.

mod bands;
mod chunks;
mod colours;
mod directory;
mod fax;
mod jpeg;
mod layout;
mod metadata;
mod pages;
pub mod raw;
pub mod read;
mod samples;
mod tag;
pub mod write;

use enlarger::{Alpha, Colour, Format};
use tiff::tags::Tag;

use super::storage::Storage;
use crate::metadata::exif::Exif;
use crate::metadata::{Metadata, label};

/// XMP's tag, which the library has no name for.
const XMP: Tag = Tag::Unknown(700);

/// What TIFF can store.
pub const STORAGE: Storage = Storage {
    longest_side: u32::MAX,
    sample: |sample| sample,
    alpha: Some(alpha),
    linear: false,
    remove_unstorable,
    label: label::in_exif,
};

fn alpha(format: Format, colour: &Colour) -> Alpha {
    if *colour == Colour::LinearSrgb { Alpha::Straight } else { format.alpha }
}

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = metadata.texts_to_xmp();
    removed.extend(metadata.comments_to_xmp());
    if metadata.exif.as_ref().is_some_and(Exif::has_maker_note) {
        removed.push("the maker note of EXIF, which is valid only where it was written".to_owned());
    }
    removed
}
