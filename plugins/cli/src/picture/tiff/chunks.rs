//! Strips and tiles of a TIFF file, decompressed into packed samples in the machine's byte order.
//!
//! Each is decoded as a whole into a buffer of the size that the layout states. A chunk that gives fewer bytes is an error,
//! so that a cut file never passes for a picture.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Error, Result};
use flate2::{Decompress, FlushDecompress, Status};
use weezl::{BitOrder, LzwStatus};

use super::jpeg::JpegTables;
use super::layout::{Compression, Layout, Stored, unsupported};
use super::{fax, samples};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::limits::Limits;
use crate::picture::pack_bits;
use crate::picture::source::InputFile;

/// Reads chunks.
pub struct ChunkReader {
    pub layout: Layout,
    pub input: InputFile,
    pub limits: Limits,
    pub fax_options: u64,
    pub jpeg: JpegTables,
    packed: Vec<u8>,
}

impl ChunkReader {
    pub fn new(layout: Layout, input: InputFile, limits: Limits, fax_options: u64, jpeg: JpegTables) -> Self {
        ChunkReader { layout, input, limits, fax_options, jpeg, packed: Vec::new() }
    }

    /// Decodes a chunk into `to`, which has the size of its rows.
    pub fn read(&mut self, index: usize, to: &mut [u8]) -> Result<()> {
        if self.layout.compression == Compression::OldJpeg {
            return self.jpeg.read_old(&mut self.input, &self.layout, &self.limits, to);
        }
        let (offset, bytes) = *self.layout.chunks.get(index).ok_or_else(|| cut_short(FileFormat::Tiff))?;
        self.input.seek(SeekFrom::Start(offset))?;
        if self.layout.compression == Compression::None {
            self.input.read_exact(to).map_err(|_| cut_short(FileFormat::Tiff))?;
            self.reverse_bits(to);
        } else {
            let mut packed = std::mem::take(&mut self.packed);
            packed.clear();
            self.limits.check_memory(bytes, "a strip of this TIFF")?;
            self.input.by_ref().take(bytes).read_to_end(&mut packed)?;
            if packed.len() as u64 != bytes {
                return Err(cut_short(FileFormat::Tiff));
            }
            if self.layout.compression != Compression::Jpeg {
                self.reverse_bits(&mut packed);
            }
            self.decompress(&packed, index, to)?;
            self.packed = packed;
        }
        samples::restore(&self.layout, to)
    }

    fn reverse_bits(&self, bytes: &mut [u8]) {
        if self.layout.reversed_bits {
            bytes.iter_mut().for_each(|b| *b = b.reverse_bits());
        }
    }

    fn decompress(&mut self, packed: &[u8], index: usize, to: &mut [u8]) -> Result<()> {
        let layout = &self.layout;
        let done = match layout.compression {
            Compression::Lzw => lzw(packed, to),
            Compression::Deflate => inflate(packed, to)?,
            Compression::PackBits => pack_bits::unpack(packed, to),
            Compression::FaxLines(_) | Compression::Fax3 | Compression::Fax4 => {
                let width = layout.chunk.width as usize;
                let lines = fax::decode(packed, layout.compression, self.fax_options, width, to);
                lines * layout.row_bytes()
            }
            Compression::Jpeg => {
                self.jpeg.decode(packed, layout, layout.chunk_rows(index), to)?;
                to.len()
            }
            Compression::WebP => webp(packed, layout, to)?,
            Compression::Zstd => zstd(packed, to)?,
            Compression::None | Compression::OldJpeg => to.len(),
        };
        if done < to.len() {
            return Err(cut_short(FileFormat::Tiff));
        }
        Ok(())
    }
}

/// Fills `to`. Returns the bytes that the data gives. The oldest writers stored the lowest bit first.
fn lzw(packed: &[u8], to: &mut [u8]) -> usize {
    let old = matches!(packed, [0, second, ..] if second & 1 == 1);
    let mut decoder = if old {
        weezl::decode::Decoder::new(BitOrder::Lsb, 8)
    } else {
        weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8)
    };
    let (mut from, mut done) = (0, 0);
    while done < to.len() {
        let result = decoder.decode_bytes(&packed[from..], &mut to[done..]);
        from += result.consumed_in;
        done += result.consumed_out;
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            _ => break,
        }
    }
    done
}

fn inflate(packed: &[u8], to: &mut [u8]) -> Result<usize> {
    let mut decoder = Decompress::new(true);
    while (decoder.total_out() as usize) < to.len() {
        let (from, done) = (decoder.total_in() as usize, decoder.total_out() as usize);
        let status = decoder.decompress(&packed[from..], &mut to[done..], FlushDecompress::Finish);
        // A wrong checksum behind all bytes is noticed only if the buffer is longer than they are.
        let status = status.map_err(|e| damaged(FileFormat::Tiff, e))?;
        let stuck = decoder.total_in() as usize == from && decoder.total_out() as usize == done;
        if status == Status::StreamEnd || stuck {
            break;
        }
    }
    Ok(decoder.total_out() as usize)
}

fn webp(packed: &[u8], layout: &Layout, to: &mut [u8]) -> Result<usize> {
    let error = |e: image_webp::DecodingError| damaged(FileFormat::Tiff, e);
    if layout.bits != 8 || layout.stored != Stored::Unsigned || layout.planar {
        return Err(damaged(FileFormat::Tiff, "WebP compression of other samples than 8-bit"));
    }
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(packed)).map_err(error)?;
    let (width, height) = decoder.dimensions();
    let samples = if decoder.has_alpha() { 4 } else { 3 };
    let fits =
        samples == layout.samples && width == layout.chunk.width && decoder.output_buffer_size() == Some(to.len());
    if !fits || height as usize * layout.row_bytes() != to.len() {
        return Err(unsupported("WebP strips of another size or other channels than the picture"));
    }
    decoder.read_image(to).map_err(error)?;
    Ok(to.len())
}

fn zstd(packed: &[u8], to: &mut [u8]) -> Result<usize> {
    let error = |e: &dyn std::fmt::Display| damaged(FileFormat::Tiff, e);
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed).map_err(|e| error(&e))?;
    let mut done = 0;
    while done < to.len() {
        match decoder.read(&mut to[done..]) {
            Ok(0) => break,
            Ok(bytes) => done += bytes,
            Err(e) => return Err(error(&e)),
        }
    }
    Ok(done)
}

/// The error of a JPEG inside the file.
pub fn jpeg_error(error: impl std::fmt::Display) -> Error {
    damaged(FileFormat::Tiff, format!("a JPEG inside it: {error}"))
}
