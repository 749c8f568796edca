//! The segments of a JPEG as they are read: the frame, and the metadata that the decoder does not give.
//!
//! Everything before the first scan must be whole. After it, whatever cannot be followed is taken for the end of the file, and
//! whether pixels are missing is left to `entropy`.

use enlarger::Result;

use super::quality::quality;
use super::{EXIF_MARK, EXTENSION_MARK, ICC_MARK, PHOTOSHOP_MARK, XMP_MARK};
use crate::metadata::{Density, MAX_METADATA, xmp};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;

/// What a JPEG contains.
#[derive(Default)]
pub struct Structure {
    /// The frame.
    pub frame: Frame,
    /// The scans.
    pub scans: usize,
    /// The quality that follows from the first table of quantisation, 1 to 100.
    pub quality: Option<u8>,
    /// The transform that Adobe's segment states.
    pub adobe_transform: Option<u8>,
    /// Where Adobe's segments are.
    pub adobe_segments: Vec<usize>,
    /// Whether the file is in JFIF.
    pub jfif: bool,
    /// The density that JFIF states.
    pub density: Option<Density>,
    /// The first block of EXIF.
    pub exif: Option<Vec<u8>>,
    /// The first packet of XMP.
    pub xmp: Option<Vec<u8>>,
    /// The parts of extensions of XMP: name, length of all, offset, bytes.
    pub extensions: Vec<([u8; xmp::GUID_LENGTH], usize, usize, Vec<u8>)>,
    /// The parts of the ICC profile: number, number of all, bytes.
    pub icc: Vec<(u8, u8, Vec<u8>)>,
    /// Photoshop's resources. They may be spread over several segments.
    pub photoshop: Vec<u8>,
    /// Comments.
    pub comments: Vec<String>,
    /// What the file carries and no result can keep.
    pub left_out: Vec<&'static str>,
    /// Where the end mark ends, if there is one.
    pub end: Option<usize>,
}

/// The header of the picture.
#[derive(Clone, Default)]
pub struct Frame {
    /// The marker's second byte, which says how the picture is coded.
    pub kind: u8,
    /// Bits of a sample.
    pub precision: u8,
    pub width: u16,
    pub height: u16,
    pub components: Vec<Component>,
}

/// A component of the picture.
#[derive(Clone, Copy)]
pub struct Component {
    pub id: u8,
    pub horizontal: u8,
    pub vertical: u8,
}

impl Structure {
    /// Reads the segments of a file.
    pub fn read(file: &[u8]) -> Result<Self> {
        let (mut at, mut found) = (2, Structure::default());
        loop {
            // Skips bytes between segments and entropy-coded data, up to the next marker.
            let marker = file.get(at..).and_then(|f| f.iter().position(|b| *b == 0xFF)).map(|skip| at + skip);
            let Some((start, mark)) = marker.and_then(|start| Some((start, *file.get(start + 1)?))) else {
                return found.without_end();
            };
            match mark {
                0xFF => at = start + 1,
                0x00 | 0x01 | 0xD0..=0xD8 => at = start + 2,
                0xD9 => {
                    found.end = Some(start + 2);
                    found.name_what_follows(&file[start + 2..]);
                    return found.checked();
                }
                _ => {
                    let length = file.get(start + 2..start + 4).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])));
                    let segment = length.and_then(|n| file.get(start + 4..start + 2 + n.max(2)));
                    let Some(segment) = segment else { return found.without_end() };
                    found.read_segment(mark, segment, start)?;
                    found.scans += usize::from(mark == 0xDA);
                    at = start + 4 + segment.len();
                }
            }
        }
    }

    fn without_end(self) -> Result<Self> {
        if self.scans > 0 { self.checked() } else { Err(cut_short(FileFormat::Jpeg)) }
    }

    fn checked(self) -> Result<Self> {
        if self.frame.components.is_empty() { Err(damaged(FileFormat::Jpeg, "it has no size")) } else { Ok(self) }
    }

    fn read_segment(&mut self, mark: u8, segment: &[u8], start: usize) -> Result<()> {
        match mark {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if self.frame.components.is_empty() => {
                self.frame =
                    Frame::read(mark, segment).ok_or_else(|| damaged(FileFormat::Jpeg, "its header is short"))?;
            }
            0xDB => self.quality = self.quality.or_else(|| quality(segment)),
            0xE0..=0xEF => self.read_application_segment(mark, segment, start),
            0xFE => {
                let end = segment.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
                let text = match std::str::from_utf8(&segment[..end]) {
                    Ok(text) => text.to_owned(),
                    // The standard names no character set; this is the other common one.
                    Err(_) => segment[..end].iter().map(|b| char::from(*b)).collect(),
                };
                self.comments.extend((!text.trim().is_empty()).then_some(text));
            }
            _ => {}
        }
        Ok(())
    }

    fn read_application_segment(&mut self, mark: u8, segment: &[u8], start: usize) {
        match (mark, segment) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, _, _, unit, a, b, c, d, ..]) => {
                let number = |a, b| f64::from(u16::from_be_bytes([a, b]));
                let per_inch = if *unit == 2 { 2.54 } else { 1.0 };
                self.jfif = true;
                self.density = Density::new(number(*a, *b) * per_inch, number(*c, *d) * per_inch, *unit != 0);
            }
            // A preview, which would show the old picture.
            (0xE0, [b'J', b'F', b'X', b'X', ..]) => {}
            (0xE1, _) => {
                if let Some(block) = segment.strip_prefix(EXIF_MARK) {
                    self.exif.get_or_insert_with(|| block.to_vec());
                } else if let Some(packet) = segment.strip_prefix(XMP_MARK) {
                    self.xmp.get_or_insert_with(|| packet.to_vec());
                } else if let Some(part) = segment.strip_prefix(EXTENSION_MARK) {
                    self.extensions.extend(extension(part));
                } else if segment.starts_with(b"FLIR\0") {
                    self.left_out.push("the thermal picture of FLIR");
                } else if !segment.starts_with(b"Exif") {
                    self.left_out.push(UNKNOWN);
                }
            }
            (0xE2, _) => {
                if let Some([number, count, part @ ..]) = segment.strip_prefix(ICC_MARK) {
                    self.icc.push((*number, *count, part.to_vec()));
                } else if segment.starts_with(b"MPF\0") {
                    self.left_out.push("the further pictures of the file (MPF)");
                } else if segment.starts_with(b"urn:iso:std:iso:ts:21496") {
                    self.left_out.push("the gain map for HDR displays");
                } else if segment.starts_with(b"FPXR") {
                    self.left_out.push("FlashPix data");
                } else {
                    self.left_out.push(UNKNOWN);
                }
            }
            (0xEB, [b'J', b'P', ..]) => {
                self.left_out.push("content credentials (C2PA), which hold for the old file only")
            }
            // The quality, for the program that stored it, or also a comment.
            (0xEC, _) if segment.starts_with(b"Ducky") && segment.len() < 20 => {}
            (0xED, _) => match segment.strip_prefix(PHOTOSHOP_MARK) {
                Some(part) => self.photoshop.extend(part),
                None if segment.starts_with(b"Adobe_CM") => {}
                None => self.left_out.push(UNKNOWN),
            },
            (0xEE, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => {
                self.adobe_transform = Some(*transform);
                self.adobe_segments.push(start);
            }
            _ => self.left_out.push(UNKNOWN),
        }
    }

    /// Names what follows the end of the picture, which decoders do not look at.
    fn name_what_follows(&mut self, rest: &[u8]) {
        let motion = rest.len() > 12 && rest.windows(4).take(1 << 16).any(|w| w == b"ftyp");
        if motion {
            self.left_out.push("the motion video");
        } else if rest.windows(3).take(1 << 16).any(|w| w == [0xFF, 0xD8, 0xFF]) {
            self.left_out.push("the further pictures of the file (MPF)");
        } else if rest.iter().any(|b| *b != 0 && *b != 0xFF) && rest.len() > 64 {
            self.left_out.push("data after the end of the picture");
        }
    }

    /// The ICC profile, if all its parts are there.
    pub fn icc(&mut self) -> Option<Vec<u8>> {
        self.icc.sort_by_key(|(number, _, _)| *number);
        let count = usize::from(self.icc.first()?.1);
        let whole =
            self.icc.len() == count && self.icc.iter().enumerate().all(|(i, part)| usize::from(part.0) == i + 1);
        let profile = self.icc.iter().flat_map(|(_, _, bytes)| bytes.iter().copied()).collect();
        // A profile whose parts are missing is given as it is: that it cannot be used is said later.
        (whole || !self.icc.is_empty()).then_some(profile)
    }

    /// The packet of XMP with its extension.
    pub fn xmp(&mut self) -> Option<Vec<u8>> {
        let bytes = self.xmp.take()?;
        let Some(mut packet) = xmp::Packet::parse(&bytes) else { return Some(bytes) };
        let Some(name) = packet.extension() else { return Some(bytes) };
        match self.extension_named(&name).and_then(|extension| xmp::merge(&packet, &extension)) {
            Some(merged) => Some(merged.into_bytes()),
            None => {
                self.left_out.push("the extension of XMP, which is damaged");
                packet.forget_extension();
                Some(packet.into_bytes())
            }
        }
    }

    fn extension_named(&self, name: &str) -> Option<Vec<u8>> {
        let mut parts: Vec<_> = self.extensions.iter().filter(|p| p.0.eq_ignore_ascii_case(name.as_bytes())).collect();
        parts.sort_by_key(|(_, _, offset, _)| *offset);
        let length = parts.first()?.1;
        let mut whole = Vec::new();
        for (_, _, offset, bytes) in parts {
            if *offset != whole.len() || whole.len() + bytes.len() > length {
                return None;
            }
            whole.extend(bytes);
        }
        (whole.len() == length).then_some(whole)
    }
}

const UNKNOWN: &str = "segments that only the program that wrote them can read";

fn extension(part: &[u8]) -> Option<([u8; xmp::GUID_LENGTH], usize, usize, Vec<u8>)> {
    let (name, rest) = part.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (offset, bytes) = rest.split_first_chunk()?;
    let (length, offset) = (u32::from_be_bytes(*length), u32::from_be_bytes(*offset));
    (u64::from(length) <= MAX_METADATA).then(|| (*name, length as usize, offset as usize, bytes.to_vec()))
}

impl Frame {
    fn read(kind: u8, segment: &[u8]) -> Option<Self> {
        let [precision, a, b, c, d, count, rest @ ..] = segment else { return None };
        let parts = rest.as_chunks::<3>().0;
        let components: Vec<_> = parts
            .iter()
            .take(usize::from(*count))
            .map(|[id, sampling, _]| Component { id: *id, horizontal: sampling >> 4, vertical: sampling & 15 })
            .collect();
        let (height, width) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        let whole = components.len() == usize::from(*count) && !components.is_empty();
        whole.then_some(Frame { kind, precision: *precision, width, height, components })
    }
}
