//! Reading BMP. Results are never written in it.

use std::io::{Read, Seek, SeekFrom};

use enlarger::Result;
use image::codecs::bmp::BmpDecoder;

use super::decode_error::cut_short;
use super::file_format::FileFormat;
use super::image_crate;
use super::limits::Limits;
use super::source::{InputFile, Picture};

/// Opens a BMP file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut head = [0; 6];
    input.read_exact(&mut head).map_err(|_| cut_short(FileFormat::Bmp))?;
    let [_, _, a, b, c, d] = head;
    // The file's size as the header states it. Some writers leave 0 there.
    if u64::from(u32::from_le_bytes([a, b, c, d])) > length {
        return Err(cut_short(FileFormat::Bmp));
    }
    input.seek(SeekFrom::Start(0))?;
    image_crate::open(FileFormat::Bmp, BmpDecoder::new(input), limits)
}
