//! Profiles, EXIF, XMP, resolution and orientation.

use moxcms::ColorProfile;

use super::*;
use crate::metadata::Density;
use crate::metadata::exif::Exif;
use crate::metadata::ifd::{self, Field};

/// An EXIF block with a maker, an orientation, the exposure's size and, in the second directory, a thumbnail.
fn block(orientation: u8) -> Vec<u8> {
    let short = |n: u16| n.to_ne_bytes().to_vec();
    let field = |tag, data_type, value| Field { tag, data_type, value, position: 0 };
    let mut blob = if cfg!(target_endian = "big") { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
    blob.extend(8u32.to_ne_bytes());
    let main = [
        field(0x10F, 2, b"Maker of cameras\0".to_vec()),
        field(0x112, 3, short(orientation.into())),
        field(0x8769, 4, vec![0; 4]),
    ];
    let start = ifd::append(&mut blob, &main);
    let exposure =
        [field(0x9003, 2, b"2026:01:02 03:04:05\0".to_vec()), field(0xA002, 3, short(40)), field(0xA003, 3, short(30))];
    let offset = ifd::append(&mut blob, &exposure) as u32;
    blob[start + 2 + 24 + 8..][..4].copy_from_slice(&offset.to_ne_bytes());
    let thumbnail = ifd::append(&mut blob, &[field(0x201, 4, 8u32.to_ne_bytes().to_vec())]) as u32;
    blob[start + 2 + 36..][..4].copy_from_slice(&thumbnail.to_ne_bytes());
    blob
}

const XMP: &str = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
    rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    tiff:Orientation="6" dc:t="Grün"/></rdf:RDF>"#;

pub fn full() -> Metadata {
    Metadata {
        icc: Some(ColorProfile::new_display_p3().encode().unwrap()),
        exif: Exif::from_block(&block(6)),
        xmp: Some(XMP.into()),
        density: Density::new(300.0, 300.0, true),
        ..Metadata::default()
    }
}

#[test]
fn metadata_is_kept_between_formats() {
    let folder = tempfile::tempdir().unwrap();
    let (size, format) = (size(20, 10), Format::new(Sample::U8, Channels::Rgb));
    let data = picture(size, format);
    let given = full();
    let colour = Colour::Icc(given.icc.clone().unwrap().into());
    let file_formats = [FileFormat::Png, FileFormat::Jpeg, FileFormat::Tiff, FileFormat::WebP];
    // From each format into each other one.
    for first in file_formats {
        let from = folder.path().join(format!("from.{}", first.extension()));
        write(&from, first, size, format, &data, &colour, &given);
        let (read_once, pixels) = read(&from).unwrap();
        for second in file_formats {
            let what = format!("{first:?} to {second:?}");
            let to = folder.path().join(format!("to.{}", second.extension()));
            write(&to, second, size, format, &pixels, &read_once.colour(), &read_once.metadata);
            let (picture, _) = read(&to).unwrap();
            let found = &picture.metadata;
            assert_eq!(found.icc, given.icc, "{what}");
            assert_eq!(picture.colour(), colour, "{what}");
            let xmp = String::from_utf8(found.xmp.clone().unwrap()).unwrap();
            assert!(xmp.contains(r#"tiff:Orientation="1" dc:t="Grün""#), "{what}: {xmp}");
            let fields = found.exif.as_ref().unwrap().fields();
            assert_eq!(fields.main[0].value, b"Maker of cameras\0", "{what}");
            assert_eq!(fields.exif[0].value, b"2026:01:02 03:04:05\0", "{what}");
            let sides: Vec<_> = fields.exif[1..].iter().filter_map(Field::number).collect();
            assert_eq!(sides, [20, 10], "{what}");
            assert_eq!(found.exif.as_ref().unwrap().orientation(), 1, "{what}");
            let density = found.density.unwrap();
            assert!((density.x - 300.0).abs() < 0.01 && density.absolute, "{what}: {density:?}");
        }
    }
}

#[test]
fn a_density_is_found_in_exif_and_states_of_a_result_agree() {
    let folder = tempfile::tempdir().unwrap();
    let (size, format) = (size(20, 10), Format::new(Sample::U8, Channels::Rgb));
    let data = picture(size, format);
    for order in [b"II\x2a\0\x08\0\0\0\0\0\0\0\0\0", b"MM\0\x2a\0\0\0\x08\0\0\0\0\0\0"] {
        let mut exif = Exif::from_block(order).unwrap();
        exif.set_density(Density::new(600.0, 150.25, true).unwrap());
        assert_eq!(exif.density(), Density::new(600.0, 150.25, true));
        for first in [FileFormat::Png, FileFormat::Jpeg, FileFormat::WebP] {
            let from = folder.path().join(format!("from.{}", first.extension()));
            let metadata = Metadata { exif: Some(exif.clone()), ..Metadata::default() };
            write(&from, first, size, format, &data, &Colour::Srgb, &metadata);
            let (read_once, pixels) = read(&from).unwrap();
            assert_eq!(read_once.metadata.density, exif.density(), "{first:?}");
            let mut metadata = read_once.metadata;
            metadata.density = Density::new(300.0, 300.0, true);
            for second in [FileFormat::Png, FileFormat::Jpeg, FileFormat::WebP, FileFormat::Tiff] {
                let to = folder.path().join(format!("to.{}", second.extension()));
                write(&to, second, size, format, &pixels, &Colour::Srgb, &metadata);
                let found = read(&to).unwrap().0.metadata;
                assert!((found.density.unwrap().x - 300.0).abs() < 0.01, "{first:?} to {second:?}");
                if second != FileFormat::Tiff {
                    assert_eq!(found.exif.unwrap().density().unwrap(), metadata.density.unwrap());
                }
            }
        }
    }
}

#[test]
fn iptc_and_comments_are_kept_in_jpeg() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    let (size, format) = (size(20, 10), Format::new(Sample::U8, Channels::Rgb));
    let records = [b"\x1C\x02\x78\0\x05Hafen".repeat(9000), b"\x1C\x02\x05\0\x03Kai".to_vec()].concat();
    let metadata = Metadata {
        iptc: Some(records.clone()),
        comments: vec!["Grüße".to_owned(), "x".repeat(100)],
        density: Density::new(300.0, 300.0, true),
        ..Metadata::default()
    };
    write(&path, FileFormat::Jpeg, size, format, &picture(size, format), &Colour::Srgb, &metadata);
    let found = read(&path).unwrap().0.metadata;
    assert_eq!(found.iptc, Some(records));
    assert_eq!(found.comments, metadata.comments);
    assert_eq!(found.photoshop_density, metadata.density);
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
}

#[test]
fn the_thumbnail_is_removed_with_its_bytes() {
    let mut blob = block(3);
    let at = blob.len() as u32;
    // The entry of the thumbnail's offset is the last one; a second one with its length does not fit, so strips are used.
    let directory = u32::from_ne_bytes(*blob[8 + 2 + 36..].first_chunk().unwrap()) as usize;
    blob[directory + 2..][..2].copy_from_slice(&0x111u16.to_ne_bytes());
    blob[directory + 10..][..4].copy_from_slice(&(at + 18).to_ne_bytes());
    blob[directory..][..2].copy_from_slice(&2u16.to_ne_bytes());
    let length = [&0x117u16.to_ne_bytes()[..], &4u16.to_ne_bytes(), &1u32.to_ne_bytes(), &7u32.to_ne_bytes()].concat();
    blob.splice(directory + 14..directory + 14, length);
    blob.resize(at as usize + 18, 0);
    blob.extend(b"picture");
    let mut exif = Exif::from_block(&blob).unwrap();
    exif.update_for_result(Some(size(3, 3)), size(9, 9), None);
    assert!(!exif.bytes().windows(7).any(|w| w == b"picture"));
    assert!(exif.bytes().len() <= directory, "{} {directory}", exif.bytes().len());
    assert_eq!(exif.fields().main[0].value, b"Maker of cameras\0");
}

#[test]
fn the_thumbnail_is_unlinked() {
    let mut exif = Exif::from_block(&block(3)).unwrap();
    assert_eq!(exif.orientation(), 3);
    exif.update_for_result(None, size(100_000, 7), None);
    assert_eq!(exif.orientation(), 1);
    let fields = exif.fields();
    let sides: Vec<_> = fields.exif[1..].iter().filter_map(Field::number).collect();
    assert_eq!(sides, [100_000, 7]);
    assert_eq!(exif.bytes()[8 + 2 + 36..][..4], [0; 4]);
}

#[test]
fn broken_exif_never_panics() {
    let whole = block(6);
    for cut in 0..whole.len() {
        if let Some(mut exif) = Exif::from_block(&whole[..cut]) {
            exif.orientation();
            exif.update_for_result(Some(size(3, 3)), size(9, 9), Density::new(7.5, 8.0, true));
            exif.fields();
        }
    }
    for at in 0..whole.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut corrupted = whole.clone();
            corrupted[at] = value;
            if let Some(mut exif) = Exif::from_block(&corrupted) {
                exif.orientation();
                exif.update_for_result(Some(size(3, 3)), size(9, 9), Density::new(7.5, 8.0, true));
                exif.fields();
            }
        }
    }
}

/// `abcdef`, three wide, as each orientation stores it.
const STORED: [(&str, u32); 8] = [
    ("abcdef", 3),
    ("cbafed", 3),
    ("fedcba", 3),
    ("defabc", 3),
    ("adbecf", 2),
    ("cfbead", 2),
    ("fcebda", 2),
    ("daebfc", 2),
];

#[test]
fn every_orientation_is_applied_and_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let format = Format::new(Sample::U8, Channels::Rgb);
    for (index, (stored, width)) in STORED.iter().enumerate() {
        let orientation = index as u8 + 1;
        let stored_size = size(*width, 6 / width);
        let rgb = |text: &str| -> Vec<u8> { text.bytes().flat_map(|b| [b, b ^ 64, 255 - b]).collect() };
        for file_format in [FileFormat::Png, FileFormat::WebP, FileFormat::Tiff] {
            let path = folder.path().join(format!("a.{}", file_format.extension()));
            let metadata = Metadata { exif: Exif::from_block(&block(orientation)), ..Metadata::default() };
            let spec = WriteSpec {
                file_format,
                size: stored_size,
                format,
                colour: None,
                metadata,
                quality: None,
                memory: 1 << 20,
            };
            write_raw(&path, spec, &rgb(stored));
            if file_format == FileFormat::Tiff {
                set_tiff_orientation(&path, orientation);
            }
            let (picture, data) = read(&path).unwrap();
            assert_eq!(picture.size(), size(3, 2), "{file_format:?} {orientation}");
            assert!(data == rgb("abcdef"), "{file_format:?} {orientation}");
            let to = folder.path().join("b.png");
            write(&to, FileFormat::Png, size(3, 2), format, &data, &Colour::Srgb, &picture.metadata);
            let (again, data) = read(&to).unwrap();
            assert!(data == rgb("abcdef"), "{file_format:?} {orientation}");
            assert_eq!(again.metadata.exif.unwrap().orientation(), 1);
        }
    }
}

#[test]
fn a_jpeg_is_turned_upright() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    let format = Format::new(Sample::U8, Channels::Gray);
    // White at the left; turned to the right, white at the top.
    let data: Vec<u8> = (0..32 * 16).map(|i| if i % 32 < 16 { 255 } else { 0 }).collect();
    let metadata = Metadata { exif: Exif::from_block(&block(6)), ..Metadata::default() };
    let spec = WriteSpec {
        file_format: FileFormat::Jpeg,
        size: size(32, 16),
        format,
        colour: None,
        metadata,
        quality: Some(95),
        memory: 1 << 20,
    };
    write_raw(&path, spec, &data);
    let (picture, data) = read(&path).unwrap();
    assert_eq!(picture.size(), size(16, 32));
    assert!(data[..16].iter().all(|v| *v > 250) && data[31 * 16..].iter().all(|v| *v < 5));
}

fn set_tiff_orientation(path: &Path, orientation: u8) {
    let mut file = std::fs::read(path).unwrap();
    let entry: Vec<u8> = [0x112u16, 3]
        .iter()
        .flat_map(|n| n.to_ne_bytes())
        .chain(1u32.to_ne_bytes())
        .chain(1u16.to_ne_bytes())
        .collect();
    let at = file.windows(entry.len()).position(|w| w == entry).unwrap() + 8;
    file[at..at + 2].copy_from_slice(&u16::from(orientation).to_ne_bytes());
    std::fs::write(path, file).unwrap();
}

#[test]
fn png_texts_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let format = Format::new(Sample::U8, Channels::Gray);
    let texts = vec![("Comment".to_owned(), "a cat".to_owned()), ("Author".to_owned(), "Jürgen ☃".to_owned())];
    let metadata = Metadata { texts: texts.clone(), ..Metadata::default() };
    write(&path, FileFormat::Png, size(2, 2), format, &[0; 4], &Colour::Srgb, &metadata);
    assert_eq!(read(&path).unwrap().0.metadata.texts, texts);
}

/// Whatever a picture carries is in the result, in XMP instead, or named.
#[test]
fn everything_is_kept_moved_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let (size, format) = (size(20, 10), Format::new(Sample::U8, Channels::Rgb));
    let path = folder.path().join("a");
    let all = Metadata {
        iptc: Some([b"\x1C\x02\x78\0\x05Hafen".as_slice(), b"\x1C\x02\x76\0\x05Phone"].concat()),
        comments: vec!["a remark".to_owned()],
        texts: vec![("Author".to_owned(), "Ada".to_owned()), ("Warning".to_owned(), "hot".to_owned())],
        page_name: Some("cover".to_owned()),
        left_out: vec!["the motion video".to_owned()],
        ..full()
    };
    let colour = Colour::Icc(all.icc.clone().unwrap().into());
    for file_format in [FileFormat::Png, FileFormat::Jpeg, FileFormat::Tiff, FileFormat::WebP, FileFormat::Exr] {
        let conversion = Conversion::new(file_format, size, format, &colour, &all).unwrap();
        let notes = conversion.notes.join("; ");
        assert!(notes.contains("the motion video"), "{notes}");
        assert_eq!(notes.contains("EXIF"), file_format == FileFormat::Exr, "{notes}");
        let found = if file_format == FileFormat::Exr {
            conversion.metadata
        } else {
            write(&path, file_format, size, format, &picture(size, format), &colour, &all);
            read(&path).unwrap().0.metadata
        };
        let xmp = String::from_utf8(found.xmp.clone().unwrap()).unwrap();
        let has = |text: &str| {
            let records =
                found.iptc.as_ref().is_some_and(|block| block.windows(text.len()).any(|w| w == text.as_bytes()));
            records
                || found.comments.iter().any(|c| c == text)
                || found.texts.iter().any(|(_, t)| t == text)
                || found.page_name.as_deref() == Some(text)
        };
        for (text, words) in [
            ("Hafen", "IPTC records"),
            ("Phone", "the IPTC record \"contact\""),
            ("a remark", "comments"),
            ("Ada", "texts"),
            ("hot", "the text \"Warning\""),
            ("cover", "the page's name"),
        ] {
            let moved = xmp.contains(text);
            assert!(has(text) || notes.contains(words), "{file_format:?} {text}: {notes}");
            assert!(has(text) || moved || matches!(text, "Phone" | "hot"), "{file_format:?} {text}: {xmp}");
        }
    }
}
