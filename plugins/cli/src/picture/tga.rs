//! Reading TGA. Results are never written in it.
//!
//! The reader is our own, because what the fourth byte of a pixel means is said in two places that libraries pass over: the
//! header's attribute bits and the extension area. Textures without alpha are invisible otherwise.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Alpha, Channels, Error, ErrorKind, Format, Result, Sample};

use super::decode_error::{cut_short, damaged};
use super::file_format::FileFormat;
use super::in_memory::InMemory;
use super::limits::Limits;
use super::opacity::{Opacity, judge};
use super::source::{InputFile, Picture};
use crate::metadata::Metadata;

/// The last 26 bytes of a file of version 2.
const FOOTER: &[u8] = b"TRUEVISION-XFILE.\0";
/// Where the extension area says what alpha means.
const ATTRIBUTES_TYPE: usize = 494;

struct Header {
    width: u16,
    height: u16,
    /// 1 for a palette, 2 for colours, 3 for gray.
    kind: u8,
    packed: bool,
    bits: u8,
    attribute_bits: u8,
    from_top: bool,
    from_right: bool,
    palette: Vec<[u8; 4]>,
    palette_first: usize,
    /// Bits of a colour, in the palette or of a pixel.
    colour_bits: u8,
}

/// Opens a TGA file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.get_ref().metadata()?.len();
    limits.check_memory(length, "a TGA file")?;
    let mut file = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.read_to_end(&mut file)?;
    let (header, at) = read_header(&file)?;
    let size = limits.check_size(header.width.into(), header.height.into())?;
    let gray = header.kind == 3;
    let stores_alpha = header.colour_bits == 32 || (header.colour_bits == 16 && header.attribute_bits > 0);
    let alpha = if stores_alpha { alpha(&file, header.attribute_bits) } else { None };
    let channels = match (gray, stores_alpha) {
        (true, _) if header.colour_bits == 16 => Channels::GrayAlpha,
        (true, _) => Channels::Gray,
        (false, true) => Channels::Rgba,
        (false, false) => Channels::Rgb,
    };
    let format = Format { alpha: alpha.unwrap_or(Alpha::Straight), ..Format::new(Sample::U8, channels) };
    let bytes = size.pixels() * format.pixel_size() as u64;
    limits.check_memory(length + bytes, "a TGA")?;

    let mut data = limits.allocate(bytes, "a TGA")?;
    decode(&file[at..], &header, format, &mut data)?;
    drop(file);
    let (format, data, notes) = match judge(format, data, alpha.is_some()) {
        Opacity::AsStored(data) => (format, data, Vec::new()),
        Opacity::Opaque(format, data, note) => (format, data, note.into_iter().collect()),
    };
    let stride = format.row_size(size.width);
    let rows = InMemory::new(stride, move || Ok(data));
    Ok(Picture::new(FileFormat::Tga, size, format, Metadata::default(), rows).with_notes(notes))
}

fn read_header(file: &[u8]) -> Result<(Header, usize)> {
    let head: &[u8; 18] = file.first_chunk().ok_or_else(|| cut_short(FileFormat::Tga))?;
    let number = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let (kind, packed) = (head[2] & 7, head[2] & 8 != 0);
    let (bits, descriptor) = (head[16], head[17]);
    let has_palette = head[1] == 1;
    let (palette_count, palette_bits) = (usize::from(number(5)), head[7]);
    let sound = match kind {
        1 => has_palette && matches!(bits, 8 | 16) && matches!(palette_bits, 15 | 16 | 24 | 32),
        2 => matches!(bits, 15 | 16 | 24 | 32),
        3 => matches!(bits, 8 | 16),
        0 => return Err(Error::new(ErrorKind::Format, "this TGA has no picture; use another file")),
        _ => false,
    };
    if !sound || head[2] & !11 != 0 || head[1] > 1 {
        return Err(damaged(FileFormat::Tga, "its header makes no sense"));
    }
    let mut at = 18 + usize::from(head[0]);
    let entry = usize::from(palette_bits).div_ceil(8);
    let palette_bytes = if has_palette { palette_count * entry } else { 0 };
    let stored = file.get(at..at + palette_bytes).ok_or_else(|| cut_short(FileFormat::Tga))?;
    at += palette_bytes;
    let attribute_bits = descriptor & 15;
    let colour_bits = match kind {
        1 if palette_bits == 15 => 15,
        1 => palette_bits,
        _ => bits,
    };
    let mut palette = Vec::new();
    if kind == 1 {
        palette.extend(stored.chunks_exact(entry).map(colour));
    }
    let header = Header {
        width: number(12),
        height: number(14),
        kind,
        packed,
        bits,
        attribute_bits,
        from_top: descriptor & 0x20 != 0,
        from_right: descriptor & 0x10 != 0,
        palette,
        palette_first: usize::from(number(3)),
        colour_bits,
    };
    Ok((header, at))
}

/// What alpha means, by the extension area and the header. `None` if it means nothing.
fn alpha(file: &[u8], attribute_bits: u8) -> Option<Alpha> {
    let footer = file.len().checked_sub(26).map(|at| &file[at..]).filter(|f| &f[8..] == FOOTER);
    let extension = footer.map(|f| u32::from_le_bytes([f[0], f[1], f[2], f[3]]) as usize).filter(|at| *at > 0);
    let stated = extension.and_then(|at| file.get(at.checked_add(ATTRIBUTES_TYPE)?).copied());
    match stated {
        Some(1 | 2) => None,
        Some(4) => Some(Alpha::Premultiplied),
        Some(3) => Some(Alpha::Straight),
        // "No alpha" beside a header that counts its bits is a field that a writer left empty.
        _ => (attribute_bits > 0).then_some(Alpha::Straight),
    }
}

/// A stored colour as red, green, blue, alpha.
fn colour(stored: &[u8]) -> [u8; 4] {
    match *stored {
        [b, g, r, a] => [r, g, b, a],
        [b, g, r] => [r, g, b, 255],
        [low, high] => {
            let value = u16::from_le_bytes([low, high]);
            let five = |shift: u16| ((value >> shift & 31) * 255 / 31) as u8;
            [five(10), five(5), five(0), if value & 0x8000 != 0 { 255 } else { 0 }]
        }
        _ => [0, 0, 0, 255],
    }
}

fn decode(stored: &[u8], header: &Header, format: Format, data: &mut [u8]) -> Result<()> {
    let (width, height) = (usize::from(header.width), usize::from(header.height));
    let (entry, pixel) = (usize::from(header.bits).div_ceil(8), format.pixel_size());
    let (mut at, mut index) = (0, 0);
    let mut put = |value: &[u8]| -> Result<()> {
        let (x, y) = (index % width, index / width);
        index += 1;
        if y >= height {
            return Ok(());
        }
        let x = if header.from_right { width - 1 - x } else { x };
        let y = if header.from_top { y } else { height - 1 - y };
        let to = &mut data[(y * width + x) * pixel..][..pixel];
        match header.kind {
            3 => to.copy_from_slice(&value[..pixel]),
            2 => to.copy_from_slice(&colour(value)[..pixel]),
            _ => {
                let index = value.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
                let colour = index.checked_sub(header.palette_first).and_then(|n| header.palette.get(n));
                let colour = colour.ok_or_else(|| damaged(FileFormat::Tga, "a colour outside of its palette"))?;
                to.copy_from_slice(&colour[..pixel]);
            }
        }
        Ok(())
    };
    let take = |at: &mut usize, bytes: usize| {
        let part = stored.get(*at..*at + bytes).ok_or_else(|| cut_short(FileFormat::Tga))?;
        *at += bytes;
        Ok::<_, Error>(part)
    };
    let total = width * height;
    let mut done = 0;
    while done < total {
        let (count, repeated) = if header.packed {
            let code = take(&mut at, 1)?[0];
            (usize::from(code & 127) + 1, code & 128 != 0)
        } else {
            (width.min(total - done), false)
        };
        if repeated {
            let value = take(&mut at, entry)?;
            (0..count).try_for_each(|_| put(value))?;
        } else {
            // A packet may run past the last pixel.
            let wanted = count.min(total - done);
            take(&mut at, wanted * entry)?.chunks_exact(entry).try_for_each(&mut put)?;
        }
        done += count;
    }
    Ok(())
}
