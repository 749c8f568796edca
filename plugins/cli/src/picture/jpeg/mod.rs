//! JPEG: 8-bit gray and RGB.

pub mod read;
mod segments;
pub mod write;

use super::storage::{Storage, bytes_only, remove};
use crate::metadata::Metadata;

/// What JPEG can store.
pub const STORAGE: Storage =
    Storage { longest_side: 65535, sample: bytes_only, alpha: None, linear: false, remove_unstorable };

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = Vec::new();
    if metadata.exif.as_ref().is_some_and(|exif| exif.bytes().len() + EXIF_MARK.len() > MAX_SEGMENT) {
        remove(&mut metadata.exif, "EXIF of more than 64 kB", &mut removed);
    }
    if metadata.xmp.as_ref().is_some_and(|xmp| xmp.len() + XMP_MARK.len() > MAX_SEGMENT) {
        remove(&mut metadata.xmp, "XMP of more than 64 kB", &mut removed);
    }
    if metadata.icc.as_ref().is_some_and(|icc| icc.len() > 255 * (MAX_SEGMENT - ICC_MARK.len() - 2)) {
        remove(&mut metadata.icc, "an ICC profile of more than 16 MB", &mut removed);
    }
    remove(&mut metadata.texts, "a PNG's texts", &mut removed);
    remove(&mut metadata.page_name, "the page's name", &mut removed);
    removed
}

/// Bytes of metadata that a segment can hold; its length field takes the other two.
const MAX_SEGMENT: usize = 65533;
/// What precedes XMP in its segment.
const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// What precedes a part of the ICC profile in its segment, with the number of the part and of all parts.
const ICC_MARK: &[u8] = b"ICC_PROFILE\0";
/// What precedes Photoshop's resources in their segments.
const PHOTOSHOP_MARK: &[u8] = b"Photoshop 3.0\0";
/// What precedes EXIF in its segment.
const EXIF_MARK: &[u8] = b"Exif\0\0";
