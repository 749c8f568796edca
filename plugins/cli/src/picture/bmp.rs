//! Reading BMP. Results are never written in it.
//!
//! The header says density and, in its fourth and fifth version, what colours are; the library reads neither.

use std::io::{Read, Seek, SeekFrom};

use enlarger::Result;
use image::codecs::bmp::BmpDecoder;

use super::colour_profile::{Chromaticities, ToneCurve, profile};
use super::decode_error::cut_short;
use super::file_format::FileFormat;
use super::image_crate::Undecoded;
use super::in_memory::InMemory;
use super::limits::Limits;
use super::opacity::{Opacity, judge};
use super::source::{InputFile, Picture};
use crate::metadata::{Density, MAX_METADATA, Metadata};

/// The bytes of the file's own header, before that of the picture.
const FILE_HEADER: usize = 14;
/// The sizes of the picture's header in versions that say more.
const VERSION_1: u32 = 40;
const VERSION_4: u32 = 108;
const VERSION_5: u32 = 124;

/// Opens a BMP file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    input.by_ref().take((FILE_HEADER + VERSION_5 as usize) as u64).read_to_end(&mut head)?;
    // The file's size as the header states it. Some writers leave 0 there, others a number that is too high.
    let may_be_cut = u64::from(number(&head, 2).ok_or_else(|| cut_short(FileFormat::Bmp))?) > length;
    let metadata = read_metadata(&mut input, &head)?;
    input.seek(SeekFrom::Start(0))?;
    let undecoded = Undecoded::new(FileFormat::Bmp, BmpDecoder::new(input), limits)?;
    let (size, format) = (undecoded.size, undecoded.format);
    let (format, note, rows) = if format.has_alpha() {
        match judge(format, undecoded.decode()?, true) {
            Opacity::AsStored(data) => (format, None, InMemory::new(format.row_size(size.width), move || Ok(data))),
            Opacity::Opaque(format, data, note) => {
                (format, note, InMemory::new(format.row_size(size.width), move || Ok(data)))
            }
        }
    } else if may_be_cut {
        let data = undecoded.decode()?;
        (format, None, InMemory::new(format.row_size(size.width), move || Ok(data)))
    } else {
        (format, None, InMemory::new(format.row_size(size.width), move || undecoded.decode()))
    };
    let too_long = "the file is shorter than its header states, but all pixels are there".to_owned();
    let notes = note.into_iter().chain(may_be_cut.then_some(too_long)).collect();
    Ok(Picture::new(FileFormat::Bmp, size, format, metadata, rows).with_notes(notes))
}

fn number(head: &[u8], at: usize) -> Option<u32> {
    head.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

fn read_metadata(input: &mut InputFile, head: &[u8]) -> Result<Metadata> {
    let mut metadata = Metadata { orientation: 1, ..Metadata::default() };
    let field = |at: usize| number(head, FILE_HEADER + at).unwrap_or(0);
    let version = field(0);
    if version >= VERSION_1 {
        let per_inch = |per_metre: u32| f64::from(per_metre) * 0.0254;
        metadata.settle_density(Density::new(per_inch(field(24)), per_inch(field(28)), true));
    }
    if version < VERSION_4 {
        return Ok(metadata);
    }
    match &field(56).to_be_bytes() {
        [0, 0, 0, 0] => metadata.icc = calibrated(field),
        b"MBED" if version >= VERSION_5 => {
            let (at, bytes) = (u64::from(field(112)) + FILE_HEADER as u64, u64::from(field(116)));
            if bytes <= MAX_METADATA {
                let mut icc = Vec::new();
                input.seek(SeekFrom::Start(at))?;
                input.by_ref().take(bytes).read_to_end(&mut icc)?;
                // A profile that is cut is noticed where it is used.
                metadata.icc = Some(icc).filter(|icc| !icc.is_empty());
            }
        }
        b"LINK" => metadata.leave_out("the BMP's reference to a profile in another file"),
        _ => {}
    }
    Ok(metadata)
}

/// The profile that endpoints and gammas describe. Most writers leave them empty.
fn calibrated(field: impl Fn(usize) -> u32) -> Option<Vec<u8>> {
    // Fixed point with 30 bits behind the point: X, Y and Z of red, green and blue.
    let xyz = |n: usize| [0, 4, 8].map(|at| f64::from(field(60 + 12 * n + at)) / f64::from(1u32 << 30));
    let point = |[x, y, z]: [f64; 3]| [x / (x + y + z), y / (x + y + z)];
    let ends = [xyz(0), xyz(1), xyz(2)];
    if ends.iter().any(|e| e.iter().sum::<f64>() <= 0.0) {
        return None;
    }
    // Writers store either what the primaries add to white, or only their chromaticities, which add to 1 each.
    let only_points = ends.iter().all(|e| (e.iter().sum::<f64>() - 1.0).abs() < 0.01);
    let sum = [0, 1, 2].map(|n| ends.iter().map(|e| e[n]).sum());
    let white = if only_points { Chromaticities::SRGB.white } else { point(sum) };
    let primaries = Chromaticities { red: point(ends[0]), green: point(ends[1]), blue: point(ends[2]), white };
    // Fixed point with 16 bits behind the point.
    let gammas = [96, 100, 104].map(|at| f64::from(field(at)) / 65536.0);
    let is_srgb = primaries.is_near(&Chromaticities::SRGB, 0.002);
    if gammas.iter().any(|g| *g <= 0.0) {
        return if is_srgb { None } else { profile("BMP endpoints", &primaries, &[ToneCurve::Srgb], false) };
    }
    profile("BMP endpoints and gamma", &primaries, &gammas.map(ToneCurve::Gamma), false)
}
