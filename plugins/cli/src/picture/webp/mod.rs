//! WebP: 8-bit RGB and RGBA.

pub mod read;
pub mod write;
