//! What made a picture, as its metadata says.
//!
//! It is read back here, for `enlarge info` and for folders. Nothing here writes it or guesses it.

use enlarger::Provenance;
use serde_json::{Map, Value, json};

use crate::metadata::Metadata;
use crate::metadata::exif::SOFTWARE;
use crate::metadata::xmp::Packet;

const SOURCE_TYPE: &str = "DigitalSourceType";

/// Our properties that are one text, with their keys in JSON.
const TEXTS: [(&str, &str); 24] = [
    ("Version", "version"),
    ("Preset", "preset"),
    ("Method", "method"),
    ("Factor", "factor"),
    ("SourceSize", "source_size"),
    ("ResultSize", "result_size"),
    ("Strength", "strength"),
    ("ColourLock", "colour_lock"),
    ("Creativity", "creativity"),
    ("Denoise", "denoise"),
    ("EdgeCare", "edge_care"),
    ("Mask", "mask"),
    ("Fading", "fading"),
    ("Scratches", "scratches"),
    ("Grain", "grain"),
    ("Seed", "seed"),
    ("Faces", "faces"),
    ("FaceStrength", "face_strength"),
    ("FaceDenoise", "face_denoise"),
    ("FaceGrain", "face_grain"),
    ("FaceRestorer", "face_restorer"),
    ("FaceFidelity", "face_fidelity"),
    ("Wrap", "wrap"),
    ("ReduceFirst", "reduce_first"),
];

/// What made a picture.
#[derive(Debug, Default)]
pub struct Maker {
    /// Whether it is Enlarger.
    pub is_enlarger: bool,
    /// The software, in one line.
    pub software: Option<String>,
    /// IPTC's digital source type: the last part of its address.
    pub source_type: Option<String>,
    /// The models that ran.
    pub models: Vec<String>,
    /// Our other properties: key and value.
    pub details: Vec<(&'static str, String)>,
}

/// What made a picture, as far as it says so.
pub fn maker(metadata: &Metadata) -> Maker {
    let mut maker = Maker { software: software(metadata), ..Maker::default() };
    maker.is_enlarger = maker.software.as_deref().is_some_and(|text| text.split("; ").any(is_ours));
    if let Some(packet) = metadata.xmp.as_deref().and_then(Packet::parse) {
        let ours = |name| packet.text(Provenance::NAMESPACE, name);
        maker.is_enlarger |= ours("Software").is_some_and(|text| text == Provenance::SOFTWARE);
        maker.source_type = packet
            .text(Provenance::IPTC_NAMESPACE, SOURCE_TYPE)
            .map(|uri| uri.rsplit('/').next().unwrap_or_default().to_owned());
        maker.models = packet.texts(Provenance::NAMESPACE, "Models");
        maker.details = TEXTS.iter().filter_map(|(name, key)| Some((*key, ours(name)?))).collect();
    }
    maker
}

/// Whether one of the programs that a file names is Enlarger, with its version.
fn is_ours(part: &str) -> bool {
    let version = part.strip_prefix(Provenance::SOFTWARE).and_then(|rest| rest.strip_prefix(' '));
    version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// The software that the file names: EXIF's field, the attribute of an EXR, or a PNG's text.
fn software(metadata: &Metadata) -> Option<String> {
    let field = metadata.exif.as_ref().and_then(|exif| exif.main_text(SOFTWARE));
    let field = field.or_else(|| metadata.exr.as_ref()?.software());
    let text = || metadata.texts.iter().find(|(key, _)| key == "Software").map(|(_, text)| text.clone());
    field.or_else(text).filter(|text| !text.is_empty()).map(|text| text.chars().filter(|c| !c.is_control()).collect())
}

impl Maker {
    /// For people; `None` if the picture does not say anything.
    pub fn sentence(&self) -> Option<String> {
        let mut parts: Vec<String> = self.software.iter().cloned().collect();
        if self.software.is_none() && self.is_enlarger {
            parts.push(Provenance::SOFTWARE.to_owned());
        }
        parts.extend(self.source_type.iter().cloned());
        parts.extend(self.models.iter().map(|model| format!("model {model}")));
        parts.extend(self.details.iter().map(|(key, value)| format!("{} {value}", key.replace('_', " "))));
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("enlarger".to_owned(), self.is_enlarger.into());
        object.insert("software".to_owned(), json!(self.software));
        object.insert("digital_source_type".to_owned(), json!(self.source_type));
        object.insert("models".to_owned(), json!(self.models));
        object.extend(self.details.iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())));
        Value::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_enlarger_writes_is_read_back() {
        let packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
            <rdf:Description rdf:about='' xmlns:enlarger='urn:enlarger:xmp:1.0/' \
            xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'>\
            <Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced\
            </Iptc4xmpExt:DigitalSourceType><enlarger:Software>Enlarger</enlarger:Software>\
            <enlarger:Version>0.1.0</enlarger:Version><enlarger:Models><rdf:Seq><rdf:li>a sha256:1 faithful 1</rdf:li>\
            <rdf:li>b sha256:2 creative 1</rdf:li></rdf:Seq></enlarger:Models><enlarger:Factor>4</enlarger:Factor>\
            </rdf:Description></rdf:RDF></x:xmpmeta>";
        let maker = maker(&Metadata { xmp: Some(packet.as_bytes().to_vec()), ..Metadata::default() });
        assert!(maker.is_enlarger);
        assert_eq!(maker.source_type.as_deref(), Some("algorithmicallyEnhanced"));
        assert_eq!(maker.models, ["a sha256:1 faithful 1", "b sha256:2 creative 1"]);
        assert_eq!(maker.details, [("version", "0.1.0".to_owned()), ("factor", "4".to_owned())]);
        assert_eq!(maker.json()["models"][1], "b sha256:2 creative 1");
    }

    #[test]
    fn other_software_is_no_mark_of_ours() {
        let texts = vec![("Software".to_owned(), "Enlarger of others 2; Other (Enlarger 3)".to_owned())];
        let other = maker(&Metadata { texts, ..Metadata::default() });
        assert!(!other.is_enlarger);
        assert_eq!(other.sentence().as_deref(), Some("Enlarger of others 2; Other (Enlarger 3)"));
        assert_eq!(maker(&Metadata::default()).sentence(), None);
    }
}
