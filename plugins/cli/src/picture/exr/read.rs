//! Reading EXR: the library gives whole channels, so they are held in memory in the file's own sample type.

use std::io::{Seek, SeekFrom};

use enlarger::{Alpha, Channels, Colour, Error, ErrorKind, Format, Result, Sample, Size};
use exr::error::Error as ExrError;
use exr::meta::MetaData;
use exr::meta::attribute::SampleType;
use exr::meta::header::Header;
use exr::prelude::{FlatSamples, ReadChannels, ReadLayers, Vec2, read};

use crate::metadata::{Density, Metadata};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture, RowReader};

/// Opens an EXR file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let meta = MetaData::read_from_buffered(&mut input, false).map_err(error)?;
    let header = meta.headers.iter().find(|h| !h.deep && channel_names(h).is_some());
    let header = header.ok_or_else(|| unsupported("no plain R, G and B or Y channels"))?;
    let names = channel_names(header).unwrap_or_default();
    let window = header.shared_attributes.display_window;
    let size = limits.check_size(window.size.x() as u64, window.size.y() as u64)?;
    let held = limits.check_size(header.layer_size.x() as u64, header.layer_size.y() as u64)?;
    // The library reads all channels, even those that are not used.
    limits.check_memory(held.pixels() * header.channels.bytes_per_pixel as u64, "an EXR")?;

    let used = |name: &str| header.channels.list.iter().find(|c| c.name == *name);
    let mut types = names.iter().filter_map(|n| used(n)).map(|c| (c.sample_type, c.sampling));
    if types.any(|(sample_type, sampling)| sample_type == SampleType::U32 || sampling != Vec2(1, 1)) {
        return Err(unsupported("integer or subsampled channels"));
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
        notes.push(
            "the file has several layers or additional channels; only one layer's colour and alpha are enlarged"
                .to_owned(),
        );
    }
    let mut metadata = Metadata { orientation: 1, ..Metadata::default() };
    if let Some(density) = header.own_attributes.horizontal_density {
        let x = f64::from(density);
        metadata.density = Density::new(x, x * f64::from(header.shared_attributes.pixel_aspect), true);
    }
    let row = vec![0; format.row_size(size.width)];
    let rows = PlaneReader { input: Some(input), names, size, format, row, planes: Vec::new(), data: None };
    Ok(Picture::new(FileFormat::Exr, size, format, metadata, rows).with_notes(notes).with_colour(Colour::LinearSrgb))
}

/// The channels that make up the picture.
fn channel_names(header: &Header) -> Option<&'static [&'static str]> {
    let has = |name: &&str| header.channels.list.iter().any(|c| c.name == **name);
    const CHOICES: [&[&str]; 4] = [&["R", "G", "B", "A"], &["R", "G", "B"], &["Y", "A"], &["Y"]];
    CHOICES.into_iter().find(|names| names.iter().all(has))
}

fn unsupported(what: &str) -> Error {
    Error::new(ErrorKind::Format, format!("this EXR has {what}; export it as one flat layer of R, G, B and A first"))
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
    names: &'static [&'static str],
    size: Size,
    format: Format,
    row: Vec<u8>,
    planes: Vec<FlatSamples>,
    data: Option<DataWindow>,
}

impl PlaneReader {
    fn load(&mut self, mut input: InputFile) -> Result<()> {
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
            let index = index.ok_or_else(|| unsupported("its picture outside its first layer"))?;
            self.planes.push(channels.swap_remove(index).sample_data);
        }
        let offset = layer.attributes.layer_position - image.attributes.display_window.position;
        self.data = Some(DataWindow {
            x: offset.x().into(),
            y: offset.y().into(),
            width: layer.size.x() as i64,
            height: layer.size.y() as i64,
        });
        Ok(())
    }
}

impl RowReader for PlaneReader {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        if let Some(input) = self.input.take() {
            self.load(input)?;
        }
        let data = self.data.as_ref().ok_or_else(|| damaged(FileFormat::Exr, "its pixels could not be read"))?;
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

fn error(error: ExrError) -> Error {
    match error {
        ExrError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(FileFormat::Exr),
        ExrError::Io(e) => e.into(),
        ExrError::NotSupported(what) => unsupported(&format!("an unsupported feature ({what})")),
        e => damaged(FileFormat::Exr, e),
    }
}
