//! The texts of a PNG: keywords with their texts, XMP, and blocks of metadata that ImageMagick writes as digits.

use super::XMP_KEYWORD;
use crate::metadata::exif::Exif;
use crate::metadata::{MAX_METADATA, Metadata, photoshop};

/// Reads the texts into `metadata`.
pub fn read(info: &png::Info<'_>, metadata: &mut Metadata) {
    let mut texts = Vec::new();
    texts.extend(info.uncompressed_latin1_text.iter().map(|t| (t.keyword.clone(), t.text.clone())));
    texts.extend(info.compressed_latin1_text.iter().filter_map(|t| Some((t.keyword.clone(), t.get_text().ok()?))));
    texts.extend(info.utf8_text.iter().filter_map(|t| Some((t.keyword.clone(), t.get_text().ok()?))));
    for (keyword, text) in texts {
        if keyword == XMP_KEYWORD {
            metadata.xmp = Some(text.into_bytes());
        } else if let Some(kind) = keyword.strip_prefix("Raw profile type ") {
            match raw_profile(&text) {
                Some(block) => read_raw_profile(kind, &block, metadata),
                None => metadata.leave_out(&format!("the text \"{keyword}\", which is damaged")),
            }
        } else {
            metadata.texts.push((keyword, text));
        }
    }
}

/// The bytes of a block that is written as a name, a length and digits.
fn raw_profile(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split_ascii_whitespace();
    let (_name, length) = (parts.next()?, parts.next()?.parse::<u64>().ok()?);
    let digits: Vec<u8> = parts.flat_map(str::bytes).collect();
    if length > MAX_METADATA || digits.len() as u64 != 2 * length {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16);
    digits.as_chunks().0.iter().map(|[a, b]| u8::try_from(digit(*a)? << 4 | digit(*b)?).ok()).collect()
}

fn read_raw_profile(kind: &str, block: &[u8], metadata: &mut Metadata) {
    const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
    match kind {
        "exif" | "APP1" | "xmp" => {
            if let Some(packet) = block.strip_prefix(XMP_MARK).or((kind == "xmp").then_some(block)) {
                metadata.xmp.get_or_insert_with(|| packet.to_vec());
            } else if metadata.exif.is_none() {
                // Viewers do not look for an orientation here, so the picture is shown as it is stored.
                let orientation = metadata.orientation;
                metadata.set_exif(Exif::from_block(block));
                metadata.orientation = orientation;
            }
        }
        "iptc" | "8bim" if block.starts_with(b"8BIM") => photoshop::read_into(metadata, block),
        "8bim" => {}
        "iptc" => metadata.set_iptc(block),
        // The file's own chunk is the place for it.
        "icc" | "icm" => {}
        _ => metadata.leave_out(&format!("the text \"Raw profile type {kind}\"")),
    }
}
