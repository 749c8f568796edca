//! What the values of a PNG mean, by its chunks and by EXIF.

use moxcms::ColorProfile;

use super::damaged::crc;
use super::*;
use crate::metadata::exif::Exif;
use crate::metadata::ifd::{self, Field};

/// A PNG of two pixels with `chunks` before its pixels.
fn png(gray: bool, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 2, 1);
    encoder.set_color(if gray { png::ColorType::Grayscale } else { png::ColorType::Rgb });
    let data = if gray { &[10, 128][..] } else { &[10, 20, 30, 128, 128, 128] };
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    let mut inserted = Vec::new();
    for (name, data) in chunks {
        let body = [name.as_slice(), data].concat();
        inserted.extend((data.len() as u32).to_be_bytes());
        inserted.extend(&body);
        inserted.extend(crc(&body).to_be_bytes());
    }
    file.splice(33..33, inserted);
    file
}

fn read_png(gray: bool, chunks: &[(&[u8; 4], Vec<u8>)]) -> Picture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, png(gray, chunks)).unwrap();
    read(&path).unwrap().0
}

fn gamma(value: u32) -> (&'static [u8; 4], Vec<u8>) {
    (b"gAMA", value.to_be_bytes().to_vec())
}

fn primaries(points: [u32; 8]) -> (&'static [u8; 4], Vec<u8>) {
    (b"cHRM", points.iter().flat_map(|n| n.to_be_bytes()).collect())
}

const SRGB: [u32; 8] = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
const ADOBE: [u32; 8] = [31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000];

/// The encoded sRGB value, of 255, of a gray of 128 in the picture.
fn gray_128(picture: &Picture) -> f32 {
    let Some(icc) = &picture.metadata.icc else { return 128.0 };
    let profile = ColorProfile::new_from_slice(icc).unwrap();
    let gray = picture.format().channels.is_gray();
    let layout = if gray { moxcms::Layout::Gray } else { moxcms::Layout::Rgb };
    let options = moxcms::TransformOptions::default();
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(layout, &srgb, moxcms::Layout::Rgb, options).unwrap();
    let mut seen = [0; 3];
    transform.transform(if gray { &[128] } else { &[128, 128, 128] }, &mut seen).unwrap();
    assert!(seen[0].abs_diff(seen[1]) < 2 && seen[1].abs_diff(seen[2]) < 2, "{seen:?}");
    seen[1].into()
}

#[test]
fn gamma_alone_and_primaries_alone_are_a_meaning() {
    for gray in [false, true] {
        for (value, expected) in [(100_000, 188.0), (55_556, 146.0), (45_455, 128.0), (45_000, 128.0), (0, 128.0)] {
            let picture = read_png(gray, &[gamma(value)]);
            assert!((gray_128(&picture) - expected).abs() < 2.5, "{value}: {}", gray_128(&picture));
            assert_eq!(picture.metadata.icc.is_none(), expected == 128.0, "{value}");
            assert_eq!(picture.metadata.icc.is_none(), picture.colour() == Colour::Srgb);
        }
    }
    for chunks in [&[primaries(ADOBE)][..], &[gamma(45_455), primaries(ADOBE)], &[primaries(ADOBE), gamma(45_455)]] {
        let picture = read_png(false, chunks);
        let profile = ColorProfile::new_from_slice(picture.metadata.icc.as_ref().unwrap()).unwrap();
        let adobe = ColorProfile::new_adobe_rgb();
        assert!((profile.green_colorant.x - adobe.green_colorant.x).abs() < 1e-3);
        assert!((gray_128(&picture) - 128.0).abs() < 2.5);
    }
    assert!(read_png(false, &[gamma(45_455), primaries(SRGB)]).metadata.icc.is_none());
    // A gray picture has no primaries.
    assert!(read_png(true, &[primaries(ADOBE)]).metadata.icc.is_none());
    let broken = read_png(false, &[primaries([0; 8])]);
    assert!(broken.metadata.icc.is_none() && broken.notes[0].contains("implausible"), "{:?}", broken.notes);
}

#[test]
fn the_stronger_statement_counts() {
    let srgb = (b"sRGB", vec![0]);
    let p3 = (b"cICP", vec![12, 13, 0, 1]);
    assert!(read_png(false, &[gamma(100_000), srgb.clone()]).metadata.icc.is_none());
    let picture = read_png(false, &[gamma(100_000), primaries(ADOBE), p3, srgb.clone()]);
    let profile = ColorProfile::new_from_slice(picture.metadata.icc.as_ref().unwrap()).unwrap();
    assert!((profile.green_colorant.x - ColorProfile::new_display_p3().green_colorant.x).abs() < 1e-3);
    assert!((gray_128(&picture) - 128.0).abs() < 1.5);
    assert!(read_png(false, &[(b"cICP", vec![1, 13, 0, 1]), gamma(100_000)]).metadata.icc.is_none());
    let unknown = read_png(false, &[(b"cICP", vec![77, 13, 0, 1]), srgb]);
    assert!(unknown.metadata.icc.is_none() && unknown.notes.len() == 1, "{:?}", unknown.notes);
}

#[test]
fn hdr_values_are_kept_with_their_chunks_in_png_only() {
    for transfer in [16, 18] {
        let chunks = [(b"cICP", vec![9, transfer, 0, 1]), (b"mDCV", vec![7; 24]), (b"cLLI", vec![8; 8])];
        let picture = read_png(false, &chunks);
        assert_eq!((picture.notes.len(), picture.colour()), (1, Colour::Srgb));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.png");
        let (size, format) = (picture.size(), picture.format());
        write(&path, FileFormat::Png, size, format, &[1, 2, 3, 4, 5, 6], &Colour::Srgb, &picture.metadata);
        let again = read(&path).unwrap().0;
        assert_eq!(again.metadata.png_chunks, picture.metadata.png_chunks);
        assert_eq!(again.metadata.png_chunks.len(), 3);
        let file = std::fs::read(&path).unwrap();
        assert!(!file.windows(4).any(|w| w == b"sRGB"));
        for file_format in [FileFormat::Jpeg, FileFormat::Tiff, FileFormat::WebP, FileFormat::Exr] {
            let refused = Conversion::new(file_format, size, format, &Colour::Srgb, &picture.metadata);
            assert!(refused.err().unwrap().message().contains("HDR"), "{file_format:?}");
        }
    }
}

#[test]
fn chunks_that_no_result_keeps_are_named() {
    let chunks =
        [(b"prVW", vec![1; 9]), (b"mkBF", vec![1]), (b"tIME", vec![7, 234, 1, 1, 0, 0, 0]), (b"caBX", vec![0; 20])];
    let picture = read_png(false, &chunks);
    let expected = ["content credentials (C2PA), which hold for the old file only", "the PNG chunks prVW, mkBF"];
    assert_eq!(picture.metadata.left_out, expected);
    let conversion =
        Conversion::new(FileFormat::Png, picture.size(), picture.format(), &Colour::Srgb, &picture.metadata).unwrap();
    assert!(conversion.notes[0].contains("prVW, mkBF"), "{:?}", conversion.notes);
}

#[test]
fn blocks_that_image_magick_writes_as_digits_are_read() {
    let block = exif_with(1, Some(b"R98\0"));
    let digits: String = block.iter().map(|b| format!("{b:02x}")).collect();
    let text = |kind: &str, digits: &str| {
        (b"tEXt", format!("Raw profile type {kind}\0\n{kind}\n    {}\n{digits}\n", digits.len() / 2).into_bytes())
    };
    let iptc: String = b"\x1C\x02\x05\0\x03Kai".iter().map(|b| format!("{b:02x}")).collect();
    let picture = read_png(false, &[text("exif", &digits), text("iptc", &iptc), text("exif", "0z")]);
    assert_eq!(picture.metadata.exif, Exif::from_block(&block));
    assert_eq!(picture.metadata.iptc.as_deref(), Some(&b"\x1C\x02\x05\0\x03Kai"[..]));
    assert!(picture.metadata.texts.is_empty());
    assert_eq!(picture.metadata.left_out.len(), 1);
}

/// An EXIF block with a colour space and an index of interoperability.
pub fn exif_with(space: u16, index: Option<&[u8]>) -> Vec<u8> {
    let field = |tag, data_type, value| Field { tag, data_type, value, position: 0 };
    let mut blob = if cfg!(target_endian = "big") { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
    blob.extend(8u32.to_ne_bytes());
    let main = ifd::append(&mut blob, &[field(0x8769, 4, vec![0; 4])]);
    let mut fields = vec![field(0xA001, 3, space.to_ne_bytes().to_vec())];
    fields.extend(index.map(|_| field(0xA005, 4, vec![0; 4])));
    let exif = ifd::append(&mut blob, &fields);
    blob[main + 10..][..4].copy_from_slice(&(exif as u32).to_ne_bytes());
    if let Some(index) = index {
        let at = ifd::append(&mut blob, &[field(1, 2, index.to_vec())]);
        blob[exif + 22..][..4].copy_from_slice(&(at as u32).to_ne_bytes());
    }
    blob
}

#[test]
fn exif_can_say_adobe_rgb() {
    let cases: [(u16, Option<&[u8]>, bool); 6] = [
        (1, None, false),
        (1, Some(b"R98\0"), false),
        (2, None, true),
        (65535, Some(b"R03\0"), true),
        (65535, Some(b"R98\0"), false),
        (65535, None, false),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (size, format) = (size(16, 8), Format::new(Sample::U8, Channels::Rgb));
    for (space, index, adobe) in cases {
        let exif = Exif::from_block(&exif_with(space, index));
        for file_format in [FileFormat::Jpeg, FileFormat::WebP, FileFormat::Png] {
            let path = folder.path().join("a");
            let metadata = Metadata { exif: exif.clone(), ..Metadata::default() };
            write(&path, file_format, size, format, &picture(size, format), &Colour::Srgb, &metadata);
            let found = read(&path).unwrap().0;
            // Our PNG says that it is in sRGB, which counts more.
            let expected = adobe && file_format != FileFormat::Png;
            assert_eq!(found.metadata.icc.is_some(), expected, "{space} {index:?} {file_format:?}");
            assert!(found.notes.is_empty(), "{:?}", found.notes);
        }
        let picture = read_png(false, &[(b"eXIf", exif_with(space, index))]);
        assert_eq!(picture.metadata.icc.is_some(), adobe);
    }
}

#[test]
fn a_profile_that_cannot_be_used_gives_way_to_what_else_is_stated() {
    // Not a profile at all, stored as zlib stores bytes without compression; and one that is not even that.
    let adler = [0x05, 0x8C, 0x01, 0xF5];
    let packed = [&[0x78, 1, 1, 3, 0, 0xFC, 0xFF][..], b"abc", &adler].concat();
    for content in [packed, vec![1, 2, 3]] {
        let iccp = (b"iCCP", [b"name\0\0".as_slice(), &content].concat());
        let picture = read_png(false, std::slice::from_ref(&iccp));
        assert!(picture.metadata.icc.is_none(), "{:?}", picture.notes);
        assert!(picture.notes.len() == 1 && picture.notes[0].contains("taken as sRGB"), "{:?}", picture.notes);
        let picture = read_png(false, &[gamma(100_000), iccp]);
        assert!((gray_128(&picture) - 188.0).abs() < 2.5);
        assert!(picture.notes.len() == 1 && picture.notes[0].contains("as gAMA"), "{:?}", picture.notes);
    }
}
