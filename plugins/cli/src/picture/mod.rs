//! Pictures in files: opened as sources of rows and written as sinks of rows.
//!
//! `open` reads a picture and `Writer` writes one; each file format has a file or folder of its own, reading apart from
//! writing. Nothing here changes a pixel, except to undo or apply the file's packing.

mod avif;
mod bmp;
pub mod colour_profile;
mod conversion;
mod decode_error;
mod encoder;
mod exr;
mod file_format;
mod foreign;
mod gif;
mod image_crate;
mod in_memory;
mod jpeg;
mod jxl;
mod lab;
pub mod limits;
mod opacity;
mod open;
mod orientation;
mod pack_bits;
mod pfm;
mod png;
mod pnm;
mod psd;
mod qoi;
mod separations;
mod source;
mod storage;
mod tga;
mod tiff;
mod webp;
mod writer;

#[cfg(test)]
mod tests;

pub use conversion::Conversion;
pub use encoder::{JPEG_QUALITY, WriteSpec};
pub use file_format::FileFormat;
#[cfg(test)]
pub use foreign::recognise;
pub use foreign::{ENDINGS as FOREIGN_ENDINGS, Family, Foreign};
pub use limits::Limits;
pub use open::{Kind, OpenOptions, kind, kind_of_file, open, open_file, refusal};
pub use source::Picture;
pub use storage::longest_side;
pub use writer::Writer;
