//! The label of a result: what made it, where each format has a place for that.
//!
//! It is added to what the picture says about itself already. It replaces only the label of an earlier run, and nothing in
//! it is guessed.

use enlarger::{Provenance, XmpValue};

use super::Metadata;
use super::exif::{Exif, SOFTWARE};
use super::xmp::{Packet, Property, Value};

/// The keyword of the software among a PNG's texts.
const KEYWORD: &str = "Software";

/// Labels in XMP and in EXIF's *Software*.
pub fn in_exif(metadata: &mut Metadata, made: &Provenance) {
    in_xmp(metadata, made);
    let exif = metadata.exif.get_or_insert_with(Exif::empty);
    let before = exif.main_text(SOFTWARE).unwrap_or_default();
    exif.set_main_text(SOFTWARE, &joined(&before, made));
}

/// Labels in XMP, in EXIF's *Software*, and in the text *Software* of a PNG.
pub fn in_png(metadata: &mut Metadata, made: &Provenance) {
    in_exif(metadata, made);
    match metadata.texts.iter_mut().find(|(keyword, _)| keyword == KEYWORD) {
        Some((_, text)) => *text = joined(text, made),
        None => metadata.texts.push((KEYWORD.to_owned(), made.software())),
    }
}

/// Labels in XMP and in the attribute *software* of an EXR.
pub fn in_exr(metadata: &mut Metadata, made: &Provenance) {
    in_xmp(metadata, made);
    let mut attributes = metadata.exr.take().map_or_else(Default::default, |shared| (*shared).clone());
    let before = attributes.software().unwrap_or_default();
    attributes.set_software(&joined(&before, made));
    metadata.exr = Some(attributes.into());
}

fn in_xmp(metadata: &mut Metadata, made: &Provenance) {
    let mut packet = metadata.take_packet().unwrap_or_else(Packet::empty);
    packet.remove(|namespace, _| namespace == Provenance::NAMESPACE);
    let value = |value| match value {
        XmpValue::Text(text) => Value::Text(text),
        XmpValue::Seq(texts) => Value::Sequence(texts),
    };
    let properties: Vec<Property> = made
        .properties()
        .into_iter()
        .map(|p| Property { namespace: p.namespace, prefix: p.prefix, name: p.name, value: value(p.value) })
        .collect();
    packet.set(&properties);
    metadata.xmp = Some(packet.into_bytes());
}

/// The software that a picture names, followed by Enlarger. An earlier statement of Enlarger is replaced.
fn joined(before: &str, made: &Provenance) -> String {
    let others = before.split("; ").filter(|part| {
        let version = part.strip_prefix(Provenance::SOFTWARE).and_then(|rest| rest.strip_prefix(' '));
        !part.is_empty() && !version.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    let ours = made.software();
    others.chain([ours.as_str()]).collect::<Vec<_>>().join("; ")
}
