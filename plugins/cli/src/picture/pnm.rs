//! Reading PNM: PBM, PGM, PPM and PAM. Results are never written in it.

use enlarger::Result;
use image::codecs::pnm::PnmDecoder;

use super::file_format::FileFormat;
use super::image_crate;
use super::limits::Limits;
use super::source::{InputFile, Picture};

/// Opens a PNM file.
pub fn open(input: InputFile, limits: &Limits) -> Result<Picture> {
    image_crate::open(FileFormat::Pnm, PnmDecoder::new(input), limits)
}
