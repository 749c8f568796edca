//! Reading PNM: PBM, PGM, PPM and PAM. Results are never written in it.
//!
//! Comments in the header are kept. They are the only place where these files can say anything.

use std::io::{Read, Seek, SeekFrom};

use enlarger::Result;
use image::codecs::pnm::PnmDecoder;

use super::file_format::FileFormat;
use super::image_crate::Undecoded;
use super::in_memory::InMemory;
use super::limits::Limits;
use super::source::{InputFile, Picture};
use crate::metadata::Metadata;

/// Bytes of a header that are searched for comments.
const HEADER: u64 = 1 << 12;

/// Opens a PNM file.
pub fn open(mut input: InputFile, limits: &Limits) -> Result<Picture> {
    let mut head = Vec::new();
    input.by_ref().take(HEADER).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    let metadata = Metadata { comments: comments(&head), orientation: 1, ..Metadata::default() };
    let undecoded = Undecoded::new(FileFormat::Pnm, PnmDecoder::new(input), limits)?;
    let (size, format) = (undecoded.size, undecoded.format);
    let rows = InMemory::new(format.row_size(size.width), move || undecoded.decode());
    Ok(Picture::new(FileFormat::Pnm, size, format, metadata, rows))
}

/// The comments before the last word of the header.
fn comments(head: &[u8]) -> Vec<String> {
    let words = if matches!(head, [b'P', b'1' | b'4', ..]) { 3 } else { 4 };
    let pam = head.starts_with(b"P7");
    let (mut comments, mut seen) = (Vec::new(), 0);
    for line in head.split(|b| *b == b'\n') {
        let (text, comment) = match line.iter().position(|b| *b == b'#') {
            Some(at) => (&line[..at], Some(&line[at + 1..])),
            None => (line, None),
        };
        if let Some(comment) = comment.map(|c| String::from_utf8_lossy(c).trim().to_owned()).filter(|c| !c.is_empty()) {
            comments.push(comment);
        }
        seen += text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
        if (pam && text.starts_with(b"ENDHDR")) || (!pam && seen >= words) {
            return comments;
        }
    }
    // No end of the header: what was found may be pixels.
    Vec::new()
}
