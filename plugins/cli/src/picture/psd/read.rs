//! Reading PSD and PSB: the flattened picture, row by row.
//!
//! Each channel is stored apart, and the rows of each are found by their lengths. A file that was saved without a flattened
//! picture is refused: it holds a white one then, which must not pass for the picture.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Colour, Error, ErrorKind, Result};
use flate2::read::ZlibDecoder;

use super::colours::Colours;
use super::header::{self, Header, Mode, number, unsupported};
use crate::metadata::{Metadata, photoshop};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::open::OpenOptions;
use crate::picture::source::{InputFile, Picture, RowReader};

/// The resource that says whether there is a flattened picture.
const VERSION_INFO: u16 = 1057;
/// The resource with the transparent colour of a palette.
const TRANSPARENT_INDEX: u16 = 1047;

/// Opens a PSD or PSB file.
pub fn open(mut input: InputFile, options: &OpenOptions) -> Result<Picture> {
    let limits = &options.limits;
    let length = input.seek(SeekFrom::End(0))?;
    let header = header::read(&mut input)?;
    let size = limits.check_size(header.width.into(), header.height.into())?;
    let (resources, _) = photoshop::resources(&header.resources);
    let find = |id: u16| resources.iter().find(|r| r.id == id).map(|r| r.data.as_slice());
    // A version of four bytes, then whether there is one.
    if header.layers > 0 && find(VERSION_INFO).and_then(|data| data.get(4)) == Some(&0) {
        return Err(Error::new(
            ErrorKind::Format,
            "this PSD was saved without a flattened picture; save it again in Photoshop with \"Maximize Compatibility\", \
             or as TIFF or PNG",
        ));
    }
    let clear = find(TRANSPARENT_INDEX).and_then(|data| data.first_chunk()).map(|b| u16::from_be_bytes(*b));
    let mut metadata = Metadata { orientation: 1, ..Metadata::default() };
    photoshop::read_into(&mut metadata, &header.resources);
    metadata.settle_density(None);
    // Photoshop turns pictures upright, whatever the EXIF of the camera's file said.
    metadata.orientation = 1;
    let clear = clear.and_then(|n| u8::try_from(n).ok());
    let colours = Colours::new(&header, clear, metadata.icc.as_deref(), options.ignore_profile);
    if header.channels < colours.colour {
        return Err(damaged(FileFormat::Psd, "it has too few channels for its colours"));
    }
    let mut notes = colours.notes();
    if matches!(header.mode, Mode::Cmyk | Mode::Lab) {
        metadata.icc = None;
    }
    if header.layers > 0 {
        metadata.leave_out("Photoshop's layers (the flattened picture is enlarged)");
    }
    match header.channels - colours.colour - usize::from(colours.has_alpha) {
        0 => {}
        1 => notes.push("the file has a channel that is neither colour nor transparency; it is left out".to_owned()),
        n => {
            notes.push(format!("the file has {n} channels that are neither colour nor transparency; they are left out"))
        }
    }
    let planes = Planes::new(input, &header, length, options)?;
    let format = colours.format;
    // In this depth Photoshop works in linear light.
    let linear = header.depth == 32 && metadata.icc.is_none() && !matches!(header.mode, Mode::Cmyk | Mode::Lab);
    let rows = Rows { planes, row: vec![0; format.row_size(size.width)], channels: Vec::new(), colours };
    let picture = Picture::new(FileFormat::Psd, size, format, metadata, rows).with_notes(notes);
    Ok(if linear { picture.with_colour(Colour::LinearSrgb) } else { picture })
}

/// Where the rows of all channels are.
enum Stored {
    Raw,
    /// Where each row begins, channel by channel; and where the last one ends.
    Packed(Vec<u64>),
    /// All rows, decompressed.
    Held(Vec<u8>),
}

struct Planes {
    input: InputFile,
    stored: Stored,
    start: u64,
    height: u64,
    /// Bytes of a row of a channel.
    row: usize,
    width: usize,
    depth: u16,
}

impl Planes {
    fn new(mut input: InputFile, header: &Header, length: u64, options: &OpenOptions) -> Result<Self> {
        input.seek(SeekFrom::Start(header.pixels))?;
        let compression = number(&mut input, 2)?;
        let width = header.width as usize;
        let row = (width * usize::from(header.depth)).div_ceil(8);
        let (height, channels) = (u64::from(header.height), header.channels as u64);
        let start = header.pixels + 2;
        let total = row as u64 * height * channels;
        let stored = match compression {
            0 if start + total > length => return Err(cut_short(FileFormat::Psd)),
            0 => Stored::Raw,
            1 => {
                let size = if header.large { 4 } else { 2 };
                let count = height * channels;
                let mut at = start + count * size as u64;
                if at > length {
                    return Err(cut_short(FileFormat::Psd));
                }
                options.limits.check_memory(count * 8, "the table of rows of this PSD")?;
                let mut rows = Vec::with_capacity(count as usize + 1);
                for _ in 0..count {
                    rows.push(at);
                    at += number(&mut input, size)?;
                }
                rows.push(at);
                if at > length {
                    return Err(cut_short(FileFormat::Psd));
                }
                Stored::Packed(rows)
            }
            2 | 3 => {
                let mut data = options.limits.allocate(total, "a compressed PSD")?;
                let mut decoder = ZlibDecoder::new(&mut input);
                decoder.read_exact(&mut data).map_err(|_| cut_short(FileFormat::Psd))?;
                if compression == 3 {
                    undo_prediction(&mut data, row, header.depth)?;
                }
                Stored::Held(data)
            }
            _ => return Err(damaged(FileFormat::Psd, "its compression is unknown")),
        };
        Ok(Planes { input, stored, start, height, row, width, depth: header.depth })
    }

    /// A row of a channel, from 0 to 1.
    fn read(&mut self, channel: usize, y: u32, to: &mut Vec<f32>) -> Result<()> {
        let index = channel as u64 * self.height + u64::from(y);
        let mut bytes = vec![0; self.row];
        match &self.stored {
            Stored::Raw => {
                self.input.seek(SeekFrom::Start(self.start + index * self.row as u64))?;
                self.input.read_exact(&mut bytes).map_err(|_| cut_short(FileFormat::Psd))?;
            }
            Stored::Packed(rows) => {
                let (from, end) = (rows[index as usize], rows[index as usize + 1]);
                let mut packed = Vec::new();
                self.input.seek(SeekFrom::Start(from))?;
                self.input.by_ref().take(end - from).read_to_end(&mut packed)?;
                if crate::picture::pack_bits::unpack(&packed, &mut bytes) < bytes.len() {
                    return Err(cut_short(FileFormat::Psd));
                }
            }
            Stored::Held(data) => {
                bytes.copy_from_slice(&data[index as usize * self.row..][..self.row]);
            }
        }
        to.clear();
        match self.depth {
            // A one is black.
            1 => to.extend((0..self.width).map(|x| if bytes[x / 8] >> (7 - x % 8) & 1 == 1 { 0.0 } else { 1.0 })),
            8 => to.extend(bytes.iter().map(|b| f32::from(*b) / 255.0)),
            16 => to.extend(bytes.as_chunks::<2>().0.iter().map(|b| f32::from(u16::from_be_bytes(*b)) / 65535.0)),
            _ => to.extend(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_be_bytes(*b))),
        }
        Ok(())
    }
}

fn undo_prediction(data: &mut [u8], row: usize, depth: u16) -> Result<()> {
    for row in data.chunks_exact_mut(row) {
        match depth {
            8 => (1..row.len()).for_each(|x| row[x] = row[x].wrapping_add(row[x - 1])),
            16 => {
                let row = row.as_chunks_mut::<2>().0;
                for x in 1..row.len() {
                    let sum = u16::from_be_bytes(row[x]).wrapping_add(u16::from_be_bytes(row[x - 1]));
                    row[x] = sum.to_be_bytes();
                }
            }
            _ => return Err(unsupported("predicted samples of this depth")),
        }
    }
    Ok(())
}

struct Rows {
    planes: Planes,
    colours: Colours,
    channels: Vec<Vec<f32>>,
    row: Vec<u8>,
}

impl RowReader for Rows {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        let count = self.colours.colour + usize::from(self.colours.has_alpha);
        self.channels.resize(count, Vec::new());
        for (index, channel) in self.channels.iter_mut().enumerate() {
            self.planes.read(index, y, channel)?;
        }
        self.colours.convert(&self.channels, &mut self.row)?;
        Ok(&self.row)
    }
}
