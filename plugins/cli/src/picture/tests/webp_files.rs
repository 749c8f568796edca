//! WebP: lossy results, and files as other programs write them.

use std::fs;

use super::*;

#[test]
fn lossy_results_depend_on_the_quality_and_keep_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.webp");
    let size = size(64, 48);
    for channels in ALL {
        let format = Format::new(Sample::U8, channels);
        let count = channels.count();
        let data: Vec<u8> =
            (0..64 * 48 * count).map(|i| (i / count % 64 * 3 + i / count / 64 * 2 + 10 * (i % count)) as u8).collect();
        let metadata = metadata::full();
        let colour = Colour::Icc(metadata.icc.clone().unwrap().into());
        let gray = channels.is_gray();
        let metadata = if gray { Metadata { icc: None, ..metadata } } else { metadata };
        let colour = if gray { Colour::Srgb } else { colour };
        let conversion = Conversion::new(FileFormat::WebP, size, format, &colour, &metadata).unwrap();
        let mut sizes = Vec::new();
        for quality in [Some(20), Some(95), None] {
            let spec = WriteSpec {
                file_format: FileFormat::WebP,
                size,
                format: conversion.format,
                colour: None,
                metadata: conversion.metadata.clone(),
                quality,
                memory: 1 << 24,
            };
            write_raw(&path, spec, &data);
            sizes.push(fs::metadata(&path).unwrap().len());
            let (picture, found) = read(&path).unwrap();
            assert_eq!((&picture.metadata.icc, picture.metadata.density), (&metadata.icc, metadata.density));
            assert!(picture.metadata.xmp.is_some() && picture.metadata.exif.is_some());
            assert_eq!(picture.format().channels.has_alpha(), channels.has_alpha());
            let middle = 24 * 64 + 32;
            let found_count = picture.format().channels.count();
            let (from, to) = (&data[middle * count..][..count], &found[middle * found_count..][..found_count]);
            let (first, last) = (from[0].abs_diff(to[0]), from[count - 1].abs_diff(to[found_count - 1]));
            assert!(first < 24 && last < 24, "{channels:?} {quality:?}: {from:?} {to:?}");
        }
        assert!(sizes[0] < sizes[1], "{sizes:?}");
    }
}

fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    for (name, content) in chunks {
        file.extend(*name);
        file.extend((content.len() as u32).to_le_bytes());
        file.extend(content);
        file.resize(file.len().next_multiple_of(2), 0);
    }
    let length = file.len() as u32 - 8;
    file[4..8].copy_from_slice(&length.to_le_bytes());
    file
}

#[test]
fn animations_are_refused_with_the_number_of_their_frames() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.webp");
    let (size, format) = (size(8, 8), Format::new(Sample::U8, Channels::Rgb));
    write(&path, FileFormat::WebP, size, format, &picture(size, format), &Colour::Srgb, &Metadata::default());
    let still = fs::read(&path).unwrap();
    let picture = &still[12..];
    let mut frame = vec![0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 100, 0, 0, 0];
    frame.extend(picture);
    let header = vec![0x02, 0, 0, 0, 7, 0, 0, 7, 0, 0];
    let frames = vec![(b"ANMF", frame); 3];
    let chunks = [vec![(b"VP8X", header), (b"ANIM", vec![0; 6])], frames].concat();
    fs::write(&path, riff(&chunks)).unwrap();
    let error = read(&path).err().unwrap();
    assert!(error.message().contains("an animated WebP of 3 frames"), "{error}");
}

#[test]
fn chunks_that_no_result_keeps_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.webp");
    let (size, format) = (size(8, 8), Format::new(Sample::U8, Channels::Rgb));
    write(&path, FileFormat::WebP, size, format, &picture(size, format), &Colour::Srgb, &Metadata::default());
    let still = fs::read(&path).unwrap();
    let length = u32::from_le_bytes(*still[16..].first_chunk().unwrap()) as usize;
    let header = vec![0, 0, 0, 0, 7, 0, 0, 7, 0, 0];
    let picture = still[20..20 + length].to_vec();
    let chunks = [(b"VP8X", header), (b"VP8L", picture), (b"C2PA", vec![1; 5]), (b"MINE", vec![2; 4])];
    fs::write(&path, riff(&chunks)).unwrap();
    let left_out = read(&path).unwrap().0.metadata.left_out;
    assert_eq!(left_out, ["content credentials (C2PA), which hold for the old file only", "the WebP chunk MINE"]);
}
