//! The list of a PNG's chunks, read before anything is decoded.
//!
//! It shows whether the file is whole, what it says about its colours, and what no result can keep. A decoder of rows would
//! reach the chunks after the pixels too late.

use std::io::{Read, Seek, SeekFrom};

use enlarger::Result;

use crate::metadata::{MAX_METADATA, Metadata};
use crate::picture::decode_error::cut_short;
use crate::picture::file_format::FileFormat;
use crate::picture::source::InputFile;

/// Chunks that are looked at here.
#[derive(Default)]
pub struct Chunks {
    /// Whether the end mark is there.
    pub is_complete: bool,
    /// The last block of EXIF.
    pub exif: Option<Vec<u8>>,
    /// Primaries, transfer, matrix and range as numbers of ITU-T H.273.
    pub cicp: Option<[u8; 4]>,
    /// Whether there is a profile, sound or not.
    pub has_profile: bool,
    /// Whether the file says that it is in sRGB.
    pub srgb: bool,
    /// The exponent of encoding, times 100000.
    pub gamma: Option<u32>,
    /// White, red, green and blue, times 100000.
    pub primaries: Option<[u32; 8]>,
    /// Chunks that stay true of a result as they are.
    pub kept: Vec<([u8; 4], Vec<u8>)>,
    /// The names of chunks that no result keeps.
    unknown: Vec<String>,
}

/// Bytes of a chunk that is kept as it is.
const MAX_KEPT: u64 = 64;

/// Reads the list of chunks up to the end. A file that ends after some of its pixels is given back as incomplete, because
/// they may be all of them.
pub fn read(input: &mut InputFile) -> Result<Chunks> {
    let length = input.seek(SeekFrom::End(0))?;
    let (mut at, mut found) = (8, Chunks::default());
    let mut has_pixels = false;
    loop {
        input.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        let read = input.read_exact(&mut head);
        let [a, b, c, d, name @ ..] = head;
        let size = u64::from(u32::from_be_bytes([a, b, c, d]));
        at += 12 + size;
        if read.is_err() || at > length {
            return if has_pixels { Ok(found) } else { Err(cut_short(FileFormat::Png)) };
        }
        has_pixels |= name == *b"IDAT";
        let mut content = || -> Result<Vec<u8>> {
            let mut content = Vec::new();
            input.by_ref().take(size).read_to_end(&mut content)?;
            Ok(content)
        };
        match &name {
            b"eXIf" if size <= MAX_METADATA => found.exif = Some(content()?),
            b"cICP" => found.cicp = content()?.first_chunk().copied(),
            b"sRGB" => found.srgb = true,
            b"iCCP" => found.has_profile = true,
            b"gAMA" if size == 4 => found.gamma = content()?.first_chunk().map(|n| u32::from_be_bytes(*n)),
            b"cHRM" if size == 32 => {
                let mut numbers = [0; 8];
                for (to, from) in numbers.iter_mut().zip(content()?.as_chunks().0) {
                    *to = u32::from_be_bytes(*from);
                }
                found.primaries = Some(numbers);
            }
            b"mDCV" | b"cLLI" | b"sTER" if size <= MAX_KEPT => {
                let content = content()?;
                found.kept.push((name, content));
            }
            b"IEND" => {
                found.is_complete = true;
                return Ok(found);
            }
            // What the decoder reads, what describes the storage of the old file, its date, and what programs note for themselves.
            b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"pHYs" | b"tEXt" | b"zTXt" | b"iTXt" => {}
            b"sBIT" | b"hIST" | b"sPLT" | b"tIME" | b"iDOT" | b"CgBI" | b"acTL" | b"fcTL" | b"fdAT" => {}
            _ => found.unknown.push(name.iter().map(|b| char::from(*b)).filter(char::is_ascii_alphabetic).collect()),
        }
    }
}

impl Chunks {
    /// Names in `metadata` what no result keeps.
    pub fn name_the_rest(&self, metadata: &mut Metadata) {
        let mut unknown = Vec::new();
        for name in &self.unknown {
            match name.as_str() {
                "caBX" => metadata.leave_out("content credentials (C2PA), which hold for the old file only"),
                "bKGD" => metadata.leave_out("the background colour of the PNG"),
                "npTc" | "npLb" | "npOl" => metadata.leave_out("the nine-patch of Android"),
                "sCAL" | "oFFs" | "pCAL" => metadata.leave_out("the PNG's physical scale or position"),
                other if !unknown.contains(&other) && unknown.len() < 12 => unknown.push(other),
                _ => {}
            }
        }
        match unknown.as_slice() {
            [] => {}
            [one] => metadata.leave_out(&format!("the PNG chunk {one}")),
            more => metadata.leave_out(&format!("the PNG chunks {}", more.join(", "))),
        }
    }
}
