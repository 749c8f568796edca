//! Reading QOI: pixel by pixel from the beginning, so that nothing is held. Results are never written in it.
//!
//! The format is defined by one page, <https://qoiformat.org/qoi-specification.pdf>. A
//! file without its end mark has all its pixels, if they can be read.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Channels, Format, Result, Sample};

use super::decode_error::{cut_short, damaged};
use super::file_format::FileFormat;
use super::limits::Limits;
use super::source::{InputFile, Picture, RowReader};
use crate::metadata::Metadata;

/// Opens a QOI file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let mut head = [0; 14];
    input.seek(SeekFrom::Start(0))?;
    input.read_exact(&mut head).map_err(|_| cut_short(FileFormat::Qoi))?;
    let side = |at: usize| u64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
    let size = limits.check_size(side(4), side(8))?;
    let channels = match (head[12], head[13]) {
        (3, 0 | 1) => Channels::Rgb,
        (4, 0 | 1) => Channels::Rgba,
        _ => return Err(damaged(FileFormat::Qoi, "its header makes no sense")),
    };
    let format = Format::new(Sample::U8, channels);
    let rows = Rows {
        input,
        pixel: [0, 0, 0, 255],
        seen: [[0; 4]; 64],
        run: 0,
        next: 0,
        row: vec![0; format.row_size(size.width)],
        channels: channels.count(),
    };
    let metadata = Metadata { orientation: 1, ..Metadata::default() };
    let mut notes = Vec::new();
    if head[13] == 1 {
        // The specification calls the byte informative, and Pillow writes 1 for any picture.
        notes.push(
            "the file calls its values linear light, as some programs do for any QOI; they are taken as sRGB"
                .to_owned(),
        );
    }
    Ok(Picture::new(FileFormat::Qoi, size, format, metadata, rows).with_notes(notes))
}

struct Rows {
    input: InputFile,
    pixel: [u8; 4],
    seen: [[u8; 4]; 64],
    /// How often the pixel is still repeated.
    run: u8,
    next: u32,
    row: Vec<u8>,
    channels: usize,
}

impl Rows {
    fn read<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|_| cut_short(FileFormat::Qoi))?;
        Ok(bytes)
    }

    fn advance(&mut self) -> Result<()> {
        if self.run > 0 {
            self.run -= 1;
            return Ok(());
        }
        let [code] = self.read()?;
        let [r, g, b, a] = self.pixel;
        self.pixel = match (code >> 6, code) {
            (_, 0xFE) => {
                let [r, g, b] = self.read()?;
                [r, g, b, a]
            }
            (_, 0xFF) => self.read()?,
            (0, index) => self.seen[usize::from(index)],
            (1, _) => {
                let step = |value: u8, shift: u8| value.wrapping_add(code >> shift & 3).wrapping_sub(2);
                [step(r, 4), step(g, 2), step(b, 0), a]
            }
            (2, _) => {
                let [others] = self.read()?;
                let green = (code & 63).wrapping_sub(32);
                let other = |value: u8, bits: u8| value.wrapping_add(green).wrapping_add(bits).wrapping_sub(8);
                [other(r, others >> 4), g.wrapping_add(green), other(b, others & 15), a]
            }
            _ => {
                self.run = code & 63;
                return Ok(());
            }
        };
        let [r, g, b, a] = self.pixel.map(usize::from);
        self.seen[(r * 3 + g * 5 + b * 7 + a * 11) % 64] = self.pixel;
        Ok(())
    }
}

impl RowReader for Rows {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        while self.next <= y {
            for x in 0..self.row.len() / self.channels {
                self.advance()?;
                let at = x * self.channels;
                self.row[at..at + self.channels].copy_from_slice(&self.pixel[..self.channels]);
            }
            self.next += 1;
        }
        Ok(&self.row)
    }
}
