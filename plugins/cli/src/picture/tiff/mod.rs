//! TIFF: read in all its colours, depths and compressions that people meet, and written as gray or RGB.
//!
//! The reader is our own, because the library's takes few colours and reads no sub-directories; the writer uses the library.
//! Nothing here may pass a reduced copy or a preview for the picture.

mod bands;
mod chunks;
mod colours;
mod directory;
mod fax;
mod jpeg;
mod layout;
mod metadata;
mod pages;
mod raw;
pub mod read;
mod samples;
mod tag;
pub mod write;

use tiff::tags::Tag;

/// XMP's tag, which the library has no name for.
const XMP: Tag = Tag::Unknown(700);
