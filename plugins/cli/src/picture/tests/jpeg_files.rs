//! JPEG files as other programs write them: colours, missing ends, segments.

use std::fs;

use jpeg_encoder::{ColorType, Encoder, ImageBuffer, JpegColorType, SamplingFactor};

use super::*;
use crate::metadata::exif::Exif;
use crate::metadata::ifd::{self, Field};
use crate::metadata::xmp;

/// Samples that are stored as they are.
struct Raw<'a>(&'a [u8], u16, u16);

impl ImageBuffer for Raw<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.1
    }

    fn height(&self) -> u16 {
        self.2
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let row = usize::from(self.1) * 3;
        for pixel in self.0[usize::from(y) * row..][..row].chunks(3) {
            (0..3).for_each(|n| buffers[n].push(pixel[n]));
        }
    }
}

/// A smooth picture of `count` samples a pixel.
fn smooth(width: u16, height: u16, count: usize) -> Vec<u8> {
    let (width, height) = (usize::from(width), usize::from(height));
    let value = |x: usize, y: usize, n: usize| ((x * 3 + y * 2 * (n + 1)) % 200 + 20 * n) as u8;
    (0..width * height * count).map(|i| value(i / count % width, i / count / width, i % count)).collect()
}

fn read_bytes(bytes: &[u8]) -> Result<(Picture, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    fs::write(&path, bytes).unwrap();
    read(&path)
}

fn segment(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, kind][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// A file with segments after its first mark, and with or without JFIF, which follows it.
fn with_segments(file: &[u8], jfif: bool, segments: &[Vec<u8>]) -> Vec<u8> {
    [&file[..2], &segments.concat(), &file[if jfif { 2 } else { 20 }..]].concat()
}

fn adobe(transform: u8) -> Vec<u8> {
    segment(0xEE, &[b'A', b'd', b'o', b'b', b'e', 0, 100, 0, 0, 0, 0, transform])
}

fn worst(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

/// The ids of the components of a baseline file, which the encoder writes as 0, 1, 2 or 1, 2, 3.
fn set_ids(file: &mut [u8], ids: [u8; 3]) {
    let frame = file.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    let scan = file.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap();
    for (n, id) in ids.into_iter().enumerate() {
        file[frame + 10 + 3 * n] = id;
        file[scan + 5 + 2 * n] = id;
    }
}

#[test]
fn pictures_stored_as_rgb_are_read_as_rgb() {
    let data = smooth(40, 30, 3);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 98);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder.encode_image(Raw(&data, 40, 30)).unwrap();
    let plain = |ids| {
        let mut file = file.clone();
        set_ids(&mut file, ids);
        file
    };
    for (bytes, rgb) in [
        (with_segments(&plain([1, 2, 3]), false, &[adobe(0)]), true),
        (with_segments(&plain(*b"RGB"), false, &[]), true),
        (with_segments(&plain(*b"RGB"), false, &[adobe(0)]), true),
        (with_segments(&plain([1, 2, 3]), false, &[adobe(1)]), false),
        (with_segments(&plain([1, 2, 3]), false, &[]), false),
        // JFIF is always YCbCr.
        (with_segments(&plain([1, 2, 3]), true, &[]), false),
    ] {
        let (picture, found) = read_bytes(&bytes).unwrap();
        assert_eq!(picture.format(), Format::new(Sample::U8, Channels::Rgb));
        assert_eq!(worst(&found, &data) < 12, rgb, "{}", worst(&found, &data));
    }
}

#[test]
fn inks_become_srgb() {
    // No ink, all cyan, half black: in a file 255 is no ink, which the encoder sees to or not.
    let inks: Vec<u8> =
        [[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 128]].iter().flat_map(|ink| ink.repeat(8 * 16)).collect();
    for kind in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let mut file = Vec::new();
        Encoder::new(&mut file, 100).encode(&inks, 8, 48, kind).unwrap();
        let (picture, found) = read_bytes(&file).unwrap();
        let row = |y: usize| [found[y * 24], found[y * 24 + 1], found[y * 24 + 2]];
        for (y, expected) in [(4, [255, 255, 255]), (24, [0, 255, 255]), (40, [127, 127, 127])] {
            assert!(worst(&row(y), &expected) < 4, "{kind:?} {y}: {:?}", row(y));
        }
        assert!(picture.notes[0].contains("CMYK") && picture.metadata.icc.is_none(), "{:?}", picture.notes);
    }
}

/// Files of every coding that the decoder reads.
fn codings() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for (progressive, sampling, interval) in [
        (false, SamplingFactor::F_1_1, 0),
        (false, SamplingFactor::F_2_2, 0),
        (false, SamplingFactor::F_2_1, 3),
        (true, SamplingFactor::F_1_1, 0),
        (true, SamplingFactor::F_2_2, 0),
        (true, SamplingFactor::F_2_2, 5),
    ] {
        for (width, height) in [(61, 47), (16, 16), (1, 1), (130, 9)] {
            for colour in [ColorType::Rgb, ColorType::Luma] {
                let count = if colour == ColorType::Rgb { 3 } else { 1 };
                let mut file = Vec::new();
                let mut encoder = Encoder::new(&mut file, 90);
                encoder.set_progressive(progressive);
                encoder.set_sampling_factor(sampling);
                if interval > 0 {
                    encoder.set_restart_interval(interval);
                }
                encoder.encode(&smooth(width, height, count), width, height, colour).unwrap();
                files.push(file);
            }
        }
    }
    files
}

#[test]
fn a_missing_end_mark_is_a_warning_and_missing_pixels_are_an_error() {
    let trailer = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1411111111111SEFHj\0\0\0SEFT";
    for file in codings() {
        let (whole, pixels) = read_bytes(&file).unwrap();
        assert!(whole.notes.is_empty(), "{:?}", whole.notes);
        let body = &file[..file.len() - 2];
        for ending in [&b""[..], trailer, b"\xFF", b"\xFF\xFF\xFF"] {
            let (picture, found) = read_bytes(&[body, ending].concat()).unwrap();
            assert!(found == pixels && picture.notes.len() == 1, "{:?}", picture.notes);
            assert!(picture.notes[0].contains("end mark"));
        }
        let scan = file.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap();
        for part in 1..8 {
            let cut = scan + 10 + (body.len() - scan - 12).saturating_sub(4) * part / 8;
            for ending in [&b""[..], trailer, b"\xFF\xD9"] {
                let cut_file = [&file[..cut], ending].concat();
                match read_bytes(&cut_file) {
                    Err(error) => assert!(error.message().contains("damaged or cut short"), "{error}"),
                    // Bytes of the trailer can pass for the codes of a small picture's last blocks.
                    Ok(_) => assert!(ending == trailer, "{cut} of {}", file.len()),
                }
            }
        }
    }
}

#[test]
fn what_follows_the_end_is_passed_over_and_named() {
    let mut file = Vec::new();
    Encoder::new(&mut file, 90).encode(&smooth(20, 10, 3), 20, 10, ColorType::Rgb).unwrap();
    let pixels = read_bytes(&file).unwrap().1;
    for (rest, named) in [
        (&b""[..], None),
        (&[0; 300], None),
        (b"\n", None),
        (&[b"\0\0\0\x18ftypmp42".as_slice(), &[1; 99]].concat(), Some("the motion video")),
        (&file.clone(), Some("the further pictures of the file (MPF)")),
        (&[7; 100], Some("data after the end of the picture")),
    ] {
        let (picture, found) = read_bytes(&[&file, rest].concat()).unwrap();
        assert!(found == pixels);
        assert_eq!(picture.metadata.left_out.first().map(String::as_str), named);
    }
}

#[test]
fn segments_that_no_result_keeps_are_named_once() {
    let mut file = Vec::new();
    Encoder::new(&mut file, 90).encode(&smooth(20, 10, 3), 20, 10, ColorType::Rgb).unwrap();
    let segments = [
        segment(0xE2, b"MPF\0II*\0"),
        segment(0xE2, b"MPF\0II*\0"),
        segment(0xEB, b"JP\0\0"),
        segment(0xEC, b"Ducky\0\x01\0\x04\0\0\0\x3c\0\0"),
        segment(0xE3, b"Meta\0"),
        segment(0xE0, b"JFXX\0\x10"),
    ];
    let metadata = read_bytes(&with_segments(&file, true, &segments)).unwrap().0.metadata;
    assert_eq!(
        metadata.left_out,
        [
            "the further pictures of the file (MPF)",
            "content credentials (C2PA), which hold for the old file only",
            "segments that only the program that wrote them can read",
        ]
    );
}

#[test]
fn codings_that_are_not_supported_are_named() {
    let mut file = Vec::new();
    Encoder::new(&mut file, 90).encode(&smooth(20, 10, 3), 20, 10, ColorType::Rgb).unwrap();
    let frame = file.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    for (kind, precision, name) in [
        (0xC1, 10, "a 10-bit JPEG"),
        (0xC2, 16, "a 16-bit JPEG"),
        (0xC3, 16, "a lossless JPEG"),
        (0xC5, 8, "a hierarchical JPEG"),
        (0xC9, 8, "an arithmetic-coded JPEG"),
        (0xCA, 8, "an arithmetic-coded JPEG"),
    ] {
        file[frame + 1] = kind;
        file[frame + 4] = precision;
        let error = read_bytes(&file).err().unwrap();
        assert!(error.message().contains(name) && !error.message().contains("damaged"), "{error}");
    }
}

#[test]
fn large_metadata_is_divided_or_reduced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    let (size, format) = (size(8, 8), Format::new(Sample::U8, Channels::Gray));
    let mut packet = xmp::Packet::empty();
    for (name, text) in [("title", "short".to_owned()), ("description", "long ".repeat(40_000))] {
        packet.add(&[xmp::Property {
            namespace: "http://purl.org/dc/elements/1.1/",
            prefix: "dc",
            name,
            value: xmp::Value::Localised(text),
        }]);
    }
    let note = Field { tag: 0x927C, data_type: 7, value: vec![9; 70_000], position: 0 };
    let date = Field { tag: 0x9003, data_type: 2, value: b"2026:01:02 03:04:05\0".to_vec(), position: 0 };
    let mut blob = if cfg!(target_endian = "big") { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
    blob.extend(8u32.to_ne_bytes());
    let pointer = Field { tag: 0x8769, data_type: 4, value: 26u32.to_ne_bytes().to_vec(), position: 0 };
    ifd::append(&mut blob, &[pointer]);
    assert_eq!(ifd::append(&mut blob, &[note, date]), 26);
    let metadata =
        Metadata { xmp: Some(packet.clone().into_bytes()), exif: Exif::from_block(&blob), ..Metadata::default() };
    let conversion = Conversion::new(FileFormat::Jpeg, size, format, &Colour::Srgb, &metadata).unwrap();
    assert_eq!(conversion.notes.len(), 1, "{:?}", conversion.notes);
    assert!(conversion.notes[0].contains("maker note"));
    write(&path, FileFormat::Jpeg, size, format, &[128; 64], &Colour::Srgb, &metadata);
    let found = read(&path).unwrap().0.metadata;
    let found_packet = xmp::Packet::parse(found.xmp.as_ref().unwrap()).unwrap();
    for name in ["title", "description"] {
        let dublin_core = "http://purl.org/dc/elements/1.1/";
        assert_eq!(found_packet.text(dublin_core, name), packet.text(dublin_core, name));
    }
    let fields = found.exif.unwrap().fields();
    assert_eq!(fields.exif[0].value, b"2026:01:02 03:04:05\0");
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
}

/// The parts of a gray file: its tables and the codes of its pixels.
fn gray_parts(data: &[u8], width: u16, height: u16) -> (Vec<u8>, Vec<u8>) {
    let mut file = Vec::new();
    Encoder::new(&mut file, 95).encode(data, width, height, ColorType::Luma).unwrap();
    let (mut at, mut tables) = (2, Vec::new());
    loop {
        let length = 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        match file[at + 1] {
            0xC4 | 0xDB => tables.extend(&file[at..at + length]),
            0xDA => return (tables, file[at + length..file.len() - 2].to_vec()),
            _ => {}
        }
        at += length;
    }
}

#[test]
fn components_may_come_one_after_the_other() {
    for (width, height, sampling) in [(40u16, 24u16, 0x22), (37, 21, 0x22), (40, 24, 0x21), (33, 17, 0x11)] {
        let part = |side: u16, factor: u8| side.div_ceil(u16::from(factor));
        let (across, down) = (part(width, sampling >> 4), part(height, sampling & 15));
        let luma = smooth(width, height, 1);
        let (tables, y) = gray_parts(&luma, width, height);
        let flat = |value: u8| gray_parts(&vec![value; usize::from(across) * usize::from(down)], across, down).1;
        let frame =
            [&[8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[3, 1, sampling, 0, 2, 0x11, 0, 3, 0x11, 0]];
        let mut file = [&[0xFF, 0xD8][..], &tables, &segment(0xC0, &frame.concat())].concat();
        for (id, codes) in [(1, y), (2, flat(128)), (3, flat(160))] {
            file.extend(segment(0xDA, &[1, id, 0, 0, 63, 0]));
            file.extend(codes);
        }
        let cut = file.len() - 2;
        file.extend([0xFF, 0xD9]);
        let (picture, found) = read_bytes(&file).unwrap();
        assert!(picture.notes.is_empty());
        for (pixel, y) in found.chunks(3).zip(&luma) {
            let y = f32::from(*y);
            let expected = [y + 1.402 * 32.0, y - 0.714 * 32.0, y].map(|v| v.clamp(0.0, 255.0) as u8);
            assert!(worst(pixel, &expected) < 16, "{width}x{height} {sampling:x}: {pixel:?} {expected:?}");
        }
        assert!(read_bytes(&file[..cut]).is_err());
    }
}
