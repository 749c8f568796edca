//! JPEG: 8-bit gray and RGB.

pub mod read;
pub mod write;

/// Bytes of metadata that a segment can hold; its length field takes the other two.
const MAX_SEGMENT: usize = 65533;
/// What precedes XMP in its segment.
const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// What precedes EXIF in its segment.
const EXIF_MARK: &[u8] = b"Exif\0\0";

/// Whether an EXIF block of `bytes` fits into a segment.
pub fn holds_exif(bytes: usize) -> bool {
    bytes + EXIF_MARK.len() <= MAX_SEGMENT
}

/// Whether an XMP packet of `bytes` fits into a segment.
pub fn holds_xmp(bytes: usize) -> bool {
    bytes + XMP_MARK.len() <= MAX_SEGMENT
}
