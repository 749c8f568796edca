//! Reading WebP: the decoder gives the whole picture, so it is held in memory, and the file with it.
//!
//! Some programs that edit metadata write a header that denies the picture's alpha. The picture's own data tells the truth.

use std::io::{Cursor, Read, Seek, SeekFrom};

use enlarger::{Channels, Error, ErrorKind, Format, Result, Sample};
use image_webp::{DecodingError, WebPDecoder};

use crate::metadata::Metadata;
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::in_memory::InMemory;
use crate::picture::limits::Limits;
use crate::picture::source::{InputFile, Picture};

/// Where the flags of the extended header are, and the one for alpha.
const EXTENDED_FLAGS: usize = 20;
const ALPHA_FLAG: u8 = 0x10;

/// Opens a WebP file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut head = [0; 8];
    input.read_exact(&mut head)?;
    let [.., a, b, c, d] = head;
    let is_shorter = u64::from(u32::from_le_bytes([a, b, c, d])) + 8 > length;
    limits.check_memory(length, "a WebP file")?;
    let mut left_out = Vec::new();
    let (mut frames, mut has_picture) = (0, false);
    let mut has_alpha = false;
    let mut position = 12;
    while let Some((name, next)) = chunk_name(&mut input, position)? {
        match &name {
            b"ALPH" => has_alpha = true,
            b"VP8L" => {
                has_picture = true;
                has_alpha |= lossless_alpha(&mut input, position)?;
            }
            b"VP8 " => has_picture = true,
            b"VP8X" | b"ICCP" | b"EXIF" | b"XMP " | b"ANIM" => {}
            b"ANMF" => frames += 1,
            b"C2PA" => left_out.push("content credentials (C2PA), which hold for the old file only".to_owned()),
            _ => left_out.push(format!("the WebP chunk {}", String::from_utf8_lossy(&name).trim())),
        }
        // The byte that makes a length even may be missing at the end.
        if next > length + 1 {
            return Err(cut_short(FileFormat::WebP));
        }
        position = next;
    }
    if is_shorter && !has_picture && frames == 0 {
        return Err(cut_short(FileFormat::WebP));
    }
    let mut file = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.read_to_end(&mut file)?;
    if let (true, Ok(size)) = (is_shorter, u32::try_from(file.len().saturating_sub(8))) {
        file[4..8].copy_from_slice(&size.to_le_bytes());
    }
    if has_alpha && frames == 0 && file.get(12..16) == Some(b"VP8X") {
        file[EXTENDED_FLAGS] |= ALPHA_FLAG;
    }
    let mut decoder = WebPDecoder::new(Cursor::new(file)).map_err(error)?;
    decoder.set_memory_limit(usize::try_from(limits.memory).unwrap_or(usize::MAX));
    let (width, height) = decoder.dimensions();
    let size = limits.check_size(width.into(), height.into())?;
    if decoder.is_animated() {
        return Err(Error::new(
            ErrorKind::Format,
            format!(
                "this is an animated WebP of {frames} frames, which is not supported; \
                 extract its frames, for example with ffmpeg, and enlarge those"
            ),
        ));
    }
    let format = Format::new(Sample::U8, if decoder.has_alpha() { Channels::Rgba } else { Channels::Rgb });
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    limits.check_memory(bytes + length, "a WebP")?;
    let mut metadata = Metadata {
        icc: decoder.icc_profile().map_err(error)?,
        xmp: decoder.xmp_metadata().map_err(error)?,
        ..Metadata::default()
    };
    if let Some(block) = decoder.exif_metadata().map_err(error)? {
        metadata.read_exif(&block);
    }
    metadata.settle_density(None);
    left_out.iter().for_each(|what| metadata.leave_out(what));
    metadata.adopt_exif_colours(false);
    let limits = *limits;
    let rows = InMemory::new(stride, move || {
        let mut data = limits.allocate(bytes, "a WebP")?;
        decoder.read_image(&mut data).map_err(error)?;
        Ok(data)
    });
    let shorter = "the file is shorter than its header states, but all of its picture is there".to_owned();
    let notes = is_shorter.then_some(shorter).into_iter().collect();
    Ok(Picture::new(FileFormat::WebP, size, format, metadata, rows).with_notes(notes))
}

/// Whether the lossless picture in the chunk at `position` has alpha: a bit after the sides of 14 bits each.
fn lossless_alpha(input: &mut InputFile, position: u64) -> Result<bool> {
    input.seek(SeekFrom::Start(position + 8))?;
    let mut head = [0; 5];
    input.read_exact(&mut head).map_err(|_| cut_short(FileFormat::WebP))?;
    Ok(head[4] & 0x10 != 0)
}

/// The name of the chunk at `position`, and where the next one is.
fn chunk_name(input: &mut InputFile, position: u64) -> Result<Option<([u8; 4], u64)>> {
    input.seek(SeekFrom::Start(position))?;
    let mut head = [0; 8];
    match input.read_exact(&mut head) {
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(e.into()),
        Ok(()) => {
            let [a, b, c, d, length @ ..] = head;
            let next = position + 8 + u64::from(u32::from_le_bytes(length)).next_multiple_of(2);
            Ok(a.is_ascii_graphic().then_some(([a, b, c, d], next)))
        }
    }
}

fn error(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(FileFormat::WebP),
        DecodingError::IoError(e) => e.into(),
        DecodingError::MemoryLimitExceeded => Error::new(
            ErrorKind::Limit,
            "decoding this WebP takes more memory than the limit; if you trust the file, raise the limit with --max-memory",
        ),
        e => damaged(FileFormat::WebP, e),
    }
}
