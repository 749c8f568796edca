//! EXR, in and out: linear light, colour times alpha.
//!
//! In: the library gives the picture's channels whole; they are held as they are, halves as halves. Out: blocks of rows
//! are compressed and written as they come.

use std::io::{Seek, SeekFrom};
use std::path::PathBuf;

use enlarger::{Alpha, Channels, Colour, Error, ErrorKind, Format, Result, Sample, Size};
use exr::block::writer::ChunksWriter;
use exr::block::{UncompressedBlock, enumerate_ordered_header_block_indices};
use exr::error::Error as ExrError;
use exr::meta::attribute::{ChannelDescription, LineOrder, SampleType};
use exr::meta::header::Header;
use exr::meta::{BlockDescription, MetaData};
use exr::prelude::{Compression, FlatSamples, ReadChannels, ReadLayers, SmallVec, Text, Vec2, read};
use half::f16;

use super::metadata::{Density, Metadata};
use super::write::{Incoming, Output, Spec, close};
use super::{Input, Kind, Picture, Rows, damaged};
use crate::limits::Limits;

/// Opens an EXR file.
pub fn open(mut input: Input, limits: &Limits) -> Result<Picture> {
    let meta = MetaData::read_from_buffered(&mut input, false).map_err(error)?;
    let header = meta.headers.iter().find(|h| !h.deep && names(h).is_some());
    let header = header.ok_or_else(|| refused("no plain R, G and B or Y channels"))?;
    let names = names(header).unwrap_or_default();
    let window = header.shared_attributes.display_window;
    let size = limits.size(window.size.x() as u64, window.size.y() as u64)?;
    let held = limits.size(header.layer_size.x() as u64, header.layer_size.y() as u64)?;
    // All channels are read, also those that are not used.
    limits.hold(held.pixels() * header.channels.bytes_per_pixel as u64, "an EXR")?;

    let used = |name: &str| header.channels.list.iter().find(|c| c.name == *name);
    let mut types = names.iter().filter_map(|n| used(n)).map(|c| (c.sample_type, c.sampling));
    if types.any(|(kind, sampling)| kind == SampleType::U32 || sampling != Vec2(1, 1)) {
        return Err(refused("channels of whole numbers or of different sizes"));
    }
    let half = names.iter().filter_map(|n| used(n)).all(|c| c.sample_type == SampleType::F16);
    let channels = match names {
        ["Y"] => Channels::Gray,
        ["Y", "A"] => Channels::GrayAlpha,
        ["R", "G", "B"] => Channels::Rgb,
        _ => Channels::Rgba,
    };
    let sample = if half { Sample::F16 } else { Sample::F32 };
    let format = Format { alpha: Alpha::Premultiplied, ..Format::new(sample, channels) };

    let mut notes = Vec::new();
    if header.channels.list.len() > names.len() || meta.headers.len() > 1 {
        notes.push("the file has more layers or channels than one picture; only that one is enlarged".to_owned());
    }
    let mut metadata = Metadata { orientation: 1, ..Metadata::default() };
    if let Some(density) = header.own_attributes.horizontal_density {
        let x = f64::from(density);
        metadata.density = Density::new(x, x * f64::from(header.shared_attributes.pixel_aspect), true);
    }
    let row = vec![0; format.row_size(size.width)];
    let rows = Box::new(Planes { input: Some(input), names, size, format, row, planes: Vec::new(), data: None });
    Ok(Picture {
        kind: Kind::Exr,
        metadata,
        notes,
        size,
        format,
        colour: Colour::LinearSrgb,
        rows,
        path: PathBuf::new(),
    })
}

/// The channels that make the picture.
fn names(header: &Header) -> Option<&'static [&'static str]> {
    let has = |name: &&str| header.channels.list.iter().any(|c| c.name == **name);
    const CHOICES: [&[&str]; 4] = [&["R", "G", "B", "A"], &["R", "G", "B"], &["Y", "A"], &["Y"]];
    CHOICES.into_iter().find(|names| names.iter().all(has))
}

fn refused(what: &str) -> Error {
    Error::new(ErrorKind::Format, format!("this EXR has {what}; export it as one flat layer of R, G, B and A first"))
}

/// Where the stored pixels lie in the picture.
struct Data {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
}

/// The channels, held one by one.
struct Planes {
    input: Option<Input>,
    names: &'static [&'static str],
    size: Size,
    format: Format,
    row: Vec<u8>,
    planes: Vec<FlatSamples>,
    data: Option<Data>,
}

impl Planes {
    fn load(&mut self, mut input: Input) -> Result<()> {
        input.seek(SeekFrom::Start(0))?;
        let names = self.names;
        let image = read()
            .no_deep_data()
            .largest_resolution_level()
            .all_channels()
            .first_valid_layer()
            .all_attributes()
            .non_parallel()
            .from_buffered(input)
            .map_err(error)?;
        let layer = image.layer_data;
        let mut channels: Vec<_> = layer.channel_data.list.into_iter().collect();
        for name in names {
            let index = channels.iter().position(|c| c.name == **name);
            let index = index.ok_or_else(|| refused("its picture not in its first layer"))?;
            self.planes.push(channels.swap_remove(index).sample_data);
        }
        let offset = layer.attributes.layer_position - image.attributes.display_window.position;
        self.data = Some(Data {
            x: offset.x().into(),
            y: offset.y().into(),
            width: layer.size.x() as i64,
            height: layer.size.y() as i64,
        });
        Ok(())
    }
}

impl Rows for Planes {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        if let Some(input) = self.input.take() {
            self.load(input)?;
        }
        let data = self.data.as_ref().ok_or_else(|| damaged(Kind::Exr, "it could not be read"))?;
        self.row.fill(0);
        let stored_y = i64::from(y) - data.y;
        if !(0..data.height).contains(&stored_y) {
            return Ok(&self.row);
        }
        let (from, to) = (data.x.max(0), (data.x + data.width).min(i64::from(self.size.width)));
        let (pixel, sample) = (self.format.pixel_size(), self.format.sample.size());
        for (channel, plane) in self.planes.iter().enumerate() {
            for x in from..to {
                let index = (stored_y * data.width + x - data.x) as usize;
                let at = x as usize * pixel + channel * sample;
                let slot = &mut self.row[at..at + sample];
                match (plane, self.format.sample) {
                    (FlatSamples::F16(values), Sample::F16) => slot.copy_from_slice(&values[index].to_ne_bytes()),
                    (FlatSamples::F16(values), _) => slot.copy_from_slice(&values[index].to_f32().to_ne_bytes()),
                    (FlatSamples::F32(values), _) => slot.copy_from_slice(&values[index].to_ne_bytes()),
                    (FlatSamples::U32(_), _) => {}
                }
            }
        }
        Ok(&self.row)
    }
}

/// Writes an EXR file from rows as they come.
pub fn write(mut incoming: Incoming, mut output: Output, spec: &Spec) -> Result<()> {
    // In the order that the standard demands: by name. With the place in our pixels.
    let names: &[(&str, usize)] = match spec.format.channels {
        Channels::Gray => &[("Y", 0)],
        Channels::GrayAlpha => &[("A", 1), ("Y", 0)],
        Channels::Rgb => &[("B", 2), ("G", 1), ("R", 0)],
        Channels::Rgba | Channels::Bgra => &[("A", 3), ("B", 2), ("G", 1), ("R", 0)],
    };
    let half = spec.format.sample == Sample::F16;
    let kind = if half { SampleType::F16 } else { SampleType::F32 };
    let channels: SmallVec<_> =
        names.iter().map(|(name, _)| ChannelDescription::new(*name, kind, *name == "A")).collect();
    let size = (spec.size.width as usize, spec.size.height as usize);
    let mut header = Header::new(Text::default(), size, channels).with_encoding(
        Compression::ZIP16,
        BlockDescription::ScanLines,
        LineOrder::Increasing,
    );
    header.own_attributes.layer_name = None;
    if let Some(density) = spec.metadata.density.filter(|d| d.absolute) {
        header.own_attributes.horizontal_density = Some(density.x as f32);
        header.shared_attributes.pixel_aspect = (density.y / density.x) as f32;
    }
    let (pixel, sample) = (spec.format.pixel_size(), spec.format.sample.size());
    let mut failure = None;
    let headers: SmallVec<_> = [header].into_iter().collect();
    let result = exr::block::write(&mut output, headers, true, |meta, chunks| {
        let mut compressor = chunks.sequential_blocks_compressor(&meta);
        for (index, block) in enumerate_ordered_header_block_indices(&meta.headers) {
            let rows: Result<Vec<_>> = (0..block.pixel_size.y()).map(|_| incoming.next()).collect();
            let rows = rows.map_err(|e| {
                failure = Some(e);
                ExrError::Aborted
            })?;
            let first = block.pixel_position.y();
            let block = UncompressedBlock::from_lines(&meta.headers[0].channels, block, |line| {
                let row = &rows[line.location.position.y() - first];
                let offset = names[line.location.channel].1 * sample;
                let value = |x: usize| &row[x * pixel + offset..];
                // The line is as long as the row, the only thing that writing it could complain about.
                let _ = if half {
                    line.write_samples(|x| f16::from_ne_bytes([value(x)[0], value(x)[1]]))
                } else {
                    line.write_samples(|x| f32::from_ne_bytes(value(x).first_chunk().copied().unwrap_or_default()))
                };
            });
            compressor.compress_block(index, block)?;
        }
        Ok(())
    });
    match (failure, result) {
        (Some(error), _) => Err(error),
        (None, Err(ExrError::Io(e))) => Err(e.into()),
        (None, Err(e)) => Err(Error::new(ErrorKind::Format, format!("the EXR cannot be written ({e}); choose TIFF"))),
        (None, Ok(())) => close(output),
    }
}

fn error(error: ExrError) -> Error {
    match error {
        ExrError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => super::cut_short(Kind::Exr),
        ExrError::Io(e) => e.into(),
        ExrError::NotSupported(what) => refused(&format!("something that is not read ({what})")),
        e => damaged(Kind::Exr, e),
    }
}
