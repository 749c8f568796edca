//! EXR: floating-point samples in linear light, colour premultiplied by alpha.

mod channels;
pub mod read;
pub mod write;

use enlarger::{Alpha, Sample};

use super::storage::{Storage, remove};
use crate::metadata::Metadata;

/// What EXR can store.
pub const STORAGE: Storage = Storage {
    longest_side: u32::MAX,
    sample,
    alpha: Some(|_, _| Alpha::Premultiplied),
    linear: true,
    remove_unstorable,
};

/// Linear light needs more than 8 bits, and half floats hold fewer than 16.
fn sample(sample: Sample) -> Sample {
    if matches!(sample, Sample::U8 | Sample::F16) { Sample::F16 } else { Sample::F32 }
}

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = Vec::new();
    remove(&mut metadata.exif, "EXIF", &mut removed);
    remove(&mut metadata.xmp, "XMP", &mut removed);
    remove(&mut metadata.iptc, "IPTC records", &mut removed);
    remove(&mut metadata.comments, "comments", &mut removed);
    remove(&mut metadata.texts, "a PNG's texts", &mut removed);
    remove(&mut metadata.page_name, "the page's name", &mut removed);
    removed
}
