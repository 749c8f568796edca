//! TIFF files with several directories, old JPEG, and the metadata that only TIFF has.

use std::fs;

use super::*;
use crate::metadata::geo::Geo;
use crate::metadata::ifd::{self, Field};

/// A TIFF in the machine's byte order, to which directories are appended.
struct Tiff {
    blob: Vec<u8>,
    /// Where the offset of the next directory of the chain goes.
    link: usize,
}

fn short(tag: u16, values: &[u16]) -> Field {
    Field { tag, data_type: 3, value: values.iter().flat_map(|v| v.to_ne_bytes()).collect(), position: 0 }
}

fn long(tag: u16, values: &[u32]) -> Field {
    Field { tag, data_type: 4, value: values.iter().flat_map(|v| v.to_ne_bytes()).collect(), position: 0 }
}

fn bytes(tag: u16, data_type: u16, value: &[u8]) -> Field {
    Field { tag, data_type, value: value.to_vec(), position: 0 }
}

fn doubles(tag: u16, values: &[f64]) -> Field {
    Field { tag, data_type: 12, value: values.iter().flat_map(|v| v.to_ne_bytes()).collect(), position: 0 }
}

impl Tiff {
    fn new() -> Self {
        let mut blob = if cfg!(target_endian = "big") { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
        blob.extend([0; 4]);
        Tiff { blob, link: 4 }
    }

    /// A gray picture of one value, outside of the chain. Later fields replace those with the same tag.
    fn picture(&mut self, width: u32, height: u32, value: u8, more: &[Field]) -> u32 {
        let at = self.blob.len() as u32;
        self.blob.extend(vec![value; (width * height) as usize]);
        let mut fields = vec![
            long(256, &[width]),
            long(257, &[height]),
            short(258, &[8]),
            short(259, &[1]),
            short(262, &[1]),
            long(273, &[at]),
            short(277, &[1]),
            long(278, &[height]),
            long(279, &[width * height]),
        ];
        for field in more {
            fields.retain(|f| f.tag != field.tag);
            fields.push(field.clone());
        }
        self.directory(fields)
    }

    fn directory(&mut self, mut fields: Vec<Field>) -> u32 {
        fields.sort_by_key(|f| f.tag);
        ifd::append(&mut self.blob, &fields) as u32
    }

    /// Appends a directory to the chain.
    fn chain(&mut self, at: u32) {
        self.blob[self.link..self.link + 4].copy_from_slice(&at.to_ne_bytes());
        let count = u16::from_ne_bytes(*self.blob[at as usize..].first_chunk().unwrap());
        self.link = at as usize + 2 + 12 * usize::from(count);
    }

    fn page(&mut self, width: u32, height: u32, value: u8, more: &[Field]) {
        let at = self.picture(width, height, value, more);
        self.chain(at);
    }

    fn read(&self) -> Result<(Picture, Vec<u8>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tif");
        fs::write(&path, &self.blob).unwrap();
        read(&path)
    }

    /// The width and value of the picture that is read, and the notes.
    fn main(&self) -> (u32, u8, String) {
        let (picture, data) = self.read().unwrap_or_else(|e| panic!("{e}"));
        (picture.size().width, data[0], picture.notes.join("; "))
    }

    fn refusal(&self) -> String {
        match self.read() {
            Ok(_) => panic!("it was read"),
            Err(error) => error.message().to_owned(),
        }
    }
}

const REDUCED: u32 = 1;
const MASK: u32 = 4;

#[test]
fn the_main_picture_is_never_a_reduced_copy() {
    // A copy first, and the picture in the chain behind it; marked in the new and in the old way.
    for mark in [long(254, &[REDUCED]), short(255, &[2])] {
        let mut file = Tiff::new();
        file.page(8, 6, 1, std::slice::from_ref(&mark));
        file.page(40, 30, 2, &[]);
        assert_eq!(file.main(), (40, 2, String::new()));
        // And last.
        let mut file = Tiff::new();
        file.page(40, 30, 2, &[]);
        file.page(8, 6, 1, &[mark]);
        assert_eq!(file.main(), (40, 2, String::new()));
    }
    // The picture below the copy.
    let mut file = Tiff::new();
    let small = file.picture(4, 3, 9, &[long(254, &[REDUCED])]);
    let main = file.picture(40, 30, 2, &[long(254, &[0])]);
    file.page(8, 6, 1, &[long(254, &[REDUCED]), long(330, &[small, main])]);
    assert_eq!(file.main(), (40, 2, String::new()));
    // A copy that is not marked, with the larger picture below it.
    let mut file = Tiff::new();
    let main = file.picture(40, 30, 2, &[]);
    file.page(8, 6, 1, &[long(330, &[main])]);
    assert_eq!(file.main(), (40, 2, String::new()));
    // A pyramid below the picture.
    let mut file = Tiff::new();
    let (half, quarter) = (file.picture(20, 15, 3, &[long(254, &[REDUCED])]), file.picture(10, 8, 4, &[]));
    file.page(40, 30, 2, &[long(330, &[half, quarter])]);
    assert_eq!(file.main(), (40, 2, String::new()));
    // An unmarked thumbnail in front of the picture.
    let mut file = Tiff::new();
    file.page(16, 12, 1, &[]);
    file.page(160, 120, 2, &[]);
    assert_eq!(file.main(), (160, 2, String::new()));
    // All are marked: the largest.
    let mut file = Tiff::new();
    file.page(8, 6, 1, &[long(254, &[REDUCED])]);
    file.page(40, 30, 2, &[long(254, &[REDUCED])]);
    assert_eq!(file.main().0, 40);
}

#[test]
fn pages_are_counted_without_copies_and_masks() {
    let mut file = Tiff::new();
    file.page(40, 30, 1, &[]);
    file.page(8, 6, 2, &[long(254, &[REDUCED])]);
    file.page(50, 20, 3, &[long(254, &[2])]);
    file.page(40, 30, 4, &[long(254, &[MASK]), short(262, &[4])]);
    let (width, value, notes) = file.main();
    assert_eq!((width, value), (40, 1));
    assert_eq!(notes, "the file has 2 pages; only the first is enlarged");
    assert_eq!(file.read().unwrap().0.metadata.left_out, ["a transparency mask of the TIFF"]);
}

#[test]
fn chains_that_go_in_circles_end() {
    let mut file = Tiff::new();
    file.page(40, 30, 1, &[]);
    let first = u32::from_ne_bytes(*file.blob[4..].first_chunk().unwrap());
    file.page(40, 30, 2, &[long(330, &[first, first])]);
    file.chain(first);
    assert_eq!(file.main().0, 40);
}

#[test]
fn raw_photographs_are_refused_and_never_read_as_their_preview() {
    let camera = [bytes(271, 2, b"NIKON CORPORATION\0"), bytes(272, 2, b"NIKON D700\0")];
    let preview = |more: &[Field]| [&[long(254, &[REDUCED])], &camera[..], more].concat();
    // A mosaic below a preview, as in DNG, NEF, 3FR and SRW; linear values; and camera compressions.
    for (photometric, compression) in
        [(32803, 1), (32803, 7), (34892, 1), (34892, 34892), (1, 34713), (1, 32767), (2, 65535)]
    {
        let mut file = Tiff::new();
        let main = file.picture(40, 30, 2, &[short(262, &[photometric]), short(259, &[compression])]);
        file.page(8, 6, 1, &preview(&[long(330, &[main])]));
        let said = file.refusal();
        assert!(said.contains("a raw photograph") && said.contains("NIKON D700"), "{said}");
        // And in the chain, as in PEF.
        let mut file = Tiff::new();
        file.page(8, 6, 1, &preview(&[]));
        file.page(40, 30, 2, &[short(262, &[photometric]), short(259, &[compression])]);
        assert!(file.refusal().contains("raw photograph"));
    }
    // A DNG is one even if its sub-directory cannot be read.
    let mut file = Tiff::new();
    file.page(8, 6, 1, &preview(&[bytes(50706, 1, &[1, 4, 0, 0]), long(330, &[0xFFFF_FF00])]));
    assert!(file.refusal().contains("raw photograph"));
    // CR2 by its mark.
    let mut file = Tiff::new();
    file.blob.extend(b"CR\x02\0\0\0\0\0");
    file.page(8, 6, 1, &camera);
    assert!(file.refusal().contains("raw photograph"));
    // A film scanner's NEF is no raw photograph: RGB in full resolution.
    let mut file = Tiff::new();
    let main = file.picture(40, 30, 2, &[]);
    file.page(8, 6, 1, &preview(&[long(330, &[main])]));
    assert_eq!(file.main().0, 40);
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (field, words) in [
        (short(259, &[34712]), "JPEG 2000"),
        (short(259, &[34925]), "LZMA"),
        (short(259, &[4711]), "unknown compression (number 4711)"),
        (short(262, &[32845]), "LogLuv"),
        (short(339, &[2]), "8-bit signed integer"),
        (short(339, &[5]), "complex numbers"),
        (short(258, &[64]), "64-bit integer"),
        (short(277, &[0]), "0 samples per pixel"),
    ] {
        let mut file = Tiff::new();
        file.page(4, 4, 1, &[field]);
        let said = file.refusal();
        assert!(said.contains(words), "{said}");
    }
    let mut file = Tiff::new();
    file.page(4, 4, 1, &[short(262, &[2]), short(277, &[3]), short(258, &[5, 6, 5])]);
    assert!(file.refusal().contains("different depths (5, 6, 5 bits)"));
}

#[test]
fn jpeg_of_the_older_kind_is_read() {
    let (size, format) = (size(32, 24), Format::new(Sample::U8, Channels::Rgb));
    let data: Vec<u8> = (0..32 * 24).flat_map(|i| [i % 32 * 7, i / 32 * 9, 90].map(|v| v as u8)).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    write(&path, FileFormat::Jpeg, size, format, &data, &Colour::Srgb, &Metadata::default());
    let stream = fs::read(&path).unwrap();
    let (_, expected) = read(&path).unwrap();
    let colours = |more: &[Field]| {
        [&[short(262, &[6]), short(277, &[3]), short(258, &[8, 8, 8]), short(259, &[6])], more].concat()
    };
    // A whole JPEG file inside.
    let mut file = Tiff::new();
    let at = file.blob.len() as u32;
    file.blob.extend(&stream);
    file.page(32, 24, 0, &colours(&[long(513, &[at]), long(514, &[stream.len() as u32])]));
    let (picture, found) = file.read().unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(picture.format(), format);
    assert!(found == expected);

    // Tables in fields, entropy-coded data in a strip.
    let mut file = Tiff::new();
    let (mut q, mut dc, mut ac) = (Vec::new(), Vec::new(), Vec::new());
    let (mut at, mut sampling) = (2, (1, 1));
    let scan = loop {
        let length = usize::from(u16::from_be_bytes([stream[at + 2], stream[at + 3]]));
        let body = &stream[at + 4..at + 2 + length];
        let mut tables = body;
        match stream[at + 1] {
            0xDB => {
                while let [_, rest @ ..] = tables {
                    q.push(file.blob.len() as u32);
                    file.blob.extend(&rest[..64]);
                    tables = &rest[64..];
                }
            }
            0xC4 => {
                while let [class, rest @ ..] = tables {
                    let codes = 16 + rest[..16].iter().map(|n| usize::from(*n)).sum::<usize>();
                    if class >> 4 == 0 { &mut dc } else { &mut ac }.push(file.blob.len() as u32);
                    file.blob.extend(&rest[..codes]);
                    tables = &rest[codes..];
                }
            }
            0xC0 => sampling = (u16::from(body[7] >> 4), u16::from(body[7] & 15)),
            0xDA => break &stream[at + 2 + length..],
            _ => {}
        }
        at += 2 + length;
    };
    let three = |tables: &[u32]| [tables[0], tables[tables.len() - 1], tables[tables.len() - 1]];
    let at = file.blob.len() as u32;
    file.blob.extend(scan);
    let fields = [
        long(519, &three(&q)),
        long(520, &three(&dc)),
        long(521, &three(&ac)),
        short(530, &[sampling.0, sampling.1]),
        long(273, &[at]),
        long(279, &[scan.len() as u32]),
    ];
    file.page(32, 24, 0, &colours(&fields));
    let (_, found) = file.read().unwrap_or_else(|e| panic!("{e}"));
    assert!(found == expected);
}

#[test]
fn metadata_of_tiff_is_kept_in_tiff() {
    let mut file = Tiff::new();
    let resolution: Vec<u8> = [400u32, 1].iter().flat_map(|n| n.to_ne_bytes()).collect();
    let iptc = [0x1C, 2, 120, 0, 3, b'a', b'b', b'c', 0, 0, 0, 0];
    file.page(
        20,
        10,
        1,
        &[
            bytes(270, 2, b"a cat\0"),
            bytes(285, 2, b"page one\0"),
            bytes(33723, 4, &iptc),
            bytes(282, 5, &resolution),
            bytes(283, 5, &resolution),
            short(296, &[3]),
            doubles(33550, &[10.0, 10.0, 0.0]),
            doubles(33922, &[0.0, 0.0, 0.0, 500.0, 900.0, 0.0]),
            bytes(42113, 2, b"-9999\0"),
            long(50838, &[1, 2]),
            short(65000, &[1]),
        ],
    );
    let (picture, _) = file.read().unwrap();
    let metadata = &picture.metadata;
    assert_eq!(metadata.page_name.as_deref(), Some("page one"));
    assert!(metadata.iptc.as_ref().unwrap().starts_with(&iptc[..8]));
    assert!((metadata.density.unwrap().x - 1016.0).abs() < 1e-6);
    assert_eq!(metadata.left_out, ["ImageJ's metadata in the TIFF", "the TIFF fields 65000"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.tif");
    let (size, format) = (size(40, 20), Format::new(Sample::U8, Channels::Gray));
    write(&path, FileFormat::Tiff, size, format, &[7; 800], &Colour::Srgb, metadata);
    let found = read(&path).unwrap().0.metadata;
    assert_eq!((found.page_name, found.iptc), (metadata.page_name.clone(), metadata.iptc.clone()));
    let geo = found.geo.unwrap();
    let scale = geo.fields().iter().find(|f| f.tag == 33550).unwrap();
    assert_eq!(scale.value, doubles(33550, &[5.0, 5.0, 0.0]).value);
    assert!(geo.fields().iter().any(|f| f.tag == 42113 && Geo::holds(f.tag)));
    assert_eq!(found.exif.unwrap().fields().main[0].value, b"a cat\0");
    // Other formats have no place for it, which is said.
    let conversion = Conversion::new(FileFormat::Png, size, format, &Colour::Srgb, metadata).unwrap();
    assert!(conversion.notes.iter().any(|n| n.contains("GeoTIFF")), "{:?}", conversion.notes);
}

#[test]
fn a_description_of_the_old_array_is_left_out() {
    for text in [b"{\"shape\": [10, 20]}\0".as_slice(), b"ImageJ=1.53t\nimages=3\0"] {
        let mut file = Tiff::new();
        file.page(20, 10, 1, &[bytes(270, 2, text)]);
        let metadata = file.read().unwrap().0.metadata;
        assert!(metadata.exif.is_none());
        assert_eq!(metadata.left_out.len(), 1, "{:?}", metadata.left_out);
    }
}

#[test]
fn transfer_functions_and_primaries_become_a_profile() {
    let linear: Vec<u16> = (0..256).map(|v| v * 257).collect();
    let mut file = Tiff::new();
    file.page(8, 8, 55, &[short(301, &linear)]);
    let (picture, _) = file.read().unwrap();
    assert!(matches!(picture.colour(), Colour::Icc(_)));
    let rational = |values: &[u32]| -> Vec<u8> {
        values.iter().flat_map(|v| [*v, 10_000]).flat_map(|v| v.to_ne_bytes()).collect()
    };
    // Adobe RGB, and sRGB, which needs no profile.
    for (primaries, expected) in
        [([6400, 3300, 2100, 7100, 1500, 600], true), ([6400, 3300, 3000, 6000, 1500, 600], false)]
    {
        let mut file = Tiff::new();
        let at = file.blob.len() as u32;
        file.blob.extend([9; 192]);
        let fields = [
            short(262, &[2]),
            short(277, &[3]),
            short(258, &[8, 8, 8]),
            long(273, &[at]),
            long(279, &[192]),
            bytes(318, 5, &rational(&[3127, 3290])),
            bytes(319, 5, &rational(&primaries)),
        ];
        file.page(8, 8, 0, &fields);
        let (picture, _) = file.read().unwrap();
        assert_eq!(matches!(picture.colour(), Colour::Icc(_)), expected);
    }
}
