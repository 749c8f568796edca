//! How the samples of a TIFF picture are stored: their type, and the strips or tiles that hold them.
//!
//! Every number of the file is checked here, so that the decoders can rely on sizes. Nothing here reads a pixel.

use enlarger::{Error, ErrorKind, Result, Size};

use super::directory::Directory;
use super::tag;
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::limits::Limits;

/// The type of a stored sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    Unsigned,
    Signed,
    Float,
}

/// The way strips and tiles are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
    /// Lines of Group 3 codes without marks, each beginning at a multiple of this many bits.
    FaxLines(usize),
    Fax3,
    Fax4,
    Jpeg,
    OldJpeg,
    WebP,
    Zstd,
}

/// The layout of a picture.
#[derive(Clone, Debug)]
pub struct Layout {
    pub size: Size,
    /// Samples of a pixel, with alpha and others.
    pub samples: usize,
    /// Bits of a sample.
    pub bits: usize,
    pub stored: Stored,
    /// Whether each channel has strips or tiles of its own.
    pub planar: bool,
    pub photometric: u16,
    pub compression: Compression,
    pub predictor: u16,
    /// Whether the lowest bit of a byte comes first.
    pub reversed_bits: bool,
    pub big_endian: bool,
    pub tiled: bool,
    pub chunk: Size,
    /// Tiles side by side.
    pub across: usize,
    /// Strips or tiles of one plane.
    pub per_plane: usize,
    /// Where each strip or tile begins, and its bytes.
    pub chunks: Vec<(u64, u64)>,
    /// Luminance samples for each chrominance sample, across and down. 1 and 1 outside of YCbCr.
    pub subsampling: (usize, usize),
}

pub const YCBCR: u16 = 6;
pub const SEPARATED: u16 = 5;

impl Layout {
    /// The layout that a directory states. `length` is that of the file.
    pub fn new(directory: &Directory, length: u64, limits: &Limits) -> Result<Self> {
        let side = |tag| directory.number(tag).ok_or_else(|| damaged(FileFormat::Tiff, "it has no size"));
        let size = limits.check_size(side(tag::WIDTH)?, side(tag::HEIGHT)?)?;
        let compression = compression(directory)?;
        let samples = usize::from(directory.short(tag::SAMPLES, 1));
        if !(1..=1024).contains(&samples) {
            return Err(unsupported(&format!("{samples} samples per pixel")));
        }
        let (bits, stored) = sample_type(directory, samples)?;
        let fax = matches!(compression, Compression::FaxLines(_) | Compression::Fax3 | Compression::Fax4);
        if fax && (samples, bits) != (1, 1) {
            return Err(damaged(FileFormat::Tiff, "fax compression of other pixels than black and white"));
        }
        let default = match (fax, samples) {
            (true, _) => 0,
            (false, 3..) => 2,
            _ => 1,
        };
        let mut layout = Layout {
            size,
            samples,
            bits,
            stored,
            planar: samples > 1 && directory.short(tag::PLANAR, 1) == 2,
            photometric: directory.short(tag::PHOTOMETRIC, default),
            compression,
            predictor: directory.short(tag::PREDICTOR, 1),
            reversed_bits: directory.short(tag::FILL_ORDER, 1) == 2,
            big_endian: directory.big_endian,
            tiled: directory.has(tag::TILE_WIDTH) && directory.has(tag::TILE_OFFSETS),
            chunk: size,
            across: 1,
            per_plane: 1,
            chunks: Vec::new(),
            subsampling: (1, 1),
        };
        if !matches!(compression, Compression::Lzw | Compression::Deflate | Compression::Zstd) {
            layout.predictor = 1;
        }
        let jpeg = matches!(compression, Compression::Jpeg | Compression::OldJpeg);
        if layout.photometric == YCBCR && !jpeg {
            layout.set_subsampling(directory)?;
        }
        layout.set_chunks(directory, length)?;
        Ok(layout)
    }

    fn set_subsampling(&mut self, directory: &Directory) -> Result<()> {
        let of = directory.numbers(tag::YCBCR_SUBSAMPLING).unwrap_or_else(|| vec![2, 2]);
        let [across @ (1 | 2 | 4), down @ (1 | 2 | 4), ..] = *of else {
            return Err(damaged(FileFormat::Tiff, "impossible chrominance subsampling"));
        };
        self.subsampling = (across as usize, down as usize);
        if self.subsampling != (1, 1) && (self.planar || self.samples != 3 || self.bits != 8 || self.predictor != 1) {
            return Err(unsupported("subsampled YCbCr colours in an unusual layout"));
        }
        Ok(())
    }

    fn set_chunks(&mut self, directory: &Directory, length: u64) -> Result<()> {
        let wrong = || damaged(FileFormat::Tiff, "its strips or tiles do not fit the picture");
        let side = |tag, default: u32| match directory.number(tag) {
            Some(0) => Err(wrong()),
            Some(side) => Ok(u32::try_from(side).unwrap_or(u32::MAX)),
            None => Ok(default),
        };
        let Size { width, height } = self.size;
        self.chunk = if self.tiled {
            let (width, height) = (side(tag::TILE_WIDTH, 0)?, side(tag::TILE_HEIGHT, 0)?);
            Size::new(width, height).map_err(|_| wrong())?
        } else {
            Size { width, height: side(tag::ROWS_PER_STRIP, height)?.min(height) }
        };
        self.across = width.div_ceil(self.chunk.width) as usize;
        self.per_plane = self.across.checked_mul(height.div_ceil(self.chunk.height) as usize).ok_or_else(wrong)?;
        let planes = if self.planar { self.samples } else { 1 };
        let count = self.per_plane.checked_mul(planes).ok_or_else(wrong)?;
        if self.compression == Compression::OldJpeg {
            // Its strips are put together by their decoder.
            (self.chunk, self.across, self.per_plane) = (self.size, 1, 1);
            (self.tiled, self.planar) = (false, false);
            return Ok(());
        }
        let tags =
            if self.tiled { (tag::TILE_OFFSETS, tag::TILE_COUNTS) } else { (tag::STRIP_OFFSETS, tag::STRIP_COUNTS) };
        let offsets = directory.numbers(tags.0).unwrap_or_default();
        let counts = directory.numbers(tags.1).unwrap_or_default();
        if offsets.len() < count {
            return Err(cut_short(FileFormat::Tiff));
        }
        self.chunks.reserve_exact(count);
        for (index, offset) in offsets.into_iter().enumerate().take(count) {
            let room = length.checked_sub(offset).ok_or_else(|| cut_short(FileFormat::Tiff))?;
            let needed = self.chunk_bytes(index) as u64;
            let bytes = match (self.compression, counts.get(index)) {
                // The sizes of uncompressed strips are known, and what writers state is sometimes wrong.
                (Compression::None, _) => needed,
                (_, Some(bytes)) if *bytes > 0 => *bytes,
                (_, _) if count == 1 => room,
                _ => return Err(cut_short(FileFormat::Tiff)),
            };
            if bytes > room {
                return Err(cut_short(FileFormat::Tiff));
            }
            self.chunks.push((offset, bytes));
        }
        self.split_strips();
        Ok(())
    }

    /// Takes uncompressed strips row by row, so that a picture in one strip is not held in memory.
    fn split_strips(&mut self) {
        if self.compression != Compression::None || self.tiled || self.subsampling != (1, 1) {
            return;
        }
        let row = self.row_bytes() as u64;
        let planes = self.chunks.len() / self.per_plane;
        let height = u64::from(self.size.height);
        let split = |(offset, bytes): &(u64, u64)| {
            let (offset, bytes) = (*offset, *bytes);
            (0..bytes / row.max(1)).map(move |y| (offset + y * row, row))
        };
        let rows: Vec<_> = self.chunks.iter().flat_map(split).collect();
        if rows.len() as u64 == height * planes as u64 {
            self.chunks = rows;
            self.chunk.height = 1;
            self.per_plane = self.size.height as usize;
        }
    }

    /// Samples that follow each other in a row of a chunk.
    pub fn samples_in_chunk(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a chunk.
    pub fn row_bytes(&self) -> usize {
        (self.chunk.width as usize * self.samples_in_chunk() * self.bits).div_ceil(8)
    }

    /// The rows that a chunk stores.
    pub fn chunk_rows(&self, index: usize) -> usize {
        let first = (index % self.per_plane) / self.across * self.chunk.height as usize;
        let rows = self.chunk.height as usize;
        if self.tiled { rows } else { rows.min(self.size.height as usize - first) }
    }

    /// The bytes of a chunk when it is not compressed.
    pub fn chunk_bytes(&self, index: usize) -> usize {
        let rows = self.chunk_rows(index);
        match self.subsampling {
            (1, 1) => self.row_bytes() * rows,
            (across, down) => {
                let units = (self.chunk.width as usize).div_ceil(across) * rows.div_ceil(down);
                units * (across * down + 2)
            }
        }
    }
}

fn compression(directory: &Directory) -> Result<Compression> {
    Ok(match directory.short(tag::COMPRESSION, 1) {
        0 | 1 => Compression::None,
        2 => Compression::FaxLines(8),
        3 => Compression::Fax3,
        4 => Compression::Fax4,
        5 => Compression::Lzw,
        6 => Compression::OldJpeg,
        7 => Compression::Jpeg,
        8 | 32946 => Compression::Deflate,
        32771 => Compression::FaxLines(16),
        32773 => Compression::PackBits,
        50000 => Compression::Zstd,
        50001 => Compression::WebP,
        other => {
            let name = match other {
                9 | 10 | 34661 => "JBIG",
                32766 => "NeXT",
                32809 => "ThunderScan",
                32909 => "PixarLog",
                33003 | 33004 | 33005 | 34712 => "JPEG 2000",
                34676 | 34677 => "SGI LogLuv",
                34887 => "LERC",
                34925 => "LZMA",
                34933 | 34934 => "PNG",
                22610 | 48124 => "JPEG XR",
                50002 | 52546 => "JPEG XL",
                _ => "unknown",
            };
            return Err(Error::new(
                ErrorKind::Format,
                format!(
                    "this TIFF has {name} compression (number {other}), which is not supported; save it with LZW or Deflate \
                     compression first"
                ),
            ));
        }
    })
}

fn sample_type(directory: &Directory, samples: usize) -> Result<(usize, Stored)> {
    let bits = directory.numbers(tag::BITS).unwrap_or_else(|| vec![1]);
    let (Some(first), stated) = (bits.first(), &bits[..bits.len().min(samples)]) else {
        return Err(damaged(FileFormat::Tiff, "its samples have no bits"));
    };
    if stated.iter().any(|b| b != first) {
        let list: Vec<String> = stated.iter().take(8).map(u64::to_string).collect();
        return Err(unsupported(&format!("channels of different depths ({} bits)", list.join(", "))));
    }
    let formats = directory.numbers(tag::SAMPLE_FORMAT).unwrap_or_default();
    if formats.iter().take(samples).any(|f| Some(f) != formats.first()) {
        return Err(unsupported("channels of different sample types"));
    }
    let stored = match formats.first() {
        None | Some(1 | 4) => Stored::Unsigned,
        Some(2) => Stored::Signed,
        Some(3) => Stored::Float,
        Some(5 | 6) => return Err(unsupported("complex numbers")),
        Some(_) => return Err(damaged(FileFormat::Tiff, "an unknown sample type")),
    };
    let known = match stored {
        Stored::Unsigned => (1..=32).contains(first),
        Stored::Signed => matches!(first, 8 | 16),
        Stored::Float => matches!(first, 16 | 32 | 64),
    };
    if !known {
        let kind = match stored {
            Stored::Unsigned => "integer",
            Stored::Signed => "signed integer",
            Stored::Float => "floating-point",
        };
        return Err(unsupported(&format!("{first}-bit {kind} samples")));
    }
    Ok((*first as usize, stored))
}

/// The refusal of a sound file with something that is not read.
pub fn unsupported(what: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!(
            "this TIFF has {what}, which is not supported; convert it to 8 or 16-bit gray or RGB in an image editor first"
        ),
    )
}
