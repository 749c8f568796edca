//! TIFF: gray, RGB and alpha of 8 and 16 bits and of 16 and 32-bit floating point.

pub mod read;
pub mod write;

use tiff::tags::Tag;

/// XMP's tag, which the library has no name for.
const XMP: Tag = Tag::Unknown(700);
