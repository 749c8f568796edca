//! WebP: 8-bit RGB and RGBA.

pub mod read;
pub mod write;

use super::storage::{Storage, bytes_only, remove, straight};
use crate::metadata::Metadata;
use crate::metadata::exif::Exif;

/// What WebP can store.
pub const STORAGE: Storage =
    Storage { longest_side: 16383, sample: bytes_only, alpha: Some(straight), linear: false, remove_unstorable };

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = Vec::new();
    remove(&mut metadata.iptc, "IPTC records", &mut removed);
    remove(&mut metadata.comments, "comments", &mut removed);
    remove(&mut metadata.texts, "a PNG's texts", &mut removed);
    remove(&mut metadata.page_name, "the page's name", &mut removed);
    if let Some(density) = metadata.density.filter(|d| d.absolute) {
        // WebP has no field for it, but readers find it in EXIF.
        metadata.exif.get_or_insert_with(Exif::empty).set_density(density);
    }
    removed
}
