//! The sections of a PSD file before its pixels: header, palette, resources, layers.
//!
//! Only where they are and what they say about the flattened picture is read. Layers themselves are never composed here.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Error, ErrorKind, Result};

use crate::metadata::MAX_METADATA;
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::source::InputFile;

/// How colours are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Bitmap,
    Gray,
    Indexed,
    Rgb,
    Cmyk,
    Duotone,
    Lab,
}

/// What precedes the pixels.
pub struct Header {
    /// Whether this is PSB, whose lengths are longer.
    pub large: bool,
    pub channels: usize,
    pub width: u32,
    pub height: u32,
    pub depth: u16,
    pub mode: Mode,
    pub palette: Vec<u8>,
    pub resources: Vec<u8>,
    /// Layers of the file.
    pub layers: usize,
    /// Whether the first channel behind the colours is the transparency of the flattened picture.
    pub has_transparency: bool,
    /// Where the pixels begin, with the number of their compression.
    pub pixels: u64,
}

/// Reads the sections.
pub fn read(input: &mut InputFile) -> Result<Header> {
    input.seek(SeekFrom::Start(4))?;
    let large = match number(input, 2)? {
        1 => false,
        2 => true,
        _ => return Err(damaged(FileFormat::Psd, "its version is unknown")),
    };
    number(input, 6)?;
    let channels = number(input, 2)? as usize;
    let (height, width) = (number(input, 4)? as u32, number(input, 4)? as u32);
    let depth = number(input, 2)? as u16;
    let mode = match number(input, 2)? {
        0 => Mode::Bitmap,
        1 => Mode::Gray,
        2 => Mode::Indexed,
        3 => Mode::Rgb,
        4 => Mode::Cmyk,
        8 => Mode::Duotone,
        9 => Mode::Lab,
        7 => return Err(unsupported("the mode Multichannel, whose inks have no known colours")),
        _ => return Err(damaged(FileFormat::Psd, "its colour mode is unknown")),
    };
    if !(1..=56).contains(&channels) || !matches!(depth, 1 | 8 | 16 | 32) || (depth == 1) != (mode == Mode::Bitmap) {
        return Err(damaged(FileFormat::Psd, "its header makes no sense"));
    }
    let palette = section(input, 4)?;
    let resources = section(input, 4)?;
    let bytes = number(input, if large { 8 } else { 4 })?;
    let start = input.stream_position()?;
    // The length of the layers, then how many there are; negative if the flattened picture is transparent.
    let mut count = 0;
    if bytes > 0 && number(input, if large { 8 } else { 4 })? > 0 {
        count = number(input, 2)? as u16 as i16;
    }
    let pixels = start.checked_add(bytes).ok_or_else(|| cut_short(FileFormat::Psd))?;
    Ok(Header {
        large,
        channels,
        width,
        height,
        depth,
        mode,
        palette,
        resources,
        layers: usize::from(count.unsigned_abs()),
        has_transparency: count < 0,
        pixels,
    })
}

/// A number with the highest byte first.
pub fn number(input: &mut InputFile, bytes: usize) -> Result<u64> {
    let mut buffer = [0; 8];
    input.read_exact(&mut buffer[..bytes]).map_err(|_| cut_short(FileFormat::Psd))?;
    Ok(buffer[..bytes].iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

fn section(input: &mut InputFile, length_bytes: usize) -> Result<Vec<u8>> {
    let bytes = number(input, length_bytes)?;
    if bytes > MAX_METADATA {
        return Err(damaged(FileFormat::Psd, "a section is longer than it can be"));
    }
    let mut section = Vec::new();
    input.take(bytes).read_to_end(&mut section)?;
    if section.len() as u64 == bytes { Ok(section) } else { Err(cut_short(FileFormat::Psd)) }
}

/// The refusal of a sound file.
pub fn unsupported(what: &str) -> Error {
    Error::new(ErrorKind::Format, format!("this PSD has {what}; save it as TIFF or PNG in Photoshop first"))
}
