//! The segments of a JPEG that carry metadata, as they are written.
//!
//! The encoder knows no comments and no metadata of several segments, so the segments are made here and put between its
//! first segment, JFIF, and the rest. No segment is longer than its length field can say.

use super::{EXIF_MARK, EXTENSION_MARK, ICC_MARK, MAX_SEGMENT, MAX_XMP, PHOTOSHOP_MARK, XMP_MARK};
use crate::metadata::{Metadata, photoshop, xmp};

/// The segments with `metadata`, apart from the density, which JFIF states.
pub fn of(metadata: &Metadata) -> Vec<u8> {
    let mut segments = Vec::new();
    if let Some(exif) = &metadata.exif {
        append(&mut segments, 0xE1, EXIF_MARK, exif.bytes());
    }
    if let Some(xmp) = &metadata.xmp {
        append_xmp(&mut segments, xmp);
    }
    if let Some(icc) = &metadata.icc {
        let parts = icc.chunks(MAX_SEGMENT - ICC_MARK.len() - 2);
        let count = parts.len();
        for (index, part) in parts.enumerate() {
            let numbered = [ICC_MARK, &[index as u8 + 1, count as u8]].concat();
            append(&mut segments, 0xE2, &numbered, part);
        }
    }
    if let Some(block) = photoshop::block(metadata) {
        for part in block.chunks(MAX_SEGMENT - PHOTOSHOP_MARK.len()) {
            append(&mut segments, 0xED, PHOTOSHOP_MARK, part);
        }
    }
    for comment in &metadata.comments {
        for part in comment.as_bytes().chunks(MAX_SEGMENT) {
            append(&mut segments, 0xFE, &[], part);
        }
    }
    segments
}

/// Appends the segments of an XMP packet.
fn append_xmp(segments: &mut Vec<u8>, packet: &[u8]) {
    let Some((packet, guid, extension)) = xmp::split(packet, MAX_XMP).filter(|_| packet.len() > MAX_XMP) else {
        append(segments, 0xE1, XMP_MARK, packet);
        return;
    };
    append(segments, 0xE1, XMP_MARK, &packet);
    let head = EXTENSION_MARK.len() + guid.len() + 8;
    for (index, part) in extension.chunks(MAX_SEGMENT - head).enumerate() {
        let offset = index * (MAX_SEGMENT - head);
        let numbers = [(extension.len() as u32).to_be_bytes(), (offset as u32).to_be_bytes()].concat();
        append(segments, 0xE1, &[EXTENSION_MARK, guid.as_bytes(), &numbers].concat(), part);
    }
}

/// Appends one segment. `Conversion` has removed what does not fit.
fn append(segments: &mut Vec<u8>, kind: u8, mark: &[u8], data: &[u8]) {
    if let Ok(length) = u16::try_from(2 + mark.len() + data.len()) {
        segments.extend([0xFF, kind]);
        segments.extend(length.to_be_bytes());
        segments.extend(mark);
        segments.extend(data);
    }
}
