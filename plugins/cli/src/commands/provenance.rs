//! What made a picture, as its metadata says.
//!
//! It is read back here, for `enlarge info` and for folders; nothing here writes it.

use crate::metadata::Metadata;

/// What made a picture, one sentence; `None` if it does not say that Enlarger did.
pub fn made_by(metadata: &Metadata) -> Option<String> {
    let packet = String::from_utf8_lossy(metadata.xmp.as_deref()?);
    packet.contains("enlarger:").then(|| "made by Enlarger".to_owned())
}
