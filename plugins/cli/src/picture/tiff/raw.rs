//! Raw photographs in the shape of TIFF files: DNG, NEF, PEF, ARW, SRW, 3FR and others.
//!
//! Their ordinary pictures are previews, and the photograph itself must be developed by a program that knows the camera.
//! A preview must never pass for the photograph, nor an ordinary TIFF for a raw one.

use std::io::{Read, Seek, SeekFrom};

use super::directory::Directory;
use super::{pages, tag};
use crate::metadata::ifd::DirectoryReader;

/// Photometric interpretations of sensor data: a mosaic, and linear values of it.
const MOSAIC: u16 = 32803;
const LINEAR_RAW: u16 = 34892;
/// Compressions that only cameras write: Sony, Epson, Samsung, Nikon, Kodak, Pentax, lossy DNG.
const CAMERA_COMPRESSIONS: [u16; 9] = [32767, 32769, 32770, 34713, 34892, 65000, 262, 65535, 7000];

/// What the file of a raw photograph tells.
pub struct RawPhotograph {
    /// The usual ending of its name, without a dot.
    pub ending: &'static str,
    /// The camera.
    pub camera: Option<String>,
}

/// The raw photograph in a TIFF structure; `None` for every other file.
pub fn recognise(input: &mut (impl Read + Seek)) -> Option<RawPhotograph> {
    let mut mark = [0; 4];
    input.seek(SeekFrom::Start(8)).ok()?;
    input.read_exact(&mut mark).ok()?;
    if mark == *b"CR\x02\0" {
        return Some(RawPhotograph { ending: "cr2", camera: None });
    }
    let mut reader = DirectoryReader::new(input).ok()?;
    let directories = pages::directories(&mut reader).ok()?;
    let all = || directories.iter().map(|(directory, _)| directory);
    let text = |tag| all().find_map(|directory| directory.text(tag)).map(|text| printable(&text));
    let (make, model) = (text(tag::MAKE), text(tag::MODEL));
    let maker = make.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_dng = all().any(|directory| directory.has(tag::DNG_VERSION));
    // In an ordinary file these may be pixels.
    let is_phase_one = matches!(&mark, b"IIII" | b"MMMM") && maker.contains("phase one");
    let raw = is_dng || is_phase_one || all().any(has_sensor_data);
    raw.then(|| RawPhotograph {
        ending: if is_dng { "dng" } else { ending(&maker) },
        camera: camera(make, model).or_else(|| text(tag::DNG_CAMERA)),
    })
}

/// Whether a directory describes samples as a sensor gives them.
fn has_sensor_data(directory: &Directory) -> bool {
    matches!(directory.short(tag::PHOTOMETRIC, 0), MOSAIC | LINEAR_RAW)
        || CAMERA_COMPRESSIONS.contains(&directory.short(tag::COMPRESSION, 1))
        || directory.has(tag::LEAF)
        || directory.has(tag::CR2_SLICES)
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
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

/// The ending that a maker's raw files have. `maker` is in lower case.
fn ending(maker: &str) -> &'static str {
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
    MAKERS.iter().find(|(name, _)| maker.contains(name)).map_or("raw", |(_, ending)| ending)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use crate::picture::recognise;

    fn name(bytes: &[u8]) -> Option<String> {
        recognise(&mut Cursor::new(bytes)).map(|foreign| foreign.to_string())
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
            // Pixels that look like a camera's mark make none either.
            for pixels in [b"IIII", b"MMMM", b"CR\x09\x09"] {
                let mut looks_so = plain.clone();
                looks_so.splice(8..8, pixels.iter().copied());
                looks_so[4..8].copy_from_slice(&if big_endian { 12u32.to_be_bytes() } else { 12u32.to_le_bytes() });
                assert_eq!(name(&looks_so), None);
            }
            for length in 0..nef.len() {
                let _ = name(&nef[..length]);
            }
        }
    }
}
