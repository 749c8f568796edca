//! JPEG inside TIFF: strips and tiles with shared tables, and the older kind that TIFF 6.0 described.
//!
//! A stream is put together as a JPEG file of its own, with a mark that says which colours it has, because there the TIFF
//! field counts. Lossless and 12-bit JPEG are refused by name.

use std::io::{Read, Seek, SeekFrom};

use enlarger::Result;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::chunks::jpeg_error;
use super::directory::Directory;
use super::layout::{Compression, Layout, SEPARATED, YCBCR, unsupported};
use super::tag;
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::limits::Limits;
use crate::picture::source::InputFile;

/// What the strips of a file share.
#[derive(Default)]
pub struct JpegTables {
    /// The tables of new files: a JPEG stream without a picture.
    shared: Vec<u8>,
    old: Old,
}

/// What the older kind states in fields.
#[derive(Default)]
struct Old {
    /// A whole JPEG file inside the file.
    stream: Option<u64>,
    /// The strips.
    strips: Vec<(u64, u64)>,
    rows_per_strip: usize,
    quantisation: Vec<u64>,
    dc: Vec<u64>,
    ac: Vec<u64>,
    restart: u16,
    subsampling: (u8, u8),
}

impl JpegTables {
    /// Reads the fields of a directory, and checks the layout of a JPEG.
    pub fn new(directory: &Directory, layout: &Layout, length: u64) -> Result<Self> {
        let mut tables = JpegTables::default();
        if !matches!(layout.compression, Compression::Jpeg | Compression::OldJpeg) {
            return Ok(tables);
        }
        if layout.bits != 8 {
            return Err(unsupported(&format!("a {}-bit JPEG inside", layout.bits)));
        }
        if layout.compression == Compression::Jpeg {
            tables.shared = directory.bytes(tag::JPEG_TABLES).unwrap_or_default();
            return Ok(tables);
        }
        if directory.number(512) == Some(14) {
            return Err(unsupported("a lossless JPEG inside"));
        }
        let numbers = |tag| directory.numbers(tag).unwrap_or_default();
        let offsets = numbers(tag::STRIP_OFFSETS);
        let counts = numbers(tag::STRIP_COUNTS);
        let strips: Vec<(u64, u64)> = offsets
            .iter()
            .enumerate()
            .map(|(n, at)| (*at, counts.get(n).copied().unwrap_or_else(|| length.saturating_sub(*at))))
            .collect();
        let subsampling = match (layout.photometric, numbers(tag::YCBCR_SUBSAMPLING).as_slice()) {
            (YCBCR, [x @ 1..=4, y @ 1..=4, ..]) => (*x as u8, *y as u8),
            (YCBCR, _) => (2, 2),
            _ => (1, 1),
        };
        let rows = directory.number(tag::ROWS_PER_STRIP).unwrap_or(u64::MAX).clamp(1, u64::from(layout.size.height));
        tables.old = Old {
            stream: directory.number(tag::OLD_JPEG_STREAM).filter(|at| *at > 0 && *at < length),
            strips,
            rows_per_strip: rows as usize,
            quantisation: numbers(tag::OLD_JPEG_Q),
            dc: numbers(tag::OLD_JPEG_DC),
            ac: numbers(tag::OLD_JPEG_AC),
            restart: directory.short(tag::OLD_JPEG_RESTART, 0),
            subsampling,
        };
        if tables.old.stream.is_none()
            && (tables.old.strips.is_empty() || tables.old.strips.iter().any(|(at, n)| at.saturating_add(*n) > length))
        {
            return Err(cut_short(FileFormat::Tiff));
        }
        Ok(tables)
    }

    /// Decodes a strip or tile.
    pub fn decode(&self, packed: &[u8], layout: &Layout, rows: usize, to: &mut [u8]) -> Result<()> {
        let mut stream = vec![0xFF, 0xD8];
        // Files that this one puts together have one beginning and one end.
        let tables = self.shared.strip_prefix(&[0xFF, 0xD8]).unwrap_or(&self.shared);
        stream.extend(tables.strip_suffix(&[0xFF, 0xD9]).unwrap_or(tables));
        stream.extend(adobe_mark(layout));
        let picture =
            packed.strip_prefix(&[0xFF, 0xD8]).ok_or_else(|| damaged(FileFormat::Tiff, "a strip is no JPEG"))?;
        stream.extend(picture);
        decode(&stream, layout, rows, to)
    }

    /// Decodes a picture of the older kind, which is one chunk.
    pub fn read_old(&self, input: &mut InputFile, layout: &Layout, limits: &Limits, to: &mut [u8]) -> Result<()> {
        let mut read = |at: u64, bytes: u64| -> Result<Vec<u8>> {
            let mut data = Vec::new();
            input.seek(SeekFrom::Start(at))?;
            input.by_ref().take(bytes).read_to_end(&mut data)?;
            Ok(data)
        };
        let height = layout.size.height as usize;
        if let Some(at) = self.old.stream {
            let stream = read(at, limits.memory)?;
            if stream.starts_with(&[0xFF, 0xD8]) {
                return decode(&with_mark(&stream, layout), layout, height, to);
            }
        }
        let row = layout.row_bytes();
        for (index, (at, bytes)) in self.old.strips.iter().enumerate() {
            let first = index * self.old.rows_per_strip;
            let rows = self.old.rows_per_strip.min(height.saturating_sub(first));
            if rows == 0 {
                break;
            }
            limits.check_memory(*bytes, "a strip of this TIFF")?;
            let data = read(*at, *bytes)?;
            let stream = if data.starts_with(&[0xFF, 0xD8]) {
                with_mark(&data, layout)
            } else {
                let mut stream = self.old.header(layout, rows, &mut read)?;
                stream.extend(data.strip_suffix(&[0xFF, 0xD9]).unwrap_or(&data));
                stream.extend([0xFF, 0xD9]);
                stream
            };
            decode(&stream, layout, rows, &mut to[first * row..(first + rows) * row])?;
        }
        if self.old.strips.len() * self.old.rows_per_strip < height {
            return Err(cut_short(FileFormat::Tiff));
        }
        Ok(())
    }
}

impl Old {
    /// A JPEG's header up to its entropy-coded data.
    fn header(
        &self,
        layout: &Layout,
        rows: usize,
        read: &mut impl FnMut(u64, u64) -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        let wrong = || damaged(FileFormat::Tiff, "the tables of its JPEG are incomplete");
        let count = layout.samples;
        if !(self.quantisation.len() >= count && self.dc.len() >= count && self.ac.len() >= count && count <= 4) {
            return Err(wrong());
        }
        let mut header = with_mark(&[0xFF, 0xD8], layout);
        for index in 0..count {
            let table = read(self.quantisation[index], 64)?;
            header.extend([0xFF, 0xDB, 0, 67, index as u8]);
            header.extend(<[u8; 64]>::try_from(table).map_err(|_| wrong())?);
            for (class, offset) in [(0x00, self.dc[index]), (0x10, self.ac[index])] {
                let table = read(offset, 16 + 256)?;
                let codes = table.get(..16).ok_or_else(wrong)?.iter().map(|n| usize::from(*n)).sum::<usize>();
                let table = table.get(..16 + codes).ok_or_else(wrong)?;
                header.extend([0xFF, 0xC4]);
                header.extend(((table.len() + 3) as u16).to_be_bytes());
                header.push(class | index as u8);
                header.extend(table);
            }
        }
        if self.restart > 0 {
            header.extend([0xFF, 0xDD, 0, 4]);
            header.extend(self.restart.to_be_bytes());
        }
        let side = |n: usize| u16::try_from(n).map_err(|_| wrong());
        header.extend([0xFF, 0xC0, 0, 8 + 3 * count as u8, 8]);
        header.extend(side(rows)?.to_be_bytes());
        header.extend(side(layout.size.width as usize)?.to_be_bytes());
        header.push(count as u8);
        for index in 0..count as u8 {
            let (across, down) = if index == 0 { self.subsampling } else { (1, 1) };
            header.extend([index + 1, across << 4 | down, index]);
        }
        header.extend([0xFF, 0xDA, 0, 6 + 2 * count as u8, count as u8]);
        (0..count as u8).for_each(|index| header.extend([index + 1, index << 4 | index]));
        header.extend([0, 63, 0]);
        Ok(header)
    }
}

/// Adobe's mark, which says whether three channels are RGB or YCbCr, and that four are not YCCK.
fn adobe_mark(layout: &Layout) -> Vec<u8> {
    if layout.samples_in_chunk() < 3 {
        return Vec::new();
    }
    let transform = u8::from(layout.photometric == YCBCR);
    [&[0xFF, 0xEE, 0, 14][..], b"Adobe", &[0, 100, 0, 0, 0, 0, transform]].concat()
}

fn with_mark(stream: &[u8], layout: &Layout) -> Vec<u8> {
    let (start, rest) = stream.split_at(2);
    [start, &adobe_mark(layout), rest].concat()
}

fn decode(stream: &[u8], layout: &Layout, rows: usize, to: &mut [u8]) -> Result<()> {
    let count = layout.samples_in_chunk();
    let output = match (count, layout.photometric) {
        (1, _) => ColorSpace::Luma,
        (3, _) => ColorSpace::RGB,
        (4, SEPARATED | 2) => ColorSpace::CMYK,
        _ => return Err(unsupported(&format!("a JPEG of {count} channels inside"))),
    };
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(1 << 16).set_max_height(1 << 16);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stream), options.jpeg_set_out_colorspace(output));
    decoder.decode_headers().map_err(jpeg_error)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| jpeg_error("it has no size"))?;
    let wanted = layout.chunk.width as usize;
    // A tile that says less than it has to cover is damaged; one that says more may be padding to whole blocks.
    let (most_wide, most_high) =
        (wanted.next_multiple_of(64), rows.max(layout.chunk.height as usize).next_multiple_of(64));
    if width < wanted || height < rows || width > most_wide || height > most_high {
        return Err(jpeg_error(format!("its size is {width} x {height} instead of {wanted} x {rows}")));
    }
    if decoder.output_buffer_size() != Some(width * height * count) {
        return Err(jpeg_error("it has other channels than the file says"));
    }
    // The decoder fills missing pixels with gray without an error.
    let end = stream.len() - stream.iter().rev().take_while(|b| **b == 0 || **b == 0xFF).count();
    if !stream[..end].ends_with(&[0xFF, 0xD9]) && !stream.windows(2).rev().take(1 << 16).any(|w| w == [0xFF, 0xD9]) {
        return Err(cut_short(FileFormat::Tiff));
    }
    if (width, height) == (wanted, rows) {
        return decoder.decode_into(to).map_err(jpeg_error);
    }
    let data = decoder.decode().map_err(jpeg_error)?;
    for (from, to) in data.chunks_exact(width * count).zip(to.chunks_exact_mut(wanted * count)) {
        to.copy_from_slice(&from[..wanted * count]);
    }
    Ok(())
}
