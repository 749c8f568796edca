//! EXIF: read, corrected for the enlarged picture, and passed on.
//!
//! Between JPEG, PNG and WebP a block is patched in place, so that maker notes, which contain offsets into it, stay
//! readable. From and to TIFF files its fields are copied, without maker notes.

mod edit;
mod update;

use std::io::{Cursor, Read, Seek};

use super::Density;
use super::ifd::{self, DirectoryReader, Field};

const ORIENTATION: u16 = 0x112;
/// The tag with the offset of the directory about the exposure.
pub const EXIF_POINTER: u16 = 0x8769;
/// The tag with the offset of the directory about the location.
pub const GPS_POINTER: u16 = 0x8825;
/// The tag of the software.
pub const SOFTWARE: u16 = 305;
const MAKER_NOTE: u16 = 0x927C;
const COLOUR_SPACE: u16 = 0xA001;
const INTEROPERABILITY: u16 = 0xA005;
const INTEROPERABILITY_INDEX: u16 = 1;
const X_RESOLUTION: u16 = 282;
const Y_RESOLUTION: u16 = 283;
const RESOLUTION_UNIT: u16 = 296;
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

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

    /// A block without fields.
    pub fn empty() -> Self {
        let mut block = header();
        ifd::append(&mut block, &[]);
        Exif(block)
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
        let empty = fields.main.is_empty() && fields.exif.is_empty() && fields.gps.is_empty();
        (!empty).then(|| Self::from_fields(fields))
    }

    fn from_fields(fields: FieldGroups) -> Self {
        let pointer = |tag| Field { tag, data_type: LONG, value: vec![0; 4], position: 0 };
        let mut main = fields.main;
        main.extend((!fields.exif.is_empty()).then(|| pointer(EXIF_POINTER)));
        main.extend((!fields.gps.is_empty()).then(|| pointer(GPS_POINTER)));
        main.sort_by_key(|f| f.tag);
        let mut blob = header();
        let start = ifd::append(&mut blob, &main);
        for (tag, group) in [(EXIF_POINTER, &fields.exif), (GPS_POINTER, &fields.gps)] {
            let Some(index) = main.iter().position(|f| f.tag == tag) else { continue };
            let offset = ifd::append(&mut blob, group) as u32;
            let slot = start + 2 + 12 * index + 8;
            blob[slot..slot + 4].copy_from_slice(&offset.to_ne_bytes());
        }
        Exif(blob)
    }

    /// The block.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The block's fields, for a TIFF file.
    pub fn fields(&self) -> FieldGroups {
        fields(Cursor::new(&self.0), None).unwrap_or_default()
    }

    /// The block's fields in a new block, apart from maker notes, directories of other kinds and thumbnails.
    fn without_gaps(&self) -> Self {
        let mut main = self.main_where(|tag| !matches!(tag, EXIF_POINTER | GPS_POINTER)).unwrap_or_default().fields;
        main = classic(main);
        Self::from_fields(FieldGroups { main, ..self.fields() })
    }

    /// Whether there is a maker note.
    pub fn has_maker_note(&self) -> bool {
        let find = || {
            let mut directories = DirectoryReader::new(Cursor::new(&self.0)).ok()?;
            let main = directories.read(directories.first, |tag| tag == EXIF_POINTER).ok()?;
            let exif = directories.read(main.find(EXIF_POINTER)?.number()?, |tag| tag == MAKER_NOTE).ok()?;
            Some(exif.find(MAKER_NOTE).is_some())
        };
        find().unwrap_or(false)
    }

    /// A text of the first directory.
    pub fn main_text(&self, tag: u16) -> Option<String> {
        let fields = self.fields().main;
        let value = &fields.iter().find(|field| field.tag == tag && field.data_type == ASCII)?.value;
        Some(String::from_utf8_lossy(value).trim_end_matches('\0').trim().to_owned())
    }

    /// The orientation, 1 to 8.
    pub fn orientation(&self) -> u8 {
        let find = || self.main(&[ORIENTATION])?.find(ORIENTATION)?.number();
        find().and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=8).contains(n)).unwrap_or(1)
    }

    /// Whether the block says that the picture is in Adobe RGB: by the colour space 2, or by the rule of DCF, which is an
    /// uncalibrated colour space with the index R03.
    pub fn is_adobe_rgb(&self) -> bool {
        let find = || {
            let mut directories = DirectoryReader::new(Cursor::new(&self.0)).ok()?;
            let main = directories.read(directories.first, |tag| tag == EXIF_POINTER).ok()?;
            let wanted = |tag| matches!(tag, COLOUR_SPACE | INTEROPERABILITY);
            let exif = directories.read(main.find(EXIF_POINTER)?.number()?, wanted).ok()?;
            let space = exif.find(COLOUR_SPACE).and_then(Field::number);
            let index = exif.find(INTEROPERABILITY).and_then(Field::number).and_then(|at| {
                let directory = directories.read(at, |tag| tag == INTEROPERABILITY_INDEX).ok()?;
                Some(directory.find(INTEROPERABILITY_INDEX)?.value.clone())
            });
            let is_r03 = index.is_some_and(|index| index.starts_with(b"R03"));
            Some(space == Some(2) || (is_r03 && space != Some(1)))
        };
        find().unwrap_or(false)
    }

    /// The density of the picture.
    pub fn density(&self) -> Option<Density> {
        let main = self.main(&[X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT])?;
        let unit = main.find(RESOLUTION_UNIT).and_then(Field::number).unwrap_or(2);
        let (x, y) = (main.find(X_RESOLUTION)?.fraction()?, main.find(Y_RESOLUTION)?.fraction()?);
        Density::from_tiff(x, y, u16::try_from(unit).unwrap_or(2))
    }

    /// The first directory, with the fields of these tags.
    fn main(&self, tags: &[u16]) -> Option<ifd::Directory> {
        self.main_where(|tag| tags.contains(&tag))
    }

    fn main_where(&self, wanted: impl Fn(u16) -> bool) -> Option<ifd::Directory> {
        let mut directories = DirectoryReader::new(Cursor::new(&self.0)).ok()?;
        directories.read(directories.first, wanted).ok()
    }
}

/// The beginning of a TIFF structure whose first directory follows at once.
fn header() -> Vec<u8> {
    let mut header = if cfg!(target_endian = "big") { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
    header.extend(8u32.to_ne_bytes());
    header
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
