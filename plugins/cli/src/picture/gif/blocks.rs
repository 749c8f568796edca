//! The blocks of a GIF file: frames, and what stands between them.
//!
//! Frames behind the first are counted and not decoded. No length of the file is trusted.

use enlarger::Result;

use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;

/// A frame as the file stores it.
pub struct Frame {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
    pub interlaced: bool,
    /// The colours, three bytes each.
    pub palette: Vec<u8>,
    pub transparent: Option<u8>,
    pub code_size: u8,
    pub data: Vec<u8>,
}

/// What a file contains.
#[derive(Default)]
pub struct Content {
    pub width: u16,
    pub height: u16,
    pub first: Option<Frame>,
    pub frames: usize,
    pub comments: Vec<String>,
    pub xmp: Option<Vec<u8>>,
    pub icc: Option<Vec<u8>>,
    /// Whether texts to be drawn over the picture are left out.
    pub has_plain_text: bool,
    /// Whether the end mark is there.
    pub complete: bool,
}

/// Reads all blocks. Damage behind the first frame ends the reading without an error.
pub fn read(file: &[u8]) -> Result<Content> {
    let mut at = 13;
    let head: &[u8; 13] = file.first_chunk().ok_or_else(|| cut_short(FileFormat::Gif))?;
    let number = |low: u8, high: u8| u16::from_le_bytes([low, high]);
    let mut content =
        Content { width: number(head[6], head[7]), height: number(head[8], head[9]), ..Content::default() };
    let global = table(file, &mut at, head[10])?;
    let mut transparent = None;
    while let Some(kind) = file.get(at) {
        at += 1;
        let sound = match kind {
            0x3B => {
                content.complete = true;
                break;
            }
            0x21 => extension(file, &mut at, &mut content, &mut transparent),
            0x2C => match frame(file, &mut at, &global, transparent.take()) {
                Ok(frame) => {
                    content.frames += 1;
                    content.first.get_or_insert(frame);
                    Some(())
                }
                Err(error) if content.first.is_none() => return Err(error),
                Err(_) => None,
            },
            // Some writers leave zeros between blocks.
            0 => Some(()),
            _ => None,
        };
        if sound.is_none() {
            break;
        }
    }
    Ok(content)
}

/// A table of colours, if the flags say that there is one.
fn table(file: &[u8], at: &mut usize, flags: u8) -> Result<Vec<u8>> {
    if flags & 0x80 == 0 {
        return Ok(Vec::new());
    }
    let bytes = 3 << ((flags & 7) + 1);
    let table = file.get(*at..*at + bytes).ok_or_else(|| cut_short(FileFormat::Gif))?;
    *at += bytes;
    Ok(table.to_vec())
}

fn frame(file: &[u8], at: &mut usize, global: &[u8], transparent: Option<u8>) -> Result<Frame> {
    let head: &[u8; 9] = file.get(*at..).and_then(|f| f.first_chunk()).ok_or_else(|| cut_short(FileFormat::Gif))?;
    *at += 9;
    let number = |n: usize| usize::from(u16::from_le_bytes([head[n], head[n + 1]]));
    let local = table(file, at, head[8])?;
    let code_size = *file.get(*at).ok_or_else(|| cut_short(FileFormat::Gif))?;
    *at += 1;
    if !(1..=11).contains(&code_size) {
        return Err(damaged(FileFormat::Gif, "an impossible size of codes"));
    }
    let data = sub_blocks(file, at).ok_or_else(|| cut_short(FileFormat::Gif))?;
    Ok(Frame {
        left: number(0),
        top: number(2),
        width: number(4),
        height: number(6),
        interlaced: head[8] & 0x40 != 0,
        palette: if local.is_empty() { global.to_vec() } else { local },
        transparent,
        code_size,
        data,
    })
}

fn extension(file: &[u8], at: &mut usize, content: &mut Content, transparent: &mut Option<u8>) -> Option<()> {
    let label = *file.get(*at)?;
    *at += 1;
    let start = *at;
    let data = sub_blocks(file, at)?;
    match label {
        0xF9 => *transparent = data.get(3).copied().filter(|_| data[0] & 1 != 0),
        0xFE => {
            let text = String::from_utf8_lossy(&data).trim_matches('\0').trim().to_owned();
            content.comments.extend((!text.is_empty()).then_some(text));
        }
        0x01 => content.has_plain_text = true,
        // XMP is stored as it is, with a trailer that makes its bytes pass for blocks.
        0xFF if data.starts_with(b"XMP DataXMP") => {
            let raw = file.get(start + 12..*at)?;
            let end = raw
                .windows(3)
                .rposition(|w| w == [0xFF, 0xFE, 0xFD])
                .and_then(|_| raw.windows(2).position(|w| w == [0x01, 0xFF]));
            content.xmp = end.map(|end| raw[..end].to_vec()).filter(|xmp| !xmp.is_empty());
        }
        0xFF if data.starts_with(b"ICCRGBG1012") => content.icc = Some(data[11..].to_vec()),
        _ => {}
    }
    Some(())
}

/// The content of the blocks of up to 255 bytes from here to the empty one.
fn sub_blocks(file: &[u8], at: &mut usize) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let length = usize::from(*file.get(*at)?);
        data.extend(file.get(*at + 1..*at + 1 + length)?);
        *at += 1 + length;
        if length == 0 {
            return Some(data);
        }
    }
}
