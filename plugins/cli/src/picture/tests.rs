//! Every format, there and back.
//!
//! Pictures are made here, written through the writers, read through the readers, and compared. The harsh files (cut
//! short, lying about their size, rare layouts) are in their own module.

mod harsh;
mod layouts;
mod metadata;

use std::fs::File;
use std::path::Path;

use enlarger::{Alpha, Channels, Colour, Format, Result, Sample, Sink, Size, Source};
use half::f16;

use super::{Kind, Metadata, Picture, Spec, Writer, fit, open};
use crate::limits::Limits;

/// A picture with values of all sizes, the same on every run. Premultiplied colour stays below its alpha.
fn picture(size: Size, format: Format) -> Vec<u8> {
    let count = format.channels.count();
    let mut data = Vec::new();
    for index in 0..size.pixels() as usize * count {
        let noise = (index as u32).wrapping_mul(2_654_435_761) >> 16;
        let unit = noise as f32 / 65535.0;
        match format.sample {
            Sample::U8 => data.push((noise >> 8) as u8),
            Sample::U16 => data.extend((noise as u16).to_ne_bytes()),
            Sample::F16 => data.extend(f16::from_f32(unit * 1.5).to_ne_bytes()),
            Sample::F32 => data.extend((unit * 1.5).to_ne_bytes()),
        }
    }
    data
}

/// Writes `data` as the command would.
fn write(path: &Path, kind: Kind, size: Size, format: Format, data: &[u8], colour: &Colour, metadata: &Metadata) {
    let fit = fit(kind, size, format, colour, metadata).unwrap();
    let spec = Spec {
        kind,
        size,
        format: fit.format,
        colour: fit.colour,
        metadata: fit.metadata,
        quality: 95,
        memory: 1 << 30,
    };
    let mut writer = Writer::new(File::create(path).unwrap(), spec).unwrap();
    for (y, row) in data.chunks_exact(writer.format().row_size(size.width)).enumerate() {
        writer.write(y as u32, row).unwrap();
    }
    writer.finish().unwrap();
}

/// Writes exactly what `spec` says.
fn write_raw(path: &Path, spec: Spec, data: &[u8]) {
    let stride = spec.format.row_size(spec.size.width);
    let mut writer = Writer::new(File::create(path).unwrap(), spec).unwrap();
    data.chunks_exact(stride).enumerate().for_each(|(y, row)| writer.write(y as u32, row).unwrap());
    writer.finish().unwrap();
}

fn read(path: &Path) -> Result<(Picture, Vec<u8>)> {
    let mut picture = open(path, &Limits::default())?;
    let stride = picture.format().row_size(picture.size().width);
    let mut data = vec![0; stride * picture.size().height as usize];
    for (y, row) in data.chunks_exact_mut(stride).enumerate() {
        picture.read(0, y as u32, row)?;
    }
    Ok((picture, data))
}

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).unwrap()
}

const ALL: [Channels; 4] = [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba];

#[test]
fn pixels_survive() {
    let folder = tempfile::tempdir().unwrap();
    let premultiplied = |sample, channels| Format { alpha: Alpha::Premultiplied, ..Format::new(sample, channels) };
    let mut cases = Vec::new();
    for channels in ALL {
        for sample in [Sample::U8, Sample::U16] {
            cases.push((Kind::Png, Format::new(sample, channels), Colour::Srgb));
            cases.push((Kind::Tiff, premultiplied(sample, channels), Colour::Srgb));
        }
        for sample in [Sample::U8, Sample::U16, Sample::F16, Sample::F32] {
            cases.push((Kind::Tiff, Format::new(sample, channels), Colour::Srgb));
        }
        for sample in [Sample::F16, Sample::F32] {
            cases.push((Kind::Exr, premultiplied(sample, channels), Colour::LinearSrgb));
        }
    }
    cases.push((Kind::WebP, Format::new(Sample::U8, Channels::Rgb), Colour::Srgb));
    cases.push((Kind::WebP, Format::new(Sample::U8, Channels::Rgba), Colour::Srgb));
    for (kind, format, colour) in cases {
        for size in [size(37, 23), size(1, 1), size(3, 500), size(700, 2)] {
            let what = format!("{kind:?} {format:?} {size}");
            let path = folder.path().join(format!("a.{}", kind.extension()));
            let data = picture(size, format);
            write(&path, kind, size, format, &data, &colour, &Metadata::default());
            let (picture, back) = read(&path).expect(&what);
            assert_eq!((picture.size(), picture.kind, picture.colour()), (size, kind, colour.clone()), "{what}");
            let alpha = if format.channels.has_alpha() { format.alpha } else { picture.format().alpha };
            assert_eq!(picture.format(), Format { alpha, ..format }, "{what}");
            assert!(data == back, "{what}: other pixels");
            assert!(picture.notes.is_empty(), "{what}: {:?}", picture.notes);
        }
    }
}

#[test]
fn jpeg_is_near() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    for channels in [Channels::Gray, Channels::Rgb] {
        for size in [size(64, 48), size(1, 1), size(3, 500), size(33, 17)] {
            let format = Format::new(Sample::U8, channels);
            let stride = format.row_size(size.width);
            let data: Vec<u8> = (0..stride * size.height as usize)
                .map(|i| ((i % stride / channels.count() + i / stride) % 200 + 20) as u8)
                .collect();
            write(&path, Kind::Jpeg, size, format, &data, &Colour::Srgb, &Metadata::default());
            let (picture, back) = read(&path).unwrap();
            assert_eq!((picture.size(), picture.format()), (size, format));
            let worst = data.iter().zip(&back).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst < 24, "{channels:?} {size}: {worst}");
        }
    }
}

#[test]
fn parts_of_rows_and_skipped_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (size, format) = (size(37, 600), Format::new(Sample::U16, Channels::Rgb));
    let data = picture(size, format);
    for kind in [Kind::Png, Kind::Tiff] {
        let path = folder.path().join(format!("a.{}", kind.extension()));
        write(&path, kind, size, format, &data, &Colour::Srgb, &Metadata::default());
        let mut picture = open(&path, &Limits::default()).unwrap();
        for y in [5, 6, 300, 599] {
            let mut row = vec![0; 11 * 6];
            picture.read(7, y, &mut row).unwrap();
            let start = y as usize * 37 * 6 + 7 * 6;
            assert!(row == data[start..start + row.len()], "{kind:?} {y}");
        }
    }
}

#[test]
fn what_does_not_fit_is_said() {
    let rgba = Format::new(Sample::U16, Channels::Rgba);
    let rgb = Format::new(Sample::U16, Channels::Rgb);
    let float = Format::new(Sample::F32, Channels::Rgb);
    let none = Metadata::default();
    let says = |kind, size, format| match fit(kind, size, format, &Colour::Srgb, &none) {
        Ok(fit) => fit.notes.join(";"),
        Err(error) => format!("refused: {}", error.message()),
    };
    assert!(says(Kind::Jpeg, size(9, 9), rgba).starts_with("refused: the picture has transparency"));
    assert!(says(Kind::WebP, size(16384, 9), rgb).starts_with("refused"));
    assert!(says(Kind::Jpeg, size(9, 65536), rgb).starts_with("refused"));
    assert!(says(Kind::Jpeg, size(9, 9), rgb).contains("16-bit becomes 8-bit"));
    assert!(says(Kind::WebP, size(9, 9), float).contains("floating point becomes 8-bit"));
    assert!(says(Kind::Png, size(9, 9), float).contains("it becomes 16-bit"));
    for kind in [Kind::Png, Kind::Tiff] {
        assert_eq!(says(kind, size(100_000, 9), rgba), "");
    }
}
