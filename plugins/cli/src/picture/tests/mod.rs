//! Every format is written and read back.
//!
//! Pictures are generated, written with the writers, read with the readers, and compared. Rare layouts and damaged files
//! have modules of their own.

mod damaged;
mod exr_files;
mod jpeg_files;
mod layouts;
mod metadata;
mod mutated;
// They ask Python and its packages, which Wine does not have.
#[cfg(unix)]
mod other_programs;
mod png_colours;
mod samples;
mod tiff_files;
mod webp_files;

use std::fs::File;
use std::path::Path;

use enlarger::{Alpha, Channels, Colour, Format, Result, Sample, Sink, Size, Source};
use half::f16;

use super::source::Picture;
use super::{Conversion, FileFormat, OpenOptions, WriteSpec, Writer, open};
use crate::metadata::Metadata;

/// A pseudo-random picture, the same on every run.
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

/// Writes `data` as the command does.
fn write(
    path: &Path,
    file_format: FileFormat,
    size: Size,
    format: Format,
    data: &[u8],
    colour: &Colour,
    metadata: &Metadata,
) {
    let conversion = Conversion::new(file_format, size, format, colour, metadata).unwrap();
    let spec = WriteSpec {
        file_format,
        size,
        format: conversion.format,
        colour: conversion.colour,
        metadata: conversion.metadata,
        quality: (file_format == FileFormat::Jpeg).then_some(95),
        memory: 1 << 30,
    };
    let mut writer = Writer::new(File::create(path).unwrap(), spec).unwrap();
    for (y, row) in data.chunks_exact(writer.format().row_size(size.width)).enumerate() {
        writer.write(y as u32, row).unwrap();
    }
    writer.finish().unwrap();
}

/// Writes exactly what `spec` says.
fn write_raw(path: &Path, spec: WriteSpec, data: &[u8]) {
    let stride = spec.format.row_size(spec.size.width);
    let mut writer = Writer::new(File::create(path).unwrap(), spec).unwrap();
    data.chunks_exact(stride).enumerate().for_each(|(y, row)| writer.write(y as u32, row).unwrap());
    writer.finish().unwrap();
}

fn read(path: &Path) -> Result<(Picture, Vec<u8>)> {
    let mut picture = open(path, &OpenOptions::default())?;
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
fn lossless_formats_keep_every_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let premultiplied = |sample, channels| Format { alpha: Alpha::Premultiplied, ..Format::new(sample, channels) };
    let mut cases = Vec::new();
    for channels in ALL {
        for sample in [Sample::U8, Sample::U16] {
            cases.push((FileFormat::Png, Format::new(sample, channels), Colour::Srgb));
            cases.push((FileFormat::Tiff, premultiplied(sample, channels), Colour::Srgb));
        }
        for sample in [Sample::U8, Sample::U16, Sample::F16, Sample::F32] {
            cases.push((FileFormat::Tiff, Format::new(sample, channels), Colour::Srgb));
        }
        for sample in [Sample::F16, Sample::F32] {
            cases.push((FileFormat::Exr, premultiplied(sample, channels), Colour::LinearSrgb));
        }
    }
    cases.push((FileFormat::WebP, Format::new(Sample::U8, Channels::Rgb), Colour::Srgb));
    cases.push((FileFormat::WebP, Format::new(Sample::U8, Channels::Rgba), Colour::Srgb));
    for (file_format, format, colour) in cases {
        for size in [size(37, 23), size(1, 1), size(3, 500), size(700, 2)] {
            let what = format!("{file_format:?} {format:?} {size}");
            let path = folder.path().join(format!("a.{}", file_format.extension()));
            let data = picture(size, format);
            write(&path, file_format, size, format, &data, &colour, &Metadata::default());
            let (picture, back) = read(&path).expect(&what);
            assert_eq!(
                (picture.size(), picture.file_format, picture.colour()),
                (size, file_format, colour.clone()),
                "{what}"
            );
            let alpha = if format.channels.has_alpha() { format.alpha } else { picture.format().alpha };
            assert_eq!(picture.format(), Format { alpha, ..format }, "{what}");
            assert!(data == back, "{what}: the pixels differ");
            assert!(picture.notes.is_empty(), "{what}: {:?}", picture.notes);
        }
    }
}

#[test]
fn jpeg_pixels_are_close() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    for channels in [Channels::Gray, Channels::Rgb] {
        for size in [size(64, 48), size(1, 1), size(3, 500), size(33, 17)] {
            let format = Format::new(Sample::U8, channels);
            let stride = format.row_size(size.width);
            let data: Vec<u8> = (0..stride * size.height as usize)
                .map(|i| ((i % stride / channels.count() + i / stride) % 200 + 20) as u8)
                .collect();
            write(&path, FileFormat::Jpeg, size, format, &data, &Colour::Srgb, &Metadata::default());
            let (picture, back) = read(&path).unwrap();
            assert_eq!((picture.size(), picture.format()), (size, format));
            let worst = data.iter().zip(&back).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst < 24, "{channels:?} {size}: {worst}");
        }
    }
}

#[test]
fn rows_can_be_skipped_and_read_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let (size, format) = (size(37, 600), Format::new(Sample::U16, Channels::Rgb));
    let data = picture(size, format);
    for file_format in [FileFormat::Png, FileFormat::Tiff] {
        let path = folder.path().join(format!("a.{}", file_format.extension()));
        write(&path, file_format, size, format, &data, &Colour::Srgb, &Metadata::default());
        let mut picture = open(&path, &OpenOptions::default()).unwrap();
        for y in [5, 6, 300, 599] {
            let mut row = vec![0; 11 * 6];
            picture.read(7, y, &mut row).unwrap();
            let start = y as usize * 37 * 6 + 7 * 6;
            assert!(row == data[start..start + row.len()], "{file_format:?} {y}");
        }
    }
}

#[test]
fn losses_are_noted_and_impossible_conversions_refused() {
    let rgba = Format::new(Sample::U16, Channels::Rgba);
    let rgb = Format::new(Sample::U16, Channels::Rgb);
    let float = Format::new(Sample::F32, Channels::Rgb);
    let none = Metadata::default();
    let outcome = |file_format, size, format| match Conversion::new(file_format, size, format, &Colour::Srgb, &none) {
        Ok(conversion) => conversion.notes.join(";"),
        Err(error) => format!("refused: {}", error.message()),
    };
    assert!(outcome(FileFormat::Jpeg, size(9, 9), rgba).starts_with("refused: the picture has transparency"));
    assert!(outcome(FileFormat::WebP, size(16384, 9), rgb).starts_with("refused"));
    assert!(outcome(FileFormat::Jpeg, size(9, 65536), rgb).starts_with("refused"));
    assert!(outcome(FileFormat::Jpeg, size(9, 9), rgb).contains("16-bit becomes 8-bit"));
    assert!(outcome(FileFormat::WebP, size(9, 9), float).contains("floating point becomes 8-bit"));
    assert!(outcome(FileFormat::Png, size(9, 9), float).contains("it becomes 16-bit"));
    for file_format in [FileFormat::Png, FileFormat::Tiff] {
        assert_eq!(outcome(file_format, size(100_000, 9), rgba), "");
    }
}
