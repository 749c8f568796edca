//! Reading EXR: the channels of the picture are held in memory in the file's own sample type.
//!
//! Only the channels that make up the picture are held. The pixels that the file does not store are transparent black.

use std::io::{Seek, SeekFrom};
use std::sync::Arc;

use enlarger::{Alpha, Colour, Error, Format, Result, Sample, Size};
use exr::block::UncompressedBlock;
use exr::block::reader::ChunksReader;
use exr::error::Error as ExrError;
use exr::meta::MetaData;
use exr::meta::attribute::SampleType;
use exr::meta::header::Header;
use exr::prelude::Vec2;
use half::f16;

use super::channels::{Choice, choose, unsupported};
use crate::metadata::exr_attributes::ExrAttributes;
use crate::metadata::{Density, Metadata};
use crate::picture::colour_profile::{Chromaticities, ToneCurve, profile};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture, RowReader};

/// Opens an EXR file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let meta = MetaData::read_from_buffered(&mut input, false).map_err(error)?;
    let choice = choose(&meta.headers)?;
    let header = &meta.headers[choice.part];
    let window = header.shared_attributes.display_window;
    let size = limits.check_size(window.size.x() as u64, window.size.y() as u64)?;
    let held = limits.check_size(header.layer_size.x() as u64, header.layer_size.y() as u64)?;
    let bytes_per_pixel = choice.kind.count() * choice.sample.size();
    limits.check_memory(held.pixels() * bytes_per_pixel as u64, "an EXR")?;
    let format = Format { alpha: Alpha::Premultiplied, ..Format::new(choice.sample, choice.kind) };

    let mut metadata = Metadata { orientation: 1, ..Metadata::default() };
    if let Some(density) = header.own_attributes.horizontal_density {
        let x = f64::from(density);
        metadata.density = Density::new(x, x * f64::from(header.shared_attributes.pixel_aspect), true);
    }
    let mut attributes = ExrAttributes::new(header);
    metadata.xmp = attributes.take_xmp();
    metadata.exr = Some(Arc::new(attributes));
    let chromaticities = chromaticities(header);
    let mut colour = Colour::LinearSrgb;
    if !chromaticities.is_near(&Chromaticities::SRGB, 0.002)
        && let Some(icc) = profile("EXR chromaticities", &chromaticities, &[ToneCurve::Linear], choice.kind.is_gray())
    {
        colour = Colour::Icc(icc.as_slice().into());
        metadata.icc = Some(icc);
        metadata.linear = Some(chromaticities);
    }
    let notes = choice.note.clone().into_iter().collect();
    let offset = header.own_attributes.layer_position - window.position;
    let data =
        DataWindow { x: offset.x().into(), y: offset.y().into(), width: held.width.into(), height: held.height.into() };
    let weights = choice.luminance_chroma.then(|| chromaticities.luminance_weights());
    let row = vec![0; format.row_size(size.width)];
    let (input, limits) = (Some(input), *limits);
    let rows = PlaneReader { input, choice, weights, size, format, row, planes: Vec::new(), data, limits };
    Ok(Picture::new(FileFormat::Exr, size, format, metadata, rows).with_notes(notes).with_colour(colour))
}

/// The primaries of the values. Without the attribute they are those of sRGB.
fn chromaticities(header: &Header) -> Chromaticities {
    let point = |v: Vec2<f32>| [f64::from(v.x()), f64::from(v.y())];
    header.shared_attributes.chromaticities.map_or(Chromaticities::SRGB, |c| Chromaticities {
        red: point(c.red),
        green: point(c.green),
        blue: point(c.blue),
        white: point(c.white),
    })
}

/// The rectangle of the picture that the file stores pixels for.
struct DataWindow {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
}

/// Reads rows out of channels held in memory.
struct PlaneReader {
    input: Option<InputFile>,
    choice: Choice,
    /// For luminance and chroma.
    weights: Option<[f32; 3]>,
    size: Size,
    format: Format,
    row: Vec<u8>,
    planes: Vec<Vec<u8>>,
    data: DataWindow,
    limits: Limits,
}

impl PlaneReader {
    fn load(&mut self, mut input: InputFile) -> Result<()> {
        input.seek(SeekFrom::Start(0))?;
        let sample = self.format.sample.size();
        let pixels = (self.data.width * self.data.height) as u64;
        for _ in &self.choice.channels {
            self.planes.push(self.limits.allocate(pixels * sample as u64, "an EXR")?);
        }
        let part = self.choice.part;
        let reader = exr::block::read(input, false).map_err(error)?;
        let wanted = |block: exr::block::BlockIndex| block.layer == part && block.level == Vec2(0, 0);
        let chunks = reader.filter_chunks(false, |_, _, block| wanted(block)).map_err(error)?;
        let header = chunks.meta_data().headers[part].clone();
        let mut blocks = chunks.sequential_decompressor(false);
        let mut stored = 0;
        while let Some(block) = blocks.decompress_next_block() {
            stored += self.store(&block.map_err(error)?, &header)?;
        }
        // A file whose table says fewer blocks than its picture has.
        if stored < pixels * self.planes.len() as u64 {
            return Err(cut_short(FileFormat::Exr));
        }
        Ok(())
    }

    /// Copies a block into the planes. Returns how many samples it has.
    fn store(&mut self, block: &UncompressedBlock, header: &Header) -> Result<u64> {
        let (width, half) = (self.data.width as usize, self.format.sample == Sample::F16);
        let sample = self.format.sample.size();
        let mut stored = 0;
        for line in block.lines(&header.channels) {
            let Some(plane) = self.choice.channels.iter().position(|c| *c == line.location.channel) else { continue };
            let at = (line.location.position.y() * width + line.location.position.x()) * sample;
            let count = line.location.sample_count;
            let to = self.planes[plane].get_mut(at..at + count * sample);
            let to = to.ok_or_else(|| damaged(FileFormat::Exr, "a block outside of its picture"))?;
            match header.channels.list[line.location.channel].sample_type {
                SampleType::F16 if !half => {
                    for (from, to) in line.value.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
                        *to = f16::from_ne_bytes(*from).to_f32().to_ne_bytes();
                    }
                }
                _ => to.copy_from_slice(line.value.get(..count * sample).ok_or_else(|| cut_short(FileFormat::Exr))?),
            }
            stored += count as u64;
        }
        Ok(stored)
    }
}

impl RowReader for PlaneReader {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        if let Some(input) = self.input.take() {
            self.load(input)?;
        }
        let data = &self.data;
        self.row.fill(0);
        let stored_y = i64::from(y) - data.y;
        if !(0..data.height).contains(&stored_y) {
            return Ok(&self.row);
        }
        let (from, to) = (data.x.max(0), (data.x + data.width).min(i64::from(self.size.width)));
        let (pixel, sample) = (self.format.pixel_size(), self.format.sample.size());
        for (channel, plane) in self.planes.iter().enumerate() {
            for x in from..to {
                let index = (stored_y * data.width + x - data.x) as usize * sample;
                let at = x as usize * pixel + channel * sample;
                self.row[at..at + sample].copy_from_slice(&plane[index..index + sample]);
            }
        }
        if let Some(weights) = self.weights {
            for pixel in self.row[from.max(0) as usize * pixel..to.max(from) as usize * pixel].chunks_exact_mut(pixel) {
                to_rgb(pixel, self.format.sample, weights);
            }
        }
        Ok(&self.row)
    }
}

/// Turns luminance and the relative differences of red and blue from it into RGB.
fn to_rgb(pixel: &mut [u8], sample: Sample, [red, green, blue]: [f32; 3]) {
    let size = sample.size();
    let get = |n: usize| match (sample, &pixel[n * size..]) {
        (Sample::F16, [a, b, ..]) => f16::from_ne_bytes([*a, *b]).to_f32(),
        (_, [a, b, c, d, ..]) => f32::from_ne_bytes([*a, *b, *c, *d]),
        _ => 0.0,
    };
    let (y, ry, by) = (get(0), get(1), get(2));
    let (r, b) = ((ry + 1.0) * y, (by + 1.0) * y);
    let g = (y - r * red - b * blue) / green;
    for (to, value) in pixel.chunks_exact_mut(size).zip([r, g, b]) {
        match sample {
            Sample::F16 => to.copy_from_slice(&f16::from_f32(value).to_ne_bytes()),
            _ => to.copy_from_slice(&value.to_ne_bytes()),
        }
    }
}

fn error(error: ExrError) -> Error {
    match error {
        ExrError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(FileFormat::Exr),
        ExrError::Io(e) => e.into(),
        ExrError::NotSupported(what) if what.contains("subsampling") => {
            unsupported("luminance and chrominance channels of which some are subsampled,")
        }
        ExrError::NotSupported(what) => unsupported(&format!("an unusual feature ({what})")),
        e => damaged(FileFormat::Exr, e),
    }
}
