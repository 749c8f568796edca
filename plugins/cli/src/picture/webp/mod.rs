//! WebP: 8-bit RGB and RGBA, lossless and lossy.

mod container;
pub mod read;
pub mod write;

use super::storage::{Storage, bytes_only, straight};
use crate::metadata::exif::Exif;
use crate::metadata::{Metadata, label};

/// What WebP can store.
pub const STORAGE: Storage = Storage {
    longest_side: 16383,
    sample: bytes_only,
    alpha: Some(straight),
    linear: false,
    remove_unstorable,
    label: label::in_exif,
};

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = metadata.texts_to_xmp();
    removed.extend(metadata.iptc_to_xmp());
    removed.extend(metadata.page_name_to_xmp());
    removed.extend(metadata.comments_to_xmp());
    if let Some(density) = metadata.density.filter(|d| d.absolute) {
        // WebP has no field for it, but readers find it in EXIF.
        metadata.exif.get_or_insert_with(Exif::empty).set_density(density);
    }
    removed
}
