//! The mark of a result: its metadata says what made it, in the places that its format has.
//!
//! What was there is kept beside it. It must never state what was not so, and never remove a statement of others.

use enlarger::{Provenance, XmpValue};

use super::maker::software;
use crate::metadata::Metadata;
use crate::metadata::exif::Exif;
use crate::metadata::exr_attributes::ExrAttributes;
use crate::metadata::ifd::Field;
use crate::metadata::xmp::{Packet, Property, Value};
use crate::picture::FileFormat;

/// EXIF's field for the software.
const SOFTWARE: u16 = 305;
/// The data type of texts.
const ASCII: u16 = 2;
/// What stands between our line and the software that made the source.
const AFTER: &str = ", after ";

/// Writes what made a result into the metadata of its source, for a file of `format`.
pub fn mark(metadata: &mut Metadata, made: &Provenance, format: FileFormat) {
    let line = line(made, software(metadata).as_deref());
    if format == FileFormat::Exr {
        let mut attributes = metadata.exr.as_deref().cloned().unwrap_or_else(ExrAttributes::empty);
        let mut packet = attributes.xmp().and_then(|text| Packet::parse(text.as_bytes())).unwrap_or_else(Packet::empty);
        set(&mut packet, made);
        attributes.set_mark(&line, &String::from_utf8_lossy(&packet.into_bytes()));
        metadata.exr = Some(attributes.into());
        return;
    }
    let mut packet = metadata.take_packet().unwrap_or_else(Packet::empty);
    set(&mut packet, made);
    metadata.xmp = Some(packet.into_bytes());
    let mut exif = metadata.exif.take().unwrap_or_else(Exif::empty);
    let value = [line.as_bytes(), &[0]].concat();
    exif.set_main(&[Field { tag: SOFTWARE, data_type: ASCII, value, position: 0 }]);
    metadata.exif = Some(exif);
    if format.for_result() == FileFormat::Png {
        metadata.texts.retain(|(key, _)| key != "Software");
        metadata.texts.push(("Software".to_owned(), line));
    }
}

/// Removes what an earlier run wrote about its result, which is not so for a result of this one.
pub fn unmark(metadata: &mut Metadata) {
    if let Some(mut packet) = metadata.take_packet() {
        packet.remove(|namespace, _| namespace == Provenance::NAMESPACE);
        metadata.xmp = Some(packet.into_bytes());
    }
}

/// Our line, and the software that made the source.
fn line(made: &Provenance, before: Option<&str>) -> String {
    let before = before.map(|text| match text.strip_prefix(Provenance::SOFTWARE).map(|_| text.split_once(AFTER)) {
        Some(Some((_, before))) => before,
        Some(None) => "",
        None => text,
    });
    match before.filter(|text| !text.is_empty()) {
        Some(before) => format!("{}{AFTER}{before}", made.software()),
        None => made.software(),
    }
}

/// Sets our properties in place of all that an earlier run wrote.
fn set(packet: &mut Packet, made: &Provenance) {
    packet.remove(|namespace, _| namespace == Provenance::NAMESPACE);
    let properties: Vec<Property> = made
        .properties()
        .into_iter()
        .map(|property| Property {
            namespace: property.namespace,
            prefix: property.prefix,
            name: property.name,
            value: match property.value {
                XmpValue::Text(text) => Value::Text(text),
                XmpValue::Seq(texts) => Value::Sequence(texts),
            },
        })
        .collect();
    packet.set(&properties);
}
