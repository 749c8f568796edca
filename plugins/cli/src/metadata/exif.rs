//! EXIF: read, corrected for the enlarged picture, and passed on.
//!
//! Between JPEG, PNG and WebP a block is patched in place, so that maker notes, which contain offsets into it, stay
//! readable. From and to TIFF files its fields are copied, without maker notes.

use std::io::{Cursor, Read, Seek};

use enlarger::Size;

use super::ifd::{self, Directory, DirectoryReader, Field};

const WIDTH: u16 = 0x100;
const HEIGHT: u16 = 0x101;
const ORIENTATION: u16 = 0x112;
/// The tag with the offset of the directory about the exposure.
pub const EXIF_POINTER: u16 = 0x8769;
/// The tag with the offset of the directory about the location.
pub const GPS_POINTER: u16 = 0x8825;
const PIXEL_WIDTH: u16 = 0xA002;
const PIXEL_HEIGHT: u16 = 0xA003;
const LONG: u16 = 4;

/// An EXIF block: a TIFF structure, without the mark that precedes it in JPEG.
#[derive(Clone, Debug, PartialEq)]
pub struct Exif(Vec<u8>);

/// The fields that can be copied to a TIFF file.
#[derive(Debug, Default)]
pub struct FieldGroups {
    /// About the picture.
    pub main: Vec<Field>,
    /// About the exposure.
    pub exif: Vec<Field>,
    /// About the location.
    pub gps: Vec<Field>,
}

impl Exif {
    /// A block as a file carries it. `None` if it is not an EXIF block.
    pub fn from_block(block: &[u8]) -> Option<Self> {
        let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        let directories = DirectoryReader::new(Cursor::new(block)).ok()?;
        (!directories.big_tiff && u32::try_from(block.len()).is_ok()).then(|| Exif(block.to_vec()))
    }

    /// The fields of a TIFF file as a block. `main` is where the directory of its main picture begins; what is missing there
    /// is taken from the first one. `None` if there are none.
    pub fn from_tiff(mut input: impl Read + Seek, main: u64) -> Option<Self> {
        let mut fields = fields(&mut input, Some(main)).unwrap_or_default();
        let first = self::fields(&mut input, None).unwrap_or_default();
        let missing = |group: &[Field], tag| group.iter().all(|f: &Field| f.tag != tag);
        for field in first.main {
            // The page's own name, description and date are not those of another picture.
            if missing(&fields.main, field.tag) && !matches!(field.tag, 269 | 270) {
                fields.main.push(field);
            }
        }
        if fields.exif.is_empty() {
            fields.exif = first.exif;
        }
        if fields.gps.is_empty() {
            fields.gps = first.gps;
        }
        if fields.main.is_empty() && fields.exif.is_empty() && fields.gps.is_empty() {
            return None;
        }
        let pointer = |tag| Field { tag, data_type: LONG, value: vec![0; 4], position: 0 };
        let mut main = fields.main;
        main.extend((!fields.exif.is_empty()).then(|| pointer(EXIF_POINTER)));
        main.extend((!fields.gps.is_empty()).then(|| pointer(GPS_POINTER)));
        main.sort_by_key(|f| f.tag);
        let mut blob = if cfg!(target_endian = "big") { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
        blob.extend(8u32.to_ne_bytes());
        let start = ifd::append(&mut blob, &main);
        for (tag, group) in [(EXIF_POINTER, &fields.exif), (GPS_POINTER, &fields.gps)] {
            let Some(index) = main.iter().position(|f| f.tag == tag) else { continue };
            let offset = ifd::append(&mut blob, group) as u32;
            let slot = start + 2 + 12 * index + 8;
            blob[slot..slot + 4].copy_from_slice(&offset.to_ne_bytes());
        }
        Some(Exif(blob))
    }

    /// The block.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The block's fields, for a TIFF file.
    pub fn fields(&self) -> FieldGroups {
        fields(Cursor::new(&self.0), None).unwrap_or_default()
    }

    /// The orientation, 1 to 8.
    pub fn orientation(&self) -> u8 {
        let find = || {
            let mut directories = DirectoryReader::new(Cursor::new(&self.0)).ok()?;
            let main = directories.read(directories.first, |tag| tag == ORIENTATION).ok()?;
            main.find(ORIENTATION)?.number()
        };
        find().and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=8).contains(n)).unwrap_or(1)
    }

    /// Sets the orientation and sizes to those of an upright picture of `size`, and unlinks the old thumbnail.
    pub fn update_for_result(&mut self, size: Size) {
        let Some((big_endian, main, exif)) = self.patched_directories() else { return };
        let mut patches = Vec::new();
        for (directory, tag, value) in [
            (&main, ORIENTATION, 1),
            (&main, WIDTH, size.width),
            (&main, HEIGHT, size.height),
            (&exif, PIXEL_WIDTH, size.width),
            (&exif, PIXEL_HEIGHT, size.height),
        ] {
            patches.extend(directory.find(tag).map(|f| (f.position as usize, f.data_type, value)));
        }
        let long = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        let short = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        for (at, data_type, value) in patches {
            let Some(entry) = self.0.get_mut(at..at + 12) else { continue };
            match u16::try_from(value) {
                Ok(value) if data_type == 3 => {
                    entry[8..10].copy_from_slice(&short(value));
                }
                _ => {
                    // The value no longer fits a 16-bit number; the slot has room for 32 bits.
                    entry[2..4].copy_from_slice(&short(LONG));
                    entry[4..8].copy_from_slice(&long(1));
                    entry[8..12].copy_from_slice(&long(value));
                }
            }
        }
        if let Some(next) = self.0.get_mut(main.next_position as usize..main.next_position as usize + 4) {
            next.fill(0);
        }
    }

    fn patched_directories(&self) -> Option<(bool, Directory, Directory)> {
        let mut directories = DirectoryReader::new(Cursor::new(&self.0)).ok()?;
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

/// The fields that may be copied from one TIFF structure to another: none that describes the stored pixels or contains
/// offsets.
fn fields(input: impl Read + Seek, main: Option<u64>) -> Option<FieldGroups> {
    let mut directories = DirectoryReader::new(input).ok()?;
    let main = main.unwrap_or(directories.first);
    let about = |tag: u16| {
        matches!(tag, 269..=272 | 305 | 306 | 315 | 316 | 18246 | 18249 | 33432 | 40091..=40095)
            || matches!(tag, EXIF_POINTER | GPS_POINTER)
    };
    let mut main = directories.read(main, about).ok()?;
    let mut group = |tag: u16| -> Vec<Field> {
        const MAKER_NOTE: u16 = 0x927C;
        const INTEROPERABILITY: u16 = 0xA005;
        let Some(at) = main.find(tag).and_then(Field::number) else { return Vec::new() };
        let directory = directories.read(at, |tag| !matches!(tag, MAKER_NOTE | INTEROPERABILITY));
        directory.map(|d| classic(d.fields)).unwrap_or_default()
    };
    let (exif, gps) = (group(EXIF_POINTER), group(GPS_POINTER));
    main.fields.retain(|f| {
        let stale = f.tag == 270 && describes_storage(&String::from_utf8_lossy(&f.value));
        !stale && !matches!(f.tag, EXIF_POINTER | GPS_POINTER)
    });
    Some(FieldGroups { main: classic(main.fields), exif, gps })
}

/// Whether a description is one that programs write for themselves, about sizes and pages that a result does not have:
/// tifffile's shape, OME-XML, ImageJ's stack.
pub fn describes_storage(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("{\"shape\"") || text.starts_with("ImageJ=") || text.contains("openmicroscopy.org/Schemas/OME")
}

/// Keeps fields of the types that every reader knows, in ascending order, each tag once.
fn classic(mut fields: Vec<Field>) -> Vec<Field> {
    fields.retain(|f| f.data_type <= 12 && !f.value.is_empty());
    fields.sort_by_key(|f| f.tag);
    fields.dedup_by_key(|f| f.tag);
    fields
}
