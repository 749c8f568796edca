//! The container of WebP: chunks in a RIFF file.
//!
//! The lossy encoder gives a file without metadata, so the chunks are put together here. Reading, it shows what the decoder
//! passes over. No length is trusted.

use crate::metadata::Metadata;

/// The chunks of a file: name and content. Ends at the first one that is not whole.
pub fn chunks(file: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let (mut found, mut at) = (Vec::new(), 12);
    while let Some((name, content, end)) = chunk(file, at) {
        found.push((name, content));
        at = end;
    }
    found
}

fn chunk(file: &[u8], at: usize) -> Option<([u8; 4], &[u8], usize)> {
    let (name, rest) = file.get(at..)?.split_first_chunk()?;
    let (length, _) = rest.split_first_chunk()?;
    let end = (at + 8).checked_add(u32::from_le_bytes(*length) as usize)?;
    Some((*name, file.get(at + 8..end)?, end.next_multiple_of(2)))
}

/// A file with the picture of `encoded`, which is a file too, and with `metadata`. `None` if it exceeds four gigabytes.
pub fn with_metadata(
    encoded: &[u8],
    (width, height): (u32, u32),
    has_alpha: bool,
    metadata: &Metadata,
) -> Option<Vec<u8>> {
    let picture = chunks(encoded).into_iter().filter(|(name, _)| matches!(name, b"ALPH" | b"VP8 " | b"VP8L"));
    let icc = metadata.icc.as_deref().map(|icc| (*b"ICCP", icc));
    let exif = metadata.exif.as_ref().map(|exif| (*b"EXIF", exif.bytes()));
    let xmp = metadata.xmp.as_deref().map(|xmp| (*b"XMP ", xmp));
    let mut header = [0; 10];
    for (set, flag) in [(icc.is_some(), 0x20), (has_alpha, 0x10), (exif.is_some(), 0x08), (xmp.is_some(), 0x04)] {
        header[0] |= if set { flag } else { 0 };
    }
    header[4..7].copy_from_slice(&(width.checked_sub(1)?).to_le_bytes()[..3]);
    header[7..].copy_from_slice(&(height.checked_sub(1)?).to_le_bytes()[..3]);
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    let all = [(*b"VP8X", &header[..])].into_iter().chain(icc).chain(picture).chain(exif).chain(xmp);
    for (name, content) in all {
        file.extend(name);
        file.extend(u32::try_from(content.len()).ok()?.to_le_bytes());
        file.extend(content);
        file.resize(file.len().next_multiple_of(2), 0);
    }
    let length = u32::try_from(file.len() - 8).ok()?;
    file[4..8].copy_from_slice(&length.to_le_bytes());
    Some(file)
}
