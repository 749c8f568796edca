//! Files that no reader here reads: raw photographs and HEIC, which other programs develop, and files of other kinds.
//!
//! They are recognised by content, so that a refusal says what the file is and a raw photograph is never taken for its
//! preview. Nothing here decodes a pixel or trusts a count.

use std::fmt;
use std::io::{Read, Seek, SeekFrom};

use super::tiff;

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
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => heif(&head).filter(|_| has_content(input)),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
            let raw = tiff::raw::recognise(input)?;
            Some(Foreign { family: Family::Raw, ending: raw.ending, camera: raw.camera })
        }
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
