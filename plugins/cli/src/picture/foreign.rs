//! Files that no reader here reads: raw photographs and HEIC, which other programs develop, and files of other kinds.
//!
//! They are recognised by content, so that a refusal says what the file is and a raw photograph is never taken for its
//! preview. Nothing here decodes a pixel or trusts a count.

use std::fmt;
use std::io::{Read, Seek, SeekFrom};

use crate::metadata::ifd::{Directory, DirectoryReader, Field};

/// Directories of a TIFF structure that are looked at.
const MAX_DIRECTORIES: usize = 32;
/// Boxes of ISO's container that are looked at.
const MAX_BOXES: usize = 64;

/// The programs that can develop a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Raw photographs of cameras.
    Raw,
    /// Pictures in a HEIF container: HEIC, and AVIF where no reader reads it.
    Heif,
}

/// A picture that another program must develop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Which programs can.
    pub family: Family,
    /// The usual ending of its name, without a dot.
    pub ending: &'static str,
    /// The camera, if the file tells.
    camera: Option<String>,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.ending.to_ascii_uppercase();
        match (self.family, &self.camera) {
            (Family::Raw, Some(camera)) => write!(f, "a raw photograph ({kind}, {camera})"),
            (Family::Raw, None) => write!(f, "a raw photograph ({kind})"),
            (Family::Heif, _) if kind.starts_with('A') => write!(f, "an {kind} picture"),
            (Family::Heif, _) => write!(f, "a {kind} picture"),
        }
    }
}

/// The endings of names that raw photographs and HEIC files have.
pub const ENDINGS: &[&str] = &[
    "3fr", "ari", "arw", "avif", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "heic", "heif", "hif", "iiq", "kdc",
    "mef", "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
];

/// What a file is that another program must develop; `None` for every other file.
pub fn recognise(input: &mut (impl Read + Seek)) -> Option<Foreign> {
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0)).ok()?;
    input.by_ref().take(64).read_to_end(&mut head).ok()?;
    let raw = |ending| Some(Foreign { family: Family::Raw, ending, camera: None });
    match head.as_slice() {
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', b'C', b'C', b'D', b'-', b'R', b'A', b'W', ..] => raw("raf"),
        [b'I', b'I', b'U', 0, ..] => raw("rw2"),
        [b'I', b'I', b'R', b'O' | b'S', ..] | [b'M', b'M', b'O', b'R', ..] => raw("orf"),
        [b'F', b'O', b'V', b'b', ..] => raw("x3f"),
        [0, b'M', b'R', b'M', ..] => raw("mrw"),
        [b'I', b'I', 0x1A, 0, 0, 0, b'H', b'E', b'A', b'P', ..] => raw("crw"),
        [b'I', b'I', 42, 0, _, _, _, _, b'C', b'R', ..] => raw("cr2"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => heif(&head).filter(|_| has_content(input)),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => raw_tiff(input),
        _ => None,
    }
}

/// The files in ISO's container, by their brands.
fn heif(head: &[u8]) -> Option<Foreign> {
    let size = u32::from_be_bytes(*head.first_chunk()?) as usize;
    let brands = head.get(8..size.min(head.len()))?;
    let has = |wanted: &[&[u8; 4]]| {
        brands.chunks_exact(4).enumerate().any(|(at, brand)| at != 1 && wanted.iter().any(|w| w.as_slice() == brand))
    };
    let foreign = |family, ending| Some(Foreign { family, ending, camera: None });
    if has(&[b"crx "]) {
        foreign(Family::Raw, "cr3")
    } else if has(&[b"avif", b"avis"]) {
        foreign(Family::Heif, "avif")
    } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"]) {
        foreign(Family::Heif, "heic")
    } else if has(&[b"mif1", b"msf1", b"mif2"]) {
        foreign(Family::Heif, "heif")
    } else {
        None
    }
}

/// Whether a file in ISO's container has a box that describes a picture.
fn has_content(input: &mut (impl Read + Seek)) -> bool {
    let mut at = 0u64;
    for _ in 0..MAX_BOXES {
        let mut head = [0; 8];
        if input.seek(SeekFrom::Start(at)).is_err() || input.read_exact(&mut head).is_err() {
            return false;
        }
        let [a, b, c, d, kind @ ..] = head;
        let mut size = u64::from(u32::from_be_bytes([a, b, c, d]));
        if matches!(&kind, b"meta" | b"moov") {
            return true;
        }
        if size == 1 {
            let mut long = [0; 8];
            if input.read_exact(&mut long).is_err() {
                return false;
            }
            size = u64::from_be_bytes(long);
        }
        // A box of size 0 extends to the end of the file.
        match at.checked_add(size).filter(|_| size >= 8) {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const MAKE: u16 = 271;
const MODEL: u16 = 272;
const SUB_DIRECTORIES: u16 = 330;
const DNG_VERSION: u16 = 50706;

/// A raw photograph in a TIFF structure: a DNG, or any directory with the samples of a colour filter array.
fn raw_tiff(input: &mut (impl Read + Seek)) -> Option<Foreign> {
    let wanted = |tag: u16| matches!(tag, COMPRESSION | PHOTOMETRIC | MAKE | MODEL | SUB_DIRECTORIES | DNG_VERSION);
    let mut reader = DirectoryReader::new(&mut *input).ok()?;
    let main = reader.read(reader.first, wanted).ok()?;
    let (big_endian, big_tiff) = (reader.big_endian, reader.big_tiff);
    let dng = main.find(DNG_VERSION).is_some();
    let mut raw = dng || has_sensor_data(&main);
    let mut waiting: Vec<u64> = main.find(SUB_DIRECTORIES).map(offsets).unwrap_or_default();
    waiting.extend(next(&mut *input, &main, big_endian, big_tiff));
    let mut looked_at = 1;
    while let Some(at) = waiting.pop().filter(|_| !raw && looked_at < MAX_DIRECTORIES) {
        looked_at += 1;
        let Ok(mut reader) = DirectoryReader::new(&mut *input) else { break };
        let Ok(directory) = reader.read(at, wanted) else { continue };
        raw = has_sensor_data(&directory);
        waiting.extend(directory.find(SUB_DIRECTORIES).map(offsets).unwrap_or_default());
        waiting.extend(next(&mut *input, &directory, big_endian, big_tiff));
    }
    let (make, model) = (main.find(MAKE).and_then(text), main.find(MODEL).and_then(text));
    raw.then(|| Foreign {
        family: Family::Raw,
        ending: if dng { "dng" } else { ending(make.as_deref().unwrap_or_default()) },
        camera: camera(make, model),
    })
}

/// Whether a directory describes samples as a sensor gives them.
fn has_sensor_data(directory: &Directory) -> bool {
    let number = |tag| directory.find(tag).and_then(Field::number);
    // Colour filter array, and DNG's linear raw; then the compressions that only cameras' raw files use.
    matches!(number(PHOTOMETRIC), Some(32803 | 34892))
        || matches!(number(COMPRESSION), Some(32767 | 32770 | 34713 | 65000 | 65535))
}

/// The offsets that a field lists.
fn offsets(field: &Field) -> Vec<u64> {
    match field.data_type {
        4 | 13 => {
            let all = field.value.chunks_exact(4).take(MAX_DIRECTORIES);
            all.filter_map(|n| Some(u64::from(u32::from_ne_bytes(*n.first_chunk()?)))).collect()
        }
        16 | 18 => {
            let all = field.value.chunks_exact(8).take(MAX_DIRECTORIES);
            all.filter_map(|n| Some(u64::from_ne_bytes(*n.first_chunk()?))).collect()
        }
        _ => Vec::new(),
    }
}

/// Where the next directory of the chain begins.
fn next(input: &mut (impl Read + Seek), directory: &Directory, big_endian: bool, big_tiff: bool) -> Option<u64> {
    let mut bytes = [0; 8];
    let bytes = &mut bytes[..if big_tiff { 8 } else { 4 }];
    input.seek(SeekFrom::Start(directory.next_position)).ok()?;
    input.read_exact(bytes).ok()?;
    if !big_endian {
        bytes.reverse();
    }
    Some(bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))).filter(|at| *at != 0)
}

fn text(field: &Field) -> Option<String> {
    let text = String::from_utf8_lossy(field.value.get(..field.value.len().min(100))?);
    let text: String = text.trim_end_matches('\0').trim().chars().filter(|c| !c.is_control()).collect();
    (field.data_type == 2 && !text.is_empty()).then_some(text)
}

/// The camera's name. Many models begin with the maker's name already.
fn camera(make: Option<String>, model: Option<String>) -> Option<String> {
    let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    Some(match (make, model) {
        (Some(make), Some(model)) if first(&make) != first(&model) => format!("{make} {model}"),
        (_, Some(model)) => model,
        (make, None) => make?,
    })
}

/// The ending that a maker's raw files have.
fn ending(make: &str) -> &'static str {
    let make = make.to_ascii_lowercase();
    const MAKERS: &[(&str, &str)] = &[
        ("nikon", "nef"),
        ("canon", "cr2"),
        ("sony", "arw"),
        ("pentax", "pef"),
        ("ricoh", "pef"),
        ("samsung", "srw"),
        ("hasselblad", "3fr"),
        ("phase one", "iiq"),
        ("leaf", "mos"),
        ("mamiya", "mef"),
        ("epson", "erf"),
        ("kodak", "dcr"),
        ("fujifilm", "raf"),
        ("panasonic", "rw2"),
        ("olympus", "orf"),
        ("leica", "rwl"),
    ];
    MAKERS.iter().find(|(maker, _)| make.contains(maker)).map_or("raw", |(_, ending)| ending)
}

/// What a file is that is no picture for us, from its first bytes, in words that follow "this is"; `None` if that is
/// not known.
pub fn other_kind(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [] => "an empty file",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [0, 0, 0, 12, b'j', b'P', ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] => "a JPEG 2000 picture",
        [0, 0, 1, 0, ..] => "an icon",
        [b'D', b'D', b'S', b' ', ..] => "a DDS texture",
        [b'#', b'?', b'R' | b'r', ..] => "a Radiance HDR picture",
        [b'g', b'i', b'm', b'p', b' ', b'x', b'c', b'f', ..] => "a GIMP document",
        [b'S', b'I', b'M', b'P', b'L', b'E', ..] => "a FITS image",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if heif(head).is_some() => "a HEIF or raw file without its picture",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "a video",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "a video",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => "a video",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "a sound",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive or an office document",
        [0x1F, 0x8B, ..] | [b'7', b'z', 0xBC, ..] | [b'R', b'a', b'r', b'!', ..] => "an archive",
        _ if starts_with_tag(head, "<svg") => "an SVG drawing",
        _ if starts_with_tag(head, "<?xpacket") || starts_with_tag(head, "<x:xmpmeta") => "a file of metadata (XMP)",
        _ if head.iter().all(|b| matches!(b, 9 | 10 | 13 | 32..=126 | 128..)) => "a text",
        _ => return None,
    })
}

/// Whether a file of this kind has no picture that could be converted.
pub fn is_never_a_picture(kind: &str) -> bool {
    const KINDS: [&str; 8] = [
        "an empty file",
        "a HEIF or raw file without its picture",
        "a video",
        "a sound",
        "a ZIP archive or an office document",
        "an archive",
        "a file of metadata (XMP)",
        "a text",
    ];
    KINDS.contains(&kind)
}

fn starts_with_tag(head: &[u8], tag: &str) -> bool {
    String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().starts_with(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn name(bytes: &[u8]) -> Option<String> {
        recognise(&mut Cursor::new(bytes)).map(|foreign| foreign.to_string())
    }

    fn container(brand: &[u8; 4], others: &[&[u8; 4]]) -> Vec<u8> {
        let mut bytes = (16 + 4 * others.len() as u32).to_be_bytes().to_vec();
        bytes.extend(b"ftyp");
        bytes.extend(brand);
        bytes.extend([0; 4]);
        others.iter().for_each(|other| bytes.extend(*other));
        bytes.extend(b"\0\0\0\x08free\0\0\0\x08meta");
        bytes
    }

    /// A TIFF structure: each directory is a list of tags with numbers or texts. The first one lists the others as
    /// sub-directories.
    fn tiff(big_endian: bool, directories: &[&[(u16, &str)]]) -> Vec<u8> {
        let two = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        let four = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        let room = 600u32;
        let mut bytes = if big_endian { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
        bytes.extend(four(8));
        for (index, fields) in directories.iter().enumerate() {
            let start = 8 + room as usize * index;
            bytes.resize(start, 0);
            let below = directories.len() as u32 - 1;
            let lists = index == 0 && below > 0;
            bytes.extend(two(fields.len() as u16 + u16::from(lists)));
            let mut texts = Vec::new();
            for (tag, value) in *fields {
                bytes.extend(two(*tag));
                if let Ok(number) = value.parse::<u32>() {
                    bytes.extend([two(4).as_slice(), &four(1), &four(number)].concat());
                } else {
                    let at = start as u32 + 200 + texts.len() as u32;
                    texts.extend(value.as_bytes());
                    texts.extend([0; 5]);
                    bytes.extend([two(2).as_slice(), &four(value.len() as u32 + 1), &four(at)].concat());
                }
            }
            if lists {
                let at = start as u32 + 400;
                let value = if below == 1 { 8 + room } else { at };
                bytes.extend([two(330).as_slice(), &two(4), &four(below), &four(value)].concat());
            }
            bytes.extend(four(0));
            bytes.resize(start + 200, 0);
            bytes.extend(texts);
            bytes.resize(start + 400, 0);
            (1..=below).for_each(|n| bytes.extend(four(8 + room * n)));
            bytes.resize(start + room as usize, 0);
        }
        bytes
    }

    #[test]
    fn raw_photographs_are_recognised_by_their_directories() {
        for big_endian in [false, true] {
            let nef = tiff(
                big_endian,
                &[&[(262, "2"), (271, "NIKON CORPORATION"), (272, "NIKON D750")], &[(262, "6")], &[(262, "32803")]],
            );
            assert_eq!(name(&nef).unwrap(), "a raw photograph (NEF, NIKON D750)");
            let arw = tiff(big_endian, &[&[(262, "6"), (271, "SONY"), (272, "ILCE-7")], &[(259, "32767")]]);
            assert_eq!(name(&arw).unwrap(), "a raw photograph (ARW, SONY ILCE-7)");
            let pef = tiff(big_endian, &[&[(262, "32803"), (271, "PENTAX")]]);
            assert_eq!(name(&pef).unwrap(), "a raw photograph (PEF, PENTAX)");
            let dng = tiff(big_endian, &[&[(262, "2"), (50706, "1")], &[(262, "34892")]]);
            assert_eq!(name(&dng).unwrap(), "a raw photograph (DNG)");
            // A camera's maker in an ordinary TIFF makes no raw photograph.
            let plain = tiff(big_endian, &[&[(262, "2"), (271, "NIKON CORPORATION")], &[(262, "2")]]);
            assert_eq!(name(&plain), None);
            for length in 0..nef.len() {
                let _ = name(&nef[..length]);
            }
        }
    }

    #[test]
    fn other_raw_photographs_and_heif_are_recognised_by_their_marks() {
        for (bytes, ending) in [
            (b"FUJIFILMCCD-RAW 0201".as_slice(), "RAF"),
            (b"IIU\0\x18\0\0\0", "RW2"),
            (b"IIRO\x08\0\0\0", "ORF"),
            (b"IIRS\x08\0\0\0", "ORF"),
            (b"MMOR\0\0\0\x08", "ORF"),
            (b"FOVb\0\0\x02\0", "X3F"),
            (b"\0MRM\0\0\0\0", "MRW"),
            (b"II\x1a\0\0\0HEAPCCDR", "CRW"),
            (b"II\x2a\0\x10\0\0\0CR\x02\0", "CR2"),
        ] {
            assert_eq!(name(bytes).unwrap(), format!("a raw photograph ({ending})"));
        }
        assert_eq!(name(&container(b"crx ", &[])).unwrap(), "a raw photograph (CR3)");
        assert_eq!(name(&container(b"heic", &[b"mif1"])).unwrap(), "a HEIC picture");
        assert_eq!(name(&container(b"mif1", &[b"mif1", b"heix"])).unwrap(), "a HEIC picture");
        assert_eq!(name(&container(b"mif1", &[b"avif", b"miaf"])).unwrap(), "an AVIF picture");
        assert_eq!(name(&container(b"isom", &[b"mp41"])), None);
        // Without a box that describes a picture, there is nothing to develop.
        let whole = container(b"heic", &[b"mif1"]);
        let (cut, zeros) = (&whole[..whole.len() - 8], [&whole[..20], &[0; 100]].concat());
        for empty in [cut, &zeros] {
            assert_eq!(name(empty), None);
            assert_eq!(other_kind(empty), Some("a HEIF or raw file without its picture"));
        }
        assert_eq!(other_kind(&container(b"isom", &[b"mp41"])), Some("a video"));
    }

    #[test]
    fn other_files_are_named() {
        for (head, kind) in [
            (b"".as_slice(), "an empty file"),
            (b"%PDF-1.7\n", "a PDF document"),
            (b"hello\n", "a text"),
            (b"<svg xmlns=", "an SVG drawing"),
            (b"<?xpacket begin=", "a file of metadata (XMP)"),
        ] {
            assert_eq!(other_kind(head), Some(kind));
        }
        assert_eq!(other_kind(&[0, 1, 2, 3]), None);
    }
}
