//! PNG: 8 and 16 bits, gray and RGB, with and without alpha; read and written row by row.

mod chunks;
mod colours;
pub mod read;
mod texts;
pub mod write;

pub use colours::named_primaries;

use super::storage::{Storage, integers, straight};
use crate::metadata::{Metadata, label};

/// What PNG can store.
pub const STORAGE: Storage = Storage {
    longest_side: i32::MAX as u32,
    sample: integers,
    alpha: Some(straight),
    linear: false,
    remove_unstorable,
    label: label::in_png,
};

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = Vec::new();
    removed.extend(metadata.iptc_to_xmp());
    removed.extend(metadata.page_name_to_xmp());
    metadata.texts.extend(metadata.comments.drain(..).map(|text| ("Comment".to_owned(), text)));
    removed
}

/// The keyword of XMP among a PNG's text chunks.
const XMP_KEYWORD: &str = "XML:com.adobe.xmp";
const METRES_PER_INCH: f64 = 0.0254;
