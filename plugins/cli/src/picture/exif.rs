//! EXIF: read, made true of the enlarged picture, and handed on.
//!
//! A block that goes from JPEG, PNG or WebP to one of these is patched in place, so that makers' notes, which point
//! into it, stay readable. Into and out of TIFF files the fields are copied, without such notes.

use std::io::{Cursor, Read, Seek};

use enlarger::Size;

use super::ifd::{self, Directories, Directory, Field};

const WIDTH: u16 = 0x100;
const HEIGHT: u16 = 0x101;
const ORIENTATION: u16 = 0x112;
/// The tag that points to the directory of the exposure.
pub const EXIF_POINTER: u16 = 0x8769;
/// The tag that points to the directory of the place.
pub const GPS_POINTER: u16 = 0x8825;
const PIXEL_WIDTH: u16 = 0xA002;
const PIXEL_HEIGHT: u16 = 0xA003;
const LONG: u16 = 4;

/// An EXIF block: a TIFF structure, without the `Exif` mark that JPEG puts before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exif(Vec<u8>);

/// The fields that a TIFF file takes over.
#[derive(Debug, Default)]
pub struct Fields {
    /// About the picture.
    pub main: Vec<Field>,
    /// About the exposure.
    pub exif: Vec<Field>,
    /// About the place.
    pub gps: Vec<Field>,
}

impl Exif {
    /// A block as a file carries it. `None` if it is none.
    pub fn from_block(block: &[u8]) -> Option<Self> {
        let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        let directories = Directories::new(Cursor::new(block)).ok()?;
        (!directories.big && u32::try_from(block.len()).is_ok()).then(|| Exif(block.to_vec()))
    }

    /// The fields of a TIFF file, as a block. `None` if there are none.
    pub fn from_tiff(input: impl Read + Seek) -> Option<Self> {
        let fields = fields(input)?;
        if fields.main.is_empty() && fields.exif.is_empty() && fields.gps.is_empty() {
            return None;
        }
        let pointer = |tag| Field { tag, kind: LONG, value: vec![0; 4], at: 0 };
        let mut main = fields.main;
        main.extend((!fields.exif.is_empty()).then(|| pointer(EXIF_POINTER)));
        main.extend((!fields.gps.is_empty()).then(|| pointer(GPS_POINTER)));
        main.sort_by_key(|f| f.tag);
        let mut blob = if cfg!(target_endian = "big") { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
        blob.extend(8u32.to_ne_bytes());
        let start = ifd::append(&mut blob, &main);
        for (tag, part) in [(EXIF_POINTER, &fields.exif), (GPS_POINTER, &fields.gps)] {
            let Some(index) = main.iter().position(|f| f.tag == tag) else { continue };
            let offset = ifd::append(&mut blob, part) as u32;
            let slot = start + 2 + 12 * index + 8;
            blob[slot..slot + 4].copy_from_slice(&offset.to_ne_bytes());
        }
        Some(Exif(blob))
    }

    /// The block.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its fields, for a TIFF file.
    pub fn fields(&self) -> Fields {
        fields(Cursor::new(&self.0)).unwrap_or_default()
    }

    /// How the picture must be turned, 1 to 8.
    pub fn orientation(&self) -> u8 {
        let find = || {
            let mut directories = Directories::new(Cursor::new(&self.0)).ok()?;
            let main = directories.read(directories.first, |tag| tag == ORIENTATION).ok()?;
            main.find(ORIENTATION)?.number()
        };
        find().and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=8).contains(n)).unwrap_or(1)
    }

    /// Makes it true of an upright picture of `size`, and unlinks the thumbnail of the old one.
    pub fn describe(&mut self, size: Size) {
        let Some((big_endian, main, exif)) = self.walk() else { return };
        let mut patches = Vec::new();
        for (directory, tag, value) in [
            (&main, ORIENTATION, 1),
            (&main, WIDTH, size.width),
            (&main, HEIGHT, size.height),
            (&exif, PIXEL_WIDTH, size.width),
            (&exif, PIXEL_HEIGHT, size.height),
        ] {
            patches.extend(directory.find(tag).map(|f| (f.at as usize, f.kind, value)));
        }
        let long = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        let short = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        for (at, kind, value) in patches {
            let Some(entry) = self.0.get_mut(at..at + 12) else { continue };
            match u16::try_from(value) {
                Ok(value) if kind == 3 => {
                    entry[8..10].copy_from_slice(&short(value));
                }
                _ => {
                    // A short that has become too small: both types fit the slot.
                    entry[2..4].copy_from_slice(&short(LONG));
                    entry[4..8].copy_from_slice(&long(1));
                    entry[8..12].copy_from_slice(&long(value));
                }
            }
        }
        if let Some(next) = self.0.get_mut(main.next_at as usize..main.next_at as usize + 4) {
            next.fill(0);
        }
    }

    fn walk(&self) -> Option<(bool, Directory, Directory)> {
        let mut directories = Directories::new(Cursor::new(&self.0)).ok()?;
        let main =
            directories.read(directories.first, |t| matches!(t, ORIENTATION | WIDTH | HEIGHT | EXIF_POINTER)).ok()?;
        let exif = main
            .find(EXIF_POINTER)
            .and_then(Field::number)
            .and_then(|at| directories.read(at, |t| matches!(t, PIXEL_WIDTH | PIXEL_HEIGHT)).ok())
            .unwrap_or_default();
        Some((directories.big_endian, main, exif))
    }
}

/// What may be copied from one TIFF structure to another: nothing that describes the stored pixels, nothing that
/// points elsewhere.
fn fields(input: impl Read + Seek) -> Option<Fields> {
    let mut directories = Directories::new(input).ok()?;
    let about = |tag: u16| {
        matches!(tag, 269..=272 | 305 | 306 | 315 | 316 | 18246 | 18249 | 33432 | 40091..=40095)
            || matches!(tag, EXIF_POINTER | GPS_POINTER)
    };
    let mut main = directories.read(directories.first, about).ok()?;
    let mut part = |tag: u16| -> Vec<Field> {
        const MAKER_NOTE: u16 = 0x927C;
        const INTEROPERABILITY: u16 = 0xA005;
        let Some(at) = main.find(tag).and_then(Field::number) else { return Vec::new() };
        let directory = directories.read(at, |tag| !matches!(tag, MAKER_NOTE | INTEROPERABILITY));
        directory.map(|d| classic(d.fields)).unwrap_or_default()
    };
    let (exif, gps) = (part(EXIF_POINTER), part(GPS_POINTER));
    main.fields.retain(|f| !matches!(f.tag, EXIF_POINTER | GPS_POINTER));
    Some(Fields { main: classic(main.fields), exif, gps })
}

/// Only types that every reader knows, in ascending order, each tag once.
fn classic(mut fields: Vec<Field>) -> Vec<Field> {
    fields.retain(|f| f.kind <= 12 && !f.value.is_empty());
    fields.sort_by_key(|f| f.tag);
    fields.dedup_by_key(|f| f.tag);
    fields
}
