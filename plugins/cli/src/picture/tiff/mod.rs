//! TIFF: gray, RGB and alpha of 8 and 16 bits and of 16 and 32-bit floating point.

pub mod read;
pub mod write;

use enlarger::{Alpha, Colour, Format};

use super::storage::{Storage, remove};
use crate::metadata::Metadata;

/// What TIFF can store.
pub const STORAGE: Storage =
    Storage { longest_side: u32::MAX, sample: |sample| sample, alpha: Some(alpha), linear: false, remove_unstorable };

fn alpha(format: Format, colour: &Colour) -> Alpha {
    if *colour == Colour::LinearSrgb { Alpha::Straight } else { format.alpha }
}

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = Vec::new();
    remove(&mut metadata.iptc, "IPTC records", &mut removed);
    remove(&mut metadata.comments, "comments", &mut removed);
    remove(&mut metadata.texts, "a PNG's texts", &mut removed);
    remove(&mut metadata.page_name, "the page's name", &mut removed);
    removed
}

use tiff::tags::Tag;

/// XMP's tag, which the library has no name for.
const XMP: Tag = Tag::Unknown(700);
