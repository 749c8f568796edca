//! Reading TGA. Results are never written in it.

use enlarger::Result;
use image::codecs::tga::TgaDecoder;

use super::file_format::FileFormat;
use super::image_crate;
use super::limits::Limits;
use super::source::{InputFile, Picture};

/// Opens a TGA file.
pub fn open(input: InputFile, limits: &Limits) -> Result<Picture> {
    image_crate::open(FileFormat::Tga, TgaDecoder::new(input), limits)
}
