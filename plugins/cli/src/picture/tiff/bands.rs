//! Rows of a TIFF picture, decoded a band at a time: one strip, or one row of tiles, of all planes.
//!
//! A band is the most that is held of the picture. A strip that has a band's layout is decoded in place.

use enlarger::{Result, Sample};

use super::chunks::ChunkReader;
use super::colours::Colours;
use super::samples;
use crate::picture::limits::Limits;
use crate::picture::source::RowReader;

/// Gives rows.
pub struct BandReader {
    chunks: ChunkReader,
    colours: Colours,
    /// The type of an unpacked sample.
    sample: Sample,
    /// Bytes of an unpacked row.
    stride: usize,
    /// Whether a strip has the layout of a band.
    direct: bool,
    band: Vec<u8>,
    chunk: Vec<u8>,
    pixels: Vec<u8>,
    current: Option<usize>,
}

impl BandReader {
    pub fn new(chunks: ChunkReader, colours: Colours, limits: &Limits) -> Result<Self> {
        let layout = &chunks.layout;
        let sample = samples::unpacked(layout);
        let width = layout.size.width as usize;
        let stride = width * layout.samples * sample.size();
        let rows = layout.chunk.height.min(layout.size.height);
        let direct = samples::is_plain(layout)
            && !layout.tiled
            && !layout.planar
            && layout.subsampling == (1, 1)
            && layout.row_bytes() == stride;
        let whole = |rows: u64, bytes: usize| rows.saturating_mul(bytes as u64);
        let band = whole(rows.into(), stride);
        let chunk = if direct { 0 } else { whole(layout.chunk.height.into(), layout.row_bytes()) };
        limits.check_memory(band.saturating_add(chunk), "a strip of this TIFF")?;
        let pixels = if colours.is_plain() { 0 } else { colours.format.row_size(layout.size.width) };
        Ok(BandReader {
            band: limits.allocate(band, "a strip of this TIFF")?,
            chunk: Vec::new(),
            pixels: vec![0; pixels],
            chunks,
            colours,
            sample,
            stride,
            direct,
            current: None,
        })
    }

    fn load(&mut self, band: usize) -> Result<()> {
        self.current = None;
        if self.direct {
            let bytes = self.chunks.layout.chunk_bytes(band);
            self.chunks.read(band, &mut self.band[..bytes])?;
        } else {
            let layout = &self.chunks.layout;
            let (across, planes) = (layout.across, if layout.planar { layout.samples } else { 1 });
            for column in 0..across {
                for plane in 0..planes {
                    self.load_chunk(band, column, plane)?;
                }
            }
        }
        self.current = Some(band);
        Ok(())
    }

    fn load_chunk(&mut self, band: usize, column: usize, plane: usize) -> Result<()> {
        let layout = &self.chunks.layout;
        let index = plane * layout.per_plane + band * layout.across + column;
        let (rows, row_bytes, bytes) = (layout.chunk_rows(index), layout.row_bytes(), layout.chunk_bytes(index));
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.resize(bytes, 0);
        self.chunks.read(index, &mut chunk)?;
        let layout = &self.chunks.layout;
        if layout.subsampling != (1, 1) {
            let mut pixels = self.chunks.limits.allocate((rows * row_bytes) as u64, "a strip of this TIFF")?;
            samples::spread(layout, &chunk, rows, &mut pixels);
            chunk = pixels;
        }
        let left = column * layout.chunk.width as usize;
        let width = (layout.chunk.width as usize).min(layout.size.width as usize - left);
        let size = self.sample.size();
        let pixel = layout.samples * size;
        let top = band * layout.chunk.height as usize;
        let rows = rows.min(layout.size.height as usize - top);
        let mut unpacked = vec![0; if layout.planar { width * size } else { 0 }];
        for (from, to) in chunk.chunks_exact(row_bytes).zip(self.band.chunks_exact_mut(self.stride)).take(rows) {
            let to = &mut to[left * pixel..(left + width) * pixel];
            if layout.planar {
                samples::unpack(layout, from, &mut unpacked, self.colours.scaled);
                for (from, to) in unpacked.chunks_exact(size).zip(to.chunks_exact_mut(pixel)) {
                    to[plane * size..(plane + 1) * size].copy_from_slice(from);
                }
            } else {
                samples::unpack(layout, from, to, self.colours.scaled);
            }
        }
        self.chunk = chunk;
        Ok(())
    }
}

impl RowReader for BandReader {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        let rows = self.chunks.layout.chunk.height;
        let band = (y / rows) as usize;
        if self.current != Some(band) {
            self.load(band)?;
        }
        let start = (y % rows) as usize * self.stride;
        let row = &self.band[start..start + self.stride];
        if self.colours.is_plain() {
            return Ok(row);
        }
        self.colours.convert(row, &mut self.pixels)?;
        Ok(&self.pixels)
    }
}
