//! Reading PFM: floating point in linear light, in rows from the bottom up. Results are never written in it.
//!
//! The header is text: `PF` for RGB or `Pf` for gray, the size, and a number whose sign says the byte order.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Channels, Colour, Format, Result, Sample};

use super::decode_error::{cut_short, damaged};
use super::file_format::FileFormat;
use super::limits::Limits;
use super::source::{InputFile, Picture, RowReader};
use crate::metadata::Metadata;

/// Opens a PFM file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let wrong = || damaged(FileFormat::Pfm, "its header makes no sense");
    let kind = word(&mut input)?;
    let channels = match kind.as_str() {
        "PF" => Channels::Rgb,
        "Pf" => Channels::Gray,
        _ => return Err(wrong()),
    };
    let mut side = || word(&mut input)?.parse::<u64>().map_err(|_| wrong());
    let size = limits.check_size(side()?, side()?)?;
    let scale: f32 = word(&mut input)?.parse().map_err(|_| wrong())?;
    if !scale.is_finite() || scale == 0.0 {
        return Err(wrong());
    }
    let format = Format::new(Sample::F32, channels);
    let stride = format.row_size(size.width);
    let start = input.stream_position()?;
    if length - start < stride as u64 * u64::from(size.height) {
        return Err(cut_short(FileFormat::Pfm));
    }
    let metadata = Metadata { orientation: 1, ..Metadata::default() };
    let rows = Rows {
        input,
        start,
        height: size.height,
        swapped: (scale < 0.0) != cfg!(target_endian = "little"),
        row: vec![0; stride],
    };
    Ok(Picture::new(FileFormat::Pfm, size, format, metadata, rows).with_colour(Colour::LinearSrgb))
}

/// The next word of the header, with the one space behind it.
fn word(input: &mut InputFile) -> Result<String> {
    let mut word = String::new();
    for byte in input.bytes().take(64) {
        match byte? {
            b if b.is_ascii_whitespace() && word.is_empty() => {}
            b if b.is_ascii_whitespace() => return Ok(word),
            b => word.push(char::from(b)),
        }
    }
    Err(cut_short(FileFormat::Pfm))
}

struct Rows {
    input: InputFile,
    start: u64,
    height: u32,
    swapped: bool,
    row: Vec<u8>,
}

impl RowReader for Rows {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        let from_bottom = u64::from(self.height - 1 - y);
        self.input.seek(SeekFrom::Start(self.start + from_bottom * self.row.len() as u64))?;
        self.input.read_exact(&mut self.row).map_err(|_| cut_short(FileFormat::Pfm))?;
        if self.swapped {
            self.row.as_chunks_mut::<4>().0.iter_mut().for_each(|b| b.reverse());
        }
        Ok(&self.row)
    }
}
