//! Reading GIF: the first frame, on the canvas that the file states.
//!
//! Pixels that the frame does not cover are transparent. Other frames of an animation are left out, which is said.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Channels, Format, Result, Sample, Size};
use weezl::{BitOrder, LzwStatus};

use super::blocks::{self, Frame};
use crate::metadata::Metadata;
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::in_memory::InMemory;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture};

/// Opens a GIF file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.get_ref().metadata()?.len();
    limits.check_memory(length, "a GIF file")?;
    let mut file = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.read_to_end(&mut file)?;
    let content = blocks::read(&file)?;
    drop(file);
    let frame = content.first.ok_or_else(|| damaged(FileFormat::Gif, "it has no frame"))?;
    // Writers sometimes state a canvas that their picture does not fit.
    let width = usize::from(content.width).max(frame.left + frame.width);
    let height = usize::from(content.height).max(frame.top + frame.height);
    let size = limits.check_size(width as u64, height as u64)?;
    let bytes = Format::new(Sample::U8, Channels::Rgba).row_size(size.width) as u64 * u64::from(size.height);
    let indices = (frame.width * frame.height) as u64;
    limits.check_memory(length + bytes + indices, "a GIF")?;
    let indices = decode(&frame, limits.allocate(indices, "a GIF")?)?;
    let (format, data) = draw(&frame, &indices, size, limits)?;

    let mut notes = Vec::new();
    if content.frames > 1 {
        notes.push(format!("this is an animated GIF of {} frames; only the first is enlarged", content.frames));
    }
    if !content.complete {
        notes.push("the file lacks its end mark, but the first frame is complete".to_owned());
    }
    let mut metadata = Metadata {
        icc: content.icc,
        xmp: content.xmp,
        comments: content.comments,
        orientation: 1,
        ..Metadata::default()
    };
    if content.has_plain_text {
        metadata.leave_out("the GIF's texts over the picture");
    }
    let rows = InMemory::new(format.row_size(size.width), move || Ok(data));
    Ok(Picture::new(FileFormat::Gif, size, format, metadata, rows).with_notes(notes))
}

fn decode(frame: &Frame, mut indices: Vec<u8>) -> Result<Vec<u8>> {
    let mut decoder = weezl::decode::Decoder::new(BitOrder::Lsb, frame.code_size);
    let (mut from, mut done) = (0, 0);
    while done < indices.len() {
        let result = decoder.decode_bytes(&frame.data[from..], &mut indices[done..]);
        (from, done) = (from + result.consumed_in, done + result.consumed_out);
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            Ok(_) => break,
            Err(e) => return Err(damaged(FileFormat::Gif, e)),
        }
    }
    if done < indices.len() { Err(cut_short(FileFormat::Gif)) } else { Ok(indices) }
}

/// Draws the frame on the canvas. A picture that is opaque everywhere has no alpha.
fn draw(frame: &Frame, indices: &[u8], size: Size, limits: &Limits) -> Result<(Format, Vec<u8>)> {
    let (width, height) = (size.width as usize, size.height as usize);
    let covers = (frame.left, frame.top, frame.width, frame.height) == (0, 0, width, height);
    let opaque = covers && frame.transparent.is_none_or(|index| !indices.contains(&index));
    let format = Format::new(Sample::U8, if opaque { Channels::Rgb } else { Channels::Rgba });
    let pixel = format.pixel_size();
    let mut data = limits.allocate((width * height * pixel) as u64, "a GIF")?;
    let order: Vec<usize> = if frame.interlaced {
        [(0, 8), (4, 8), (2, 4), (1, 2)].iter().flat_map(|(from, step)| (*from..frame.height).step_by(*step)).collect()
    } else {
        (0..frame.height).collect()
    };
    for (row, y) in indices.chunks_exact(frame.width.max(1)).zip(order) {
        let start = ((frame.top + y) * width + frame.left) * pixel;
        for (index, to) in row.iter().zip(data[start..].chunks_exact_mut(pixel)) {
            if frame.transparent == Some(*index) {
                continue;
            }
            let at = 3 * usize::from(*index);
            let colour = frame.palette.get(at..at + 3);
            let colour = colour.ok_or_else(|| damaged(FileFormat::Gif, "a colour outside of its palette"))?;
            to[..3].copy_from_slice(colour);
            to[3..].fill(255);
        }
    }
    Ok((format, data))
}
