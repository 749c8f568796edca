//! Reading AVIF: the decoder gives the whole picture, so it is held in memory.
//!
//! The primary picture is read, with its alpha. A picture in a grid is put together from its tiles.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Alpha, Channels, Error, ErrorKind, Format, Result, Sample, Size};
use enlarger_av1::{Frame, Plane};

use super::boxes::Bytes;
use super::colours::{CodePoints, Hdr, stated};
use super::items::{Item, Items};
use super::yuv::{Matrix, Rows};
use crate::metadata::Metadata;
use crate::metadata::exif::Exif;
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::in_memory::InMemory;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture};

/// Opens an AVIF file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.get_ref().metadata()?.len();
    limits.check_memory(length, "an AVIF file")?;
    let mut file = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.read_to_end(&mut file)?;
    let items = Items::read(&file).ok_or_else(|| cut_short(FileFormat::Avif))?;
    let primary = items.find(items.primary).ok_or_else(|| damaged(FileFormat::Avif, "it has no picture"))?;
    let stored = extent(&items, primary).ok_or_else(|| damaged(FileFormat::Avif, "its picture has no size"))?;
    let stored = limits.check_size(stored.0, stored.1)?;
    let coded = Coded::new(&items, primary, stored)?;
    let alpha = items.sources(b"auxl", primary.id).find(|item| is_alpha(&items, item));
    let premultiplied =
        alpha.is_some_and(|alpha| items.targets(b"prem", primary.id).is_some_and(|to| to.contains(&alpha.id)));
    let alpha = alpha.map(|item| Coded::new(&items, item, stored)).transpose()?;

    // Three or four planes of 16-bit samples, and the result.
    let planes = stored.pixels() * 2 * if alpha.is_some() { 4 } else { 3 };
    limits.check_memory(length + planes + stored.pixels() * 4, "an AVIF")?;
    let frame = coded.decode(limits)?;
    let alpha = alpha.map(|alpha| alpha.decode(limits)).transpose()?;
    let (points, icc) = stated(&items, primary);
    let points = points.unwrap_or(CodePoints {
        primaries: frame.primaries.into(),
        transfer: frame.transfer.into(),
        matrix: frame.matrix.into(),
        full_range: frame.full_range,
    });
    let hdr = points.hdr().filter(|_| icc.is_none());
    let gray = frame.planes.len() == 1;
    let channels = match (gray, alpha.is_some()) {
        (true, false) => Channels::Gray,
        (true, true) => Channels::GrayAlpha,
        (false, false) => Channels::Rgb,
        (false, true) => Channels::Rgba,
    };
    let sample = match (hdr, frame.bits) {
        (Some(_), _) => Sample::F32,
        (None, 8) => Sample::U8,
        (None, _) => Sample::U16,
    };
    // Light is divided by alpha before it is known.
    let kind = if premultiplied && hdr.is_none() { Alpha::Premultiplied } else { Alpha::Straight };
    let format = Format { alpha: kind, ..Format::new(sample, channels) };

    let mut notes = Vec::new();
    let mut metadata = Metadata { orientation: orientation(&items, primary), ..Metadata::default() };
    let colour = if let Some(icc) = icc {
        let colour = enlarger::Colour::Icc(icc.as_slice().into());
        metadata.icc = Some(icc);
        colour
    } else {
        points.settle(&mut metadata, gray, &mut notes)
    };
    if hdr.is_some() {
        notes.push(
            "the picture is for HDR displays; its light is enlarged, and what is brighter than paper is kept only by results in \
             floating point"
                .to_owned(),
        );
    }
    read_metadata(&items, primary, &mut metadata, &mut notes);
    let crop = crop(&items, primary, stored, &mut notes);
    if file.get(8..12) == Some(b"avis") {
        notes.push("this is an animated AVIF; only its still picture is enlarged".to_owned());
    }
    drop(items);
    let matrix = Matrix::new(&points)?;
    let size = Size::new(crop[2] as u32, crop[3] as u32)?;
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    limits.check_memory(planes + bytes, "an AVIF")?;
    let job = Job { frame, alpha, matrix, full_range: points.full_range, hdr, premultiplied, format, crop };
    let limits = *limits;
    let rows = InMemory::new(stride, move || job.convert(limits.allocate(bytes, "an AVIF")?, stride));
    Ok(Picture::new(FileFormat::Avif, size, format, metadata, rows).with_notes(notes).with_colour(colour))
}

/// The refusal of a sound file.
pub fn unsupported(what: &str) -> Error {
    Error::new(ErrorKind::Format, format!("this AVIF has {what}, which is not supported; convert it to PNG first"))
}

/// The size that an item states.
fn extent(items: &Items<'_>, item: &Item<'_>) -> Option<(u64, u64)> {
    let mut body = items.property(item, b"ispe")?;
    body.version()?;
    Some((body.number(4)?, body.number(4)?))
}

fn is_alpha(items: &Items<'_>, item: &Item<'_>) -> bool {
    items.property(item, b"auxC").is_some_and(|mut body| {
        body.version();
        let name = body.text().unwrap_or(body.0);
        name == b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || name == b"urn:mpeg:hevc:2015:auxid:1"
    })
}

/// The coded data of a picture: one piece, or a grid of them.
struct Coded {
    size: Size,
    columns: usize,
    tiles: Vec<Vec<u8>>,
}

impl Coded {
    fn new(items: &Items<'_>, item: &Item<'_>, size: Size) -> Result<Self> {
        let data =
            |item: &Item<'_>| items.data(item).filter(|d| !d.is_empty()).ok_or_else(|| cut_short(FileFormat::Avif));
        match &item.kind {
            b"av01" => Ok(Coded { size, columns: 1, tiles: vec![data(item)?] }),
            b"grid" => {
                let grid = data(item)?;
                let mut grid = Bytes(&grid);
                let mut read = || {
                    grid.number(1)?;
                    let flags = grid.number(1)?;
                    let (rows, columns) = (grid.count(1)? + 1, grid.count(1)? + 1);
                    let side = if flags & 1 == 1 { 4 } else { 2 };
                    Some((rows, columns, grid.number(side)?, grid.number(side)?))
                };
                let (rows, columns, width, height) = read().ok_or_else(|| cut_short(FileFormat::Avif))?;
                let tiles = items.targets(b"dimg", item.id).unwrap_or_default();
                if tiles.len() != rows * columns || (width, height) != (size.width.into(), size.height.into()) {
                    return Err(damaged(FileFormat::Avif, "its grid does not fit the picture"));
                }
                let tiles: Result<Vec<_>> = tiles
                    .iter()
                    .map(|id| {
                        let tile = items.find(*id).filter(|tile| &tile.kind == b"av01");
                        data(tile.ok_or_else(|| damaged(FileFormat::Avif, "a tile of its grid is missing"))?)
                    })
                    .collect();
                Ok(Coded { size, columns, tiles: tiles? })
            }
            b"hvc1" => Err(unsupported("a picture in HEVC, as HEIC has it")),
            kind => Err(unsupported(&format!("a picture of the kind {}", String::from_utf8_lossy(kind)))),
        }
    }

    fn decode(&self, limits: &Limits) -> Result<Frame> {
        // Data of another size than the file states are not decoded. A tile may reach over the picture's edge.
        let pixels = limits.pixels.min(2 * self.size.pixels());
        let pixels = u32::try_from(pixels).unwrap_or(u32::MAX);
        let error = |e: enlarger_av1::Error| match e {
            enlarger_av1::Error::CutShort => cut_short(FileFormat::Avif),
            enlarger_av1::Error::Memory => {
                Error::new(ErrorKind::Memory, "not enough memory for this AVIF; close other programs and try again")
            }
            e => damaged(FileFormat::Avif, e),
        };
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let first = enlarger_av1::decode(&self.tiles[0], pixels).map_err(error)?;
        if self.tiles.len() == 1 {
            let fits = (first.width, first.height) == (width, height);
            return if fits {
                Ok(first)
            } else {
                Err(damaged(FileFormat::Avif, "its data have another size than it says"))
            };
        }
        // How often chrominance is halved.
        let rows = self.tiles.len() / self.columns;
        if first.width * self.columns < width || first.height * rows < height {
            return Err(damaged(FileFormat::Avif, "its tiles do not cover the picture"));
        }
        let mut whole = Frame { width, height, planes: Vec::new(), ..first.clone() };
        for plane in &first.planes {
            let across = if plane.width < first.width { 2 } else { 1 };
            let down = if plane.samples.len() / plane.width.max(1) < first.height { 2 } else { 1 };
            let (width, height) = (width.div_ceil(across), height.div_ceil(down));
            limits.check_memory((width * height * 2) as u64, "an AVIF")?;
            whole.planes.push(Plane { width, samples: vec![0; width * height] });
        }
        for (index, data) in self.tiles.iter().enumerate() {
            let tile = if index == 0 { first.clone() } else { enlarger_av1::decode(data, pixels).map_err(error)? };
            let same = (tile.width, tile.height, tile.bits, tile.planes.len())
                == (first.width, first.height, first.bits, first.planes.len());
            if !same {
                return Err(damaged(FileFormat::Avif, "the tiles of its grid differ"));
            }
            for (from, to) in tile.planes.iter().zip(&mut whole.planes) {
                let (column, row) = (index % self.columns, index / self.columns);
                paste(from, to, column * from.width, row * (from.samples.len() / from.width.max(1)));
            }
        }
        Ok(whole)
    }
}

fn paste(from: &Plane, to: &mut Plane, left: usize, top: usize) {
    let height = to.samples.len() / to.width.max(1);
    if left >= to.width {
        return;
    }
    let width = from.width.min(to.width - left);
    for (y, row) in from.samples.chunks_exact(from.width).enumerate().take(height.saturating_sub(top)) {
        let at = (top + y) * to.width + left;
        to.samples[at..at + width].copy_from_slice(&row[..width]);
    }
}

/// The EXIF orientation of a rotation and a mirror image. EXIF itself says nothing here.
fn orientation(items: &Items<'_>, item: &Item<'_>) -> u8 {
    let turn = items.property(item, b"irot").and_then(|mut body| body.number(1)).map_or(0, |n| n & 3);
    let mirror = items.property(item, b"imir").and_then(|mut body| body.number(1)).map(|n| n & 1);
    match (turn, mirror) {
        (0, None) => 1,
        (1, None) => 8,
        (2, None) => 3,
        (_, None) => 6,
        // 0 exchanges top and bottom, 1 left and right.
        (0, Some(0)) | (2, Some(1)) => 4,
        (0, _) | (2, _) => 2,
        (1, Some(0)) | (3, Some(1)) => 5,
        (_, _) => 7,
    }
}

/// The part of the picture that is to be shown: left, top, width, height.
fn crop(items: &Items<'_>, item: &Item<'_>, size: Size, notes: &mut Vec<String>) -> [usize; 4] {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let whole = [0, 0, size.width as usize, size.height as usize];
    let Some(mut body) = items.property(item, b"clap") else { return whole };
    let mut fraction = || {
        let (n, d) = (body.number(4)? as u32 as i32, body.number(4)? as u32 as i32);
        (d != 0).then(|| f64::from(n) / f64::from(d))
    };
    let mut read = || Some([fraction()?, fraction()?, fraction()?, fraction()?]);
    if let Some([w, h, x, y]) = read() {
        let (left, top) = ((width - w) / 2.0 + x, (height - h) / 2.0 + y);
        let sound = w >= 1.0 && h >= 1.0 && left >= 0.0 && top >= 0.0 && left + w <= width && top + h <= height;
        if sound && [w, h, left, top].iter().all(|v| v.fract() == 0.0) {
            return [left as usize, top as usize, w as usize, h as usize];
        }
    }
    notes.push("the file's crop makes no sense; the whole picture is enlarged".to_owned());
    whole
}

fn read_metadata(items: &Items<'_>, primary: &Item<'_>, metadata: &mut Metadata, notes: &mut Vec<String>) {
    for item in items.sources(b"cdsc", primary.id) {
        match &item.kind {
            b"Exif" => {
                let Some(data) = items.data(item) else { continue };
                // How far in front of the block something else stands.
                let mut bytes = Bytes(&data);
                let skip = bytes.count(4).unwrap_or(0);
                metadata.exif = bytes.0.get(skip..).and_then(Exif::from_block);
            }
            b"mime" if item.content_type == b"application/rdf+xml" => metadata.xmp = items.data(item),
            _ => {}
        }
    }
    metadata.settle_density(None);
    if items.iter().any(|item| &item.kind == b"tmap") {
        metadata.leave_out("the AVIF's gain map");
    }
    let others = items.sources(b"auxl", primary.id).filter(|item| !is_alpha(items, item)).count();
    if others > 0 {
        notes.push(format!(
            "the file has further pictures of the same scene ({others}), such as depth; they are left out"
        ));
    }
}

/// The conversion of a decoded picture.
struct Job {
    frame: Frame,
    alpha: Option<Frame>,
    matrix: Matrix,
    full_range: bool,
    hdr: Option<Hdr>,
    premultiplied: bool,
    format: Format,
    crop: [usize; 4],
}

impl Job {
    fn convert(self, mut data: Vec<u8>, stride: usize) -> Result<Vec<u8>> {
        let [left, top, width, _] = self.crop;
        let mut rows = Rows::new(&self.frame, &self.matrix, self.full_range);
        let alpha = self.alpha.as_ref().map(|frame| Rows::new(frame, &Matrix::Identity, frame.full_range));
        let mut row = Vec::new();
        let colours = if self.format.is_gray() { 1 } else { 3 };
        for (y, to) in data.chunks_exact_mut(stride).enumerate() {
            rows.rgb(top + y, &mut row);
            let mut alpha = alpha.as_ref().map(|alpha| alpha.luminance(top + y).skip(left));
            for (rgb, to) in row[left..left + width].iter().zip(to.chunks_exact_mut(self.format.pixel_size())) {
                let alpha = alpha.as_mut().and_then(Iterator::next);
                let mut rgb = *rgb;
                if let Some(hdr) = self.hdr {
                    if let Some(alpha) = alpha.filter(|a| self.premultiplied && *a > 0.0) {
                        rgb = rgb.map(|v| v / alpha);
                    }
                    rgb = hdr.light(rgb);
                }
                let values = rgb[..colours].iter().copied().chain(alpha);
                for (value, to) in values.zip(to.chunks_exact_mut(self.format.sample.size())) {
                    match self.format.sample {
                        Sample::U8 => to[0] = (value * 255.0).round() as u8,
                        Sample::F32 => to.copy_from_slice(&value.to_ne_bytes()),
                        _ => to.copy_from_slice(&((value * 65535.0).round() as u16).to_ne_bytes()),
                    }
                }
            }
        }
        Ok(data)
    }
}
