//! Provenance as XMP: properties for a writer that merges them, and a packet for one that has none yet.
//!
//! `docs/provenance.md` is the reference of these properties; a name never changes its meaning. Texts come from manifests
//! and files, so they must never reach XML unescaped.

use std::fmt::Write;

use crate::provenance::provenance::Provenance;

/// A property of XMP.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct XmpProperty {
    /// The URI of the namespace.
    pub namespace: &'static str,
    /// The usual prefix for the namespace.
    pub prefix: &'static str,
    /// The property's name in the namespace.
    pub name: &'static str,
    /// The value.
    pub value: XmpValue,
}

/// The value of a property of XMP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmpValue {
    /// A simple text.
    Text(String),
    /// An ordered array of texts (`rdf:Seq`).
    Seq(Vec<String>),
}

const IPTC: (&str, &str) = (Provenance::IPTC_NAMESPACE, "Iptc4xmpExt");
const OURS: (&str, &str) = (Provenance::NAMESPACE, Provenance::PREFIX);

impl Provenance {
    /// The URI of IPTC's namespace of XMP properties that has the digital source type.
    pub const IPTC_NAMESPACE: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";

    /// The URI of our own namespace of XMP properties.
    pub const NAMESPACE: &str = "urn:enlarger:xmp:1.0/";

    /// The prefix for it.
    pub const PREFIX: &str = "enlarger";

    /// The properties of XMP. A writer replaces those that a picture has already: of our namespace all, so that a result
    /// which is enlarged again does not keep what is no longer so.
    pub fn properties(&self) -> Vec<XmpProperty> {
        let text = |(namespace, prefix), name, value: String| XmpProperty {
            namespace,
            prefix,
            name,
            value: XmpValue::Text(value),
        };
        let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
        let mut all = vec![
            text(IPTC, "DigitalSourceType", self.digital_source_type().to_owned()),
            text(OURS, "Software", Provenance::SOFTWARE.to_owned()),
            text(OURS, "Version", self.version.clone()),
        ];
        if let Some(preset) = &self.preset {
            all.push(text(OURS, "Preset", preset.clone()));
        }
        if let Some(method) = self.method {
            all.push(text(OURS, "Method", method.id().to_owned()));
        }
        if !self.models.is_empty() {
            let models = self.models.iter().map(|model| model.text()).collect();
            let (namespace, prefix) = OURS;
            all.push(XmpProperty { namespace, prefix, name: "Models", value: XmpValue::Seq(models) });
        }
        if let Some(restorer) = &self.restorer {
            all.push(text(OURS, "FaceRestorer", restorer.text()));
            all.push(text(OURS, "FaceFidelity", self.face_fidelity.to_string()));
        }
        all.push(text(OURS, "Factor", self.factor_text()));
        if let Some(percent) = self.reduce_first {
            all.push(text(OURS, "ReduceFirst", percent.to_string()));
        }
        all.push(text(OURS, "SourceSize", self.source.to_string()));
        all.push(text(OURS, "ResultSize", self.result.to_string()));
        if !self.models.is_empty() {
            all.push(text(OURS, "Strength", self.strength.to_string()));
            if self.edge_care > 0 {
                all.push(text(OURS, "EdgeCare", self.edge_care.to_string()));
            }
            if self.creativity > 0 {
                all.push(text(OURS, "Creativity", self.creativity.to_string()));
            }
            all.push(text(OURS, "ColourLock", switch(self.colour_lock)));
            if let Some(denoise) = self.denoise {
                all.push(text(OURS, "Denoise", denoise.to_string()));
            }
        }
        if let Some(white) = self.mask {
            all.push(text(OURS, "Mask", white.id().to_owned()));
        }
        if self.fading > 0 {
            all.push(text(OURS, "Fading", self.fading.to_string()));
        }
        if self.scratches {
            all.push(text(OURS, "Scratches", "filled".to_owned()));
        }
        if let Some(grain) = self.grain {
            all.push(text(OURS, "Grain", grain.to_string()));
        }
        if self.grain.is_some() || self.creativity > 0 || self.faces.as_ref().is_some_and(|faces| faces.grain > 0) {
            all.push(text(OURS, "Seed", self.seed.to_string()));
        }
        if let Some(faces) = &self.faces {
            all.push(text(OURS, "Faces", faces.count.to_string()));
            all.push(text(OURS, "FaceStrength", faces.strength.to_string()));
            if let Some(denoise) = faces.denoise {
                all.push(text(OURS, "FaceDenoise", denoise.to_string()));
            }
            if faces.grain > 0 {
                all.push(text(OURS, "FaceGrain", faces.grain.to_string()));
            }
        }
        if self.wrap {
            all.push(text(OURS, "Wrap", switch(true)));
        }
        all
    }

    /// The properties as a packet of XMP, in UTF-8.
    pub fn xmp_packet(&self) -> String {
        let mut packet = String::from(
            "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  <rdf:Description rdf:about=\"\"",
        );
        for (namespace, prefix) in [IPTC, OURS] {
            // Writing to a string cannot fail.
            let _ = write!(packet, "\n    xmlns:{prefix}=\"{namespace}\"");
        }
        packet += ">\n";
        for XmpProperty { prefix, name, value, .. } in self.properties() {
            let value = match value {
                XmpValue::Text(text) => escaped(&text),
                XmpValue::Seq(texts) => {
                    let items: String =
                        texts.iter().map(|text| format!("<rdf:li>{}</rdf:li>", escaped(text))).collect();
                    format!("<rdf:Seq>{items}</rdf:Seq>")
                }
            };
            let _ = writeln!(packet, "   <{prefix}:{name}>{value}</{prefix}:{name}>");
        }
        packet += "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>";
        packet
    }
}

/// A text as the content of an element. Characters that XML forbids become spaces.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::models::model::Model;
    use crate::models::noise::NoiseLevel;
    use crate::pixels::format::{Channels, Format, Sample};
    use crate::pixels::mask::Mask;
    use crate::plan::job::{Job, Target};
    use crate::plan::method::Method;

    fn made(change: impl FnOnce(String) -> String) -> Provenance {
        let text = include_str!("../../models/realesr-general-x4v3/manifest.toml").to_owned();
        let network = include_bytes!("../../models/realesr-general-x4v3/model.onnx").as_slice();
        let model = Model::from_bytes(&change(text), network).unwrap();
        let (source, result) = (Size { width: 96, height: 72 }, Size { width: 384, height: 288 });
        let mut job = Job::new(Target::Factor(4.0));
        (job.strength, job.edge_care, job.grain) = (0.8, 0.5, 0.3);
        let size = Size { width: 96, height: 72 };
        job.mask = Some(Mask::read(size, Format::new(Sample::U8, Channels::Gray), |_, _| Ok(())).unwrap());
        let mut made = Provenance::of_job(&job, 4.0, source, result);
        made.add(&model, Some(NoiseLevel::Percent(40)));
        made.add(&model, None);
        made
    }

    fn value(made: &Provenance, name: &str) -> Option<XmpValue> {
        made.properties().into_iter().find(|property| property.name == name).map(|property| property.value)
    }

    #[test]
    fn a_faithful_model_enhances_and_a_creative_one_composes() {
        let mut faithful = made(|text| text.replace("mode = \"creative\"", "mode = \"faithful\""));
        faithful.preset = Some("natural".into());
        assert_eq!(faithful.software(), "Enlarger 0.1.0 (natural: realesr-general-x4v3, x4)");
        assert!(faithful.digital_source_type().ends_with("/algorithmicallyEnhanced"));
        let creative = made(|text| text);
        assert!(creative.invents());
        assert!(creative.digital_source_type().ends_with("/compositeWithTrainedAlgorithmicMedia"));
        let Some(XmpValue::Seq(models)) = value(&creative, "Models") else { panic!("no models") };
        assert_eq!(models.len(), 1, "a model that runs twice is named once");
        assert!(models[0].starts_with("realesr-general-x4v3 sha256:") && models[0].contains(" creative "));
        assert_eq!(value(&creative, "Strength"), Some(XmpValue::Text("80".into())));
        assert_eq!(value(&creative, "Denoise"), None, "the model takes no level");
        for (name, expected) in [("Mask", "apply"), ("EdgeCare", "50"), ("Grain", "30"), ("Seed", "1")] {
            assert_eq!(value(&creative, name), Some(XmpValue::Text(expected.into())), "{name}");
        }
    }

    #[test]
    fn the_seed_is_told_where_there_is_a_pattern() {
        let with = |grain: Option<f64>, creativity: u8| {
            let mut made = made(|text| text);
            (made.grain, made.creativity) = (grain, creativity);
            value(&made, "Seed")
        };
        let seed = Some(XmpValue::Text("1".into()));
        assert_eq!((with(Some(30.0), 0), with(None, 50), with(None, 0)), (seed.clone(), seed, None));
    }

    #[test]
    fn a_noise_level_is_told_in_percent() {
        let input =
            "[[extra]]\nname = \"noise\"\nkind = \"noise_level\"\nminimum = 5.0\nmaximum = 25.0\ndefault = 10.0\n";
        let mut level = made(|text| text + input);
        assert_eq!(level.denoise, Some(40));
        level.denoise = Some(7);
        assert_eq!(value(&level, "Denoise"), Some(XmpValue::Text("7".into())));
    }

    #[test]
    fn a_method_names_no_model() {
        let mut made = made(|text| text);
        (made.models, made.method, made.denoise, made.wrap) = (Vec::new(), Some(Method::Lanczos), None, true);
        assert_eq!(made.software(), "Enlarger 0.1.0 (lanczos, x4)");
        assert!(made.digital_source_type().ends_with("/algorithmicallyEnhanced"));
        for (name, there) in
            [("Method", true), ("Models", false), ("Strength", false), ("ColourLock", false), ("Wrap", true)]
        {
            assert_eq!(value(&made, name).is_some(), there, "{name}");
        }
    }

    #[test]
    fn texts_cannot_break_the_packet() {
        let mut made = made(|text| text);
        made.preset = Some("a<b>&\"c\"\u{0}ü".into());
        let packet = made.xmp_packet();
        assert!(packet.contains("<enlarger:Preset>a&lt;b&gt;&amp;&quot;c&quot; ü</enlarger:Preset>"), "{packet}");
        assert!(made.software().contains("a<b>&\"c\"??:"));
        assert_eq!(packet.matches("xmlns:enlarger=\"urn:enlarger:xmp:1.0/\"").count(), 1);
        assert!(packet.ends_with("<?xpacket end=\"w\"?>"));
    }
}
