//! Writes manifests: what the probe has found, and the description that only people can give.
//!
//! Callers parse the text with `Manifest::parse` before they store a model, so an invalid manifest is never stored.

use std::fmt::Write as _;

use enlarger::{Mode, Model, Task};
use enlarger_networks::onnx::{NOISE_INPUT, Network};
use toml::Value;

use crate::findings::{Findings, Support};
use crate::sha256::sha256;

/// The part of a manifest that no probe can find out: name, licence, origin and the like.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The id.
    pub id: String,
    /// The name to display.
    pub name: String,
    /// The model's version.
    pub version: String,
    /// Whether the model may invent detail.
    pub mode: Mode,
    /// The kinds of pictures that it is good at.
    pub content: Vec<String>,
    /// The network's architecture.
    pub architecture: String,
    /// The licence of the weights: an SPDX identifier, or `unknown`.
    pub licence: String,
    /// Whether commercial use is allowed.
    pub commercial: bool,
    /// The attribution that the licence asks for.
    pub attribution: String,
    /// The author of the weights.
    pub author: String,
    /// The origin of the weights.
    pub source: String,
    /// The training data.
    pub training_data: String,
    /// The known limits.
    pub known_limits: String,
    /// The SHA-256 of the network before operations were added around it; empty if none were.
    pub imported_sha256: String,
}

impl Default for Description {
    fn default() -> Self {
        Description {
            id: String::new(),
            name: String::new(),
            version: "1".into(),
            // The cautious choice, as long as nobody states that the model is faithful.
            mode: Mode::Creative,
            content: Vec::new(),
            architecture: "unknown".into(),
            licence: "unknown".into(),
            commercial: false,
            attribution: String::new(),
            author: String::new(),
            source: String::new(),
            training_data: String::new(),
            known_limits: String::new(),
            imported_sha256: String::new(),
        }
    }
}

/// What separates a source from the conversion that was made of it.
const CONVERTED: &str = "; ";

impl Description {
    /// Adds to the source how it was converted.
    pub fn add_conversion(&mut self, conversion: &str) {
        if !(self.source.is_empty() || conversion.is_empty()) {
            self.source.push_str(CONVERTED);
        }
        self.source.push_str(conversion);
    }

    /// Whether a model comes from the source of this description.
    pub fn is_source_of(&self, model: &Model) -> bool {
        let rest = model.manifest().card.source.strip_prefix(&self.source);
        !self.source.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(CONVERTED))
    }
}

/// A manifest to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ManifestDraft {
    /// The part that people write.
    pub description: Description,
    /// Output pixels per input pixel.
    pub scale: u32,
    /// The input's name.
    pub input: String,
    /// The output's name.
    pub output: String,
    /// Whether blue is the first channel.
    pub bgr: bool,
    /// The values of black and white.
    pub range: [f32; 2],
    /// The least number of pixels along a side.
    pub minimum: u32,
    /// The number that each side must be a multiple of.
    pub multiple: u32,
    /// The width and the height of pictures, if the network takes only one size.
    pub size: Option<[u32; 2]>,
    /// Whether it restores faces and nothing else.
    pub faces: bool,
    /// How a picture may be divided into tiles.
    pub support: Support,
    /// The halo.
    pub halo: u32,
    /// The width over which tiles are blended.
    pub overlap: u32,
    /// Whether the halo was measured.
    pub probed: bool,
    /// Whether it changes colours, so that the bounds of verification do not apply to its results.
    pub changes_colours: bool,
    /// Bytes of working memory per pixel.
    pub bytes_per_pixel: u32,
    /// The minimum, the maximum and the default of the noise level, if the network takes one.
    pub noise_level: Option<[f32; 3]>,
    /// The size in bytes and the SHA-256 of the network's file.
    pub file: (u64, String),
}

impl ManifestDraft {
    /// A draft for a network of which only the file is known.
    pub fn of(network: &[u8]) -> Self {
        ManifestDraft {
            description: Description::default(),
            scale: 1,
            input: "input".into(),
            output: "output".into(),
            bgr: false,
            range: [0.0, 1.0],
            minimum: 1,
            multiple: 1,
            size: None,
            faces: false,
            support: Support::Exact,
            halo: 0,
            overlap: 0,
            probed: false,
            changes_colours: false,
            bytes_per_pixel: 4096,
            noise_level: None,
            file: (network.len() as u64, sha256(network)),
        }
    }

    /// A draft for a network that was probed.
    ///
    /// # Errors
    /// As [`Network::judge`].
    pub fn from_findings(network: &[u8], findings: &Findings, description: Description) -> enlarger::Result<Self> {
        let read = Network::read(network)?;
        let facts = read.judge()?;
        Ok(ManifestDraft {
            description,
            scale: findings.scale,
            input: facts.input,
            output: facts.output,
            bgr: findings.bgr,
            range: findings.range,
            minimum: findings.minimum,
            multiple: findings.multiple,
            size: findings.size,
            faces: findings.faces,
            support: findings.support,
            halo: findings.halo,
            overlap: findings.overlap,
            probed: true,
            changes_colours: !findings.shows_its_input(),
            bytes_per_pixel: read.bytes_per_pixel().clamp(1, 1 << 24) as u32,
            noise_level: findings.noise_level,
            ..ManifestDraft::of(network)
        })
    }

    /// The manifest as TOML.
    pub fn text(&self) -> String {
        let description = &self.description;
        let quoted = |text: &str| Value::String(text.to_owned()).to_string();
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line("schema = 1".into());
        line(format!("id = {}", quoted(&description.id)));
        line(format!(
            "name = {}",
            quoted(if description.name.is_empty() { &description.id } else { &description.name })
        ));
        line(format!("version = {}", quoted(&description.version)));
        let task = match self.scale {
            _ if self.faces => Task::Face,
            1 => Task::Restore,
            _ => Task::Upscale,
        };
        line(format!("task = {}", quoted(task.id())));
        line(format!("mode = {}", quoted(description.mode.id())));
        line(format!(
            "content = [{}]",
            description.content.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")
        ));
        line(format!("architecture = {}", quoted(&description.architecture)));
        line(format!("scale = {}", self.scale));
        line(format!("\n[input]\nname = {}\nlayout = \"nchw\"", quoted(&self.input)));
        line(format!("order = \"{}\"", if self.bgr { "bgr" } else { "rgb" }));
        line(format!("range = [{:?}, {:?}]\ndtype = \"f32\"", self.range[0], self.range[1]));
        line(match self.size {
            Some([width, height]) => format!("size = [{width}, {height}]"),
            None => format!("minimum = {}\nmultiple = {}", self.minimum, self.multiple),
        });
        line(format!("\n[output]\nname = {}", quoted(&self.output)));
        if let Some([least, greatest, usual]) = self.noise_level {
            line(format!("\n[[extra]]\nname = \"{NOISE_INPUT}\"\nkind = \"noise_level\""));
            line(format!("minimum = {least:?}\nmaximum = {greatest:?}\ndefault = {usual:?}"));
        }
        line(format!("\n[tiling]\nsupport = {}", quoted(self.support.id())));
        line(format!("halo = {}\noverlap = {}\nprobed = {}", self.halo, self.overlap, self.probed));
        if self.changes_colours {
            line("\n[verify]\nchanges_colours = true".into());
        }
        line(format!("\n[cost]\nbytes_per_pixel = {}", self.bytes_per_pixel));
        line(format!("\n[file]\nname = \"model.onnx\"\nsize = {}\nsha256 = \"{}\"", self.file.0, self.file.1));
        line(format!(
            "\n[licence]\nweights = {}\ncommercial = {}",
            quoted(&description.licence),
            description.commercial
        ));
        line(format!("attribution = {}", quoted(&description.attribution)));
        line("\n[card]".into());
        let card = [
            ("author", &description.author),
            ("source", &description.source),
            ("training_data", &description.training_data),
            ("known_limits", &description.known_limits),
            ("imported_sha256", &description.imported_sha256),
        ];
        for (key, value) in card.into_iter().filter(|(_, value)| !value.is_empty()) {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use enlarger::{Manifest, Tileable};

    #[test]
    fn a_model_comes_from_its_source_whatever_its_conversion() {
        let described = |source: &str| Description { id: "m".into(), source: source.into(), ..Description::default() };
        let model = |description: Description| {
            let draft = ManifestDraft { description, ..ManifestDraft::of(b"network") };
            Model::from_bytes(&draft.text(), b"network".as_slice()).unwrap()
        };
        let origin = described("https://example.org/a");
        let mut converted = origin.clone();
        assert!(origin.is_source_of(&model(converted.clone())));
        converted.add_conversion("");
        assert_eq!(converted, origin);
        converted.add_conversion("converted to ONNX");
        assert_eq!(converted.source, "https://example.org/a; converted to ONNX");
        assert!(origin.is_source_of(&model(converted)));
        assert!(!origin.is_source_of(&model(described("https://example.org/ab"))));
        let mut unknown = described("");
        assert!(!unknown.is_source_of(&model(unknown.clone())));
        unknown.add_conversion("converted to ONNX");
        assert_eq!(unknown.source, "converted to ONNX");
    }

    /// Every name is one that manifests are read with.
    #[test]
    fn a_written_draft_parses_as_a_manifest() {
        let description = Description {
            id: "some-model".into(),
            name: "A \"model\"\nof two lines".into(),
            content: vec!["photo".into(), "text".into()],
            known_limits: "Ends in a backslash \\".into(),
            ..Description::default()
        };
        let draft = ManifestDraft {
            description,
            scale: 3,
            input: "the input".into(),
            support: Support::Blend,
            halo: 70,
            overlap: 16,
            range: [-1.0, 1.0],
            noise_level: Some([0.0, 0.25, 0.125]),
            ..ManifestDraft::of(b"network")
        };
        let (manifest, ignored) = Manifest::parse(&draft.text()).unwrap();
        assert_eq!(ignored, [""; 0]);
        assert_eq!((manifest.scale, manifest.tiling.halo, manifest.tiling.support), (3, 70, Tileable::Blend));
        assert_eq!(manifest.name, draft.description.name);
        assert_eq!(manifest.card.known_limits, draft.description.known_limits);
        assert_eq!(manifest.extra[0].default, 0.125);
        assert_eq!(manifest.input.range, [-1.0, 1.0]);
        assert_eq!((manifest.file.size, manifest.licence.commercial), (7, false));
        assert_eq!((manifest.task, manifest.mode), (Task::Upscale, Mode::Creative));
        for (scale, faces, task) in [(1, false, Task::Restore), (1, true, Task::Face)] {
            for support in [Support::Exact, Support::Whole] {
                let description = Description { mode: Mode::Faithful, ..draft.description.clone() };
                let other = ManifestDraft { scale, faces, support, overlap: 0, description, ..draft.clone() };
                let (manifest, _) = Manifest::parse(&other.text()).unwrap();
                assert_eq!((manifest.task, manifest.mode), (task, Mode::Faithful));
            }
        }
    }
}
