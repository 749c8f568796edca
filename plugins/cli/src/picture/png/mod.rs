//! PNG: 8 and 16 bits, gray and RGB, with and without alpha; read and written row by row.

pub mod read;
pub mod write;

use super::storage::{Storage, integers, remove, straight};
use crate::metadata::Metadata;

/// What PNG can store.
pub const STORAGE: Storage = Storage {
    longest_side: i32::MAX as u32,
    sample: integers,
    alpha: Some(straight),
    linear: false,
    remove_unstorable,
};

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = Vec::new();
    if metadata.xmp.as_ref().is_some_and(|packet| std::str::from_utf8(packet).is_err()) {
        remove(&mut metadata.xmp, "XMP that is not UTF-8", &mut removed);
    }
    remove(&mut metadata.iptc, "IPTC records", &mut removed);
    remove(&mut metadata.page_name, "the page's name", &mut removed);
    metadata.texts.extend(metadata.comments.drain(..).map(|text| ("Comment".to_owned(), text)));
    removed
}

/// The keyword of XMP among a PNG's text chunks.
const XMP_KEYWORD: &str = "XML:com.adobe.xmp";
const METRES_PER_INCH: f64 = 0.0254;
