//! EXR: floating-point samples in linear light, colour premultiplied by alpha.

mod channels;
pub mod read;
pub mod write;

use enlarger::{Alpha, Sample};

use super::storage::{Storage, remove};
use crate::metadata::{Metadata, label};

/// What EXR can store.
pub const STORAGE: Storage = Storage {
    longest_side: u32::MAX,
    sample,
    alpha: Some(|_, _| Alpha::Premultiplied),
    linear: true,
    remove_unstorable,
    label: label::in_exr,
};

/// Linear light needs more than 8 bits, and half floats hold fewer than 16.
fn sample(sample: Sample) -> Sample {
    if matches!(sample, Sample::U8 | Sample::F16) { Sample::F16 } else { Sample::F32 }
}

fn remove_unstorable(metadata: &mut Metadata) -> Vec<String> {
    let mut removed = metadata.iptc_to_xmp();
    removed.extend(metadata.texts_to_xmp());
    removed.extend(metadata.page_name_to_xmp());
    removed.extend(metadata.comments_to_xmp());
    remove(&mut metadata.exif, "EXIF", &mut removed);
    removed
}
