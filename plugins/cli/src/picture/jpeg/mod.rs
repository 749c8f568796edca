//! JPEG: written as 8-bit gray and RGB, and read in more kinds.

mod colours;
mod entropy;
mod quality;
pub mod read;
mod segments;
mod structure;
mod twelve_bits;
pub mod write;

use super::storage::{Storage, bytes_only, remove};
use crate::metadata::exif::Exif;
use crate::metadata::{Metadata, label, xmp};

/// What JPEG can store.
pub const STORAGE: Storage = Storage {
    longest_side: 65535,
    sample: bytes_only,
    alpha: None,
    linear: false,
    remove_unstorable,
    label: label::in_exif,
};

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = metadata.texts_to_xmp();
    removed.extend(metadata.page_name_to_xmp());
    let fits = |exif: &Exif| exif.bytes().len() + EXIF_MARK.len() <= MAX_SEGMENT;
    if let Some(exif) = metadata.exif.as_mut().filter(|exif| !fits(exif))
        && exif.remove_maker_note()
    {
        removed.push("the maker note of EXIF, which is too large".to_owned());
    }
    if metadata.exif.as_ref().is_some_and(|exif| !fits(exif)) {
        remove(&mut metadata.exif, "EXIF of more than 64 kB", &mut removed);
    }
    if metadata.xmp.as_ref().is_some_and(|xmp| xmp.len() > MAX_XMP && xmp::split(xmp, MAX_XMP).is_none()) {
        remove(&mut metadata.xmp, "an XMP packet that cannot be divided into segments", &mut removed);
    }
    if metadata.icc.as_ref().is_some_and(|icc| icc.len() > 255 * (MAX_SEGMENT - ICC_MARK.len() - 2)) {
        remove(&mut metadata.icc, "an ICC profile of more than 16 MB", &mut removed);
    }
    removed
}

/// Bytes of metadata that a segment can hold; its length field takes the other two.
const MAX_SEGMENT: usize = 65533;
/// What precedes XMP in its segment.
const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// Bytes of an XMP packet that its segment can hold.
const MAX_XMP: usize = MAX_SEGMENT - XMP_MARK.len();
/// What precedes a part of the extension of XMP in its segment, with its name, the length of all and the offset of the part.
const EXTENSION_MARK: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// What precedes a part of the ICC profile in its segment, with the number of the part and of all parts.
const ICC_MARK: &[u8] = b"ICC_PROFILE\0";
/// What precedes Photoshop's resources in their segments.
const PHOTOSHOP_MARK: &[u8] = b"Photoshop 3.0\0";
/// What precedes EXIF in its segment.
const EXIF_MARK: &[u8] = b"Exif\0\0";
