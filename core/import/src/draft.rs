//! A manifest to be written: what the probe found, and the words that only people know.
//!
//! It writes nothing that `Manifest::parse` would refuse: whoever stores a model reads its manifest back first.

use std::fmt::Write as _;

use enlarger::{Mode, Task};
use enlarger_networks::onnx::{NOISE_INPUT, Network};
use toml::Value;

use crate::probe::{Findings, Support};
use crate::sha256;

/// What only people know of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// The id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The model's version.
    pub version: String,
    /// Whether it may invent detail.
    pub mode: Mode,
    /// Content it is good at.
    pub content: Vec<String>,
    /// The family of the network.
    pub architecture: String,
    /// The licence of the weights: an SPDX identifier, or `unknown`.
    pub licence: String,
    /// Whether commercial use is allowed.
    pub commercial: bool,
    /// Whom to name.
    pub attribution: String,
    /// Who trained it.
    pub author: String,
    /// Where the weights were taken from.
    pub source: String,
    /// What it was trained on.
    pub training_data: String,
    /// What it is known to do badly.
    pub known_limits: String,
}

impl Default for Words {
    fn default() -> Self {
        Words {
            id: String::new(),
            name: String::new(),
            version: "1".into(),
            // Nobody has said that it keeps to the source.
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
        }
    }
}

/// A manifest to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What people say.
    pub words: Words,
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
    /// The fewest pixels along a side.
    pub minimum: u32,
    /// What each side must be a multiple of.
    pub multiple: u32,
    /// How the network may be cut.
    pub support: Support,
    /// The halo.
    pub halo: u32,
    /// The width over which tiles are blended.
    pub overlap: u32,
    /// Whether the halo was measured.
    pub probed: bool,
    /// Bytes of working memory per pixel.
    pub bytes_per_pixel: u32,
    /// The least, the greatest and the usual noise level, where the network takes one.
    pub noise_level: Option<[f32; 3]>,
    /// The size and the SHA-256 of the network.
    pub file: (u64, String),
}

impl Draft {
    /// A draft of which only the file is known.
    pub fn of(network: &[u8]) -> Self {
        Draft {
            words: Words::default(),
            scale: 1,
            input: "input".into(),
            output: "output".into(),
            bgr: false,
            range: [0.0, 1.0],
            minimum: 1,
            multiple: 1,
            support: Support::Exact,
            halo: 0,
            overlap: 0,
            probed: false,
            bytes_per_pixel: 4096,
            noise_level: None,
            file: (network.len() as u64, sha256(network)),
        }
    }

    /// A draft of what was found.
    pub fn found(network: &[u8], findings: &Findings, words: Words) -> enlarger::Result<Self> {
        let read = Network::read(network)?;
        let facts = read.facts()?;
        Ok(Draft {
            words,
            scale: findings.scale,
            input: facts.input,
            output: facts.output,
            bgr: findings.bgr,
            range: findings.range,
            minimum: findings.minimum,
            multiple: findings.multiple,
            support: findings.support,
            halo: findings.halo,
            overlap: findings.overlap,
            probed: true,
            bytes_per_pixel: read.bytes_per_pixel().clamp(1, 1 << 24) as u32,
            // As far as photos are noisy, in the range of the pixels.
            noise_level: facts.noise_level.then_some([0.0, 75.0 / 255.0, 0.0]),
            ..Draft::of(network)
        })
    }

    /// The manifest.
    pub fn text(&self) -> String {
        let words = &self.words;
        let quoted = |text: &str| Value::String(text.to_owned()).to_string();
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line("schema = 1".into());
        line(format!("id = {}", quoted(&words.id)));
        line(format!("name = {}", quoted(if words.name.is_empty() { &words.id } else { &words.name })));
        line(format!("version = {}", quoted(&words.version)));
        let task = if self.scale == 1 { Task::Restore } else { Task::Upscale };
        line(format!("task = {}", quoted(&format!("{task:?}").to_lowercase())));
        line(format!("mode = {}", quoted(&format!("{:?}", words.mode).to_lowercase())));
        line(format!("content = [{}]", words.content.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")));
        line(format!("architecture = {}", quoted(&words.architecture)));
        line(format!("scale = {}", self.scale));
        line(format!("\n[input]\nname = {}\nlayout = \"nchw\"", quoted(&self.input)));
        line(format!("order = \"{}\"", if self.bgr { "bgr" } else { "rgb" }));
        line(format!("range = [{:?}, {:?}]\ndtype = \"f32\"", self.range[0], self.range[1]));
        line(format!("minimum = {}\nmultiple = {}", self.minimum, self.multiple));
        line(format!("\n[output]\nname = {}", quoted(&self.output)));
        if let Some([least, greatest, usual]) = self.noise_level {
            line(format!("\n[[extra]]\nname = \"{NOISE_INPUT}\"\nkind = \"noise_level\""));
            line(format!("minimum = {least:?}\nmaximum = {greatest:?}\ndefault = {usual:?}"));
        }
        line(format!("\n[tiling]\nsupport = \"{}\"", format!("{:?}", self.support).to_lowercase()));
        line(format!("halo = {}\noverlap = {}\nprobed = {}", self.halo, self.overlap, self.probed));
        line(format!("\n[cost]\nbytes_per_pixel = {}", self.bytes_per_pixel));
        line(format!("\n[file]\nname = \"model.onnx\"\nsize = {}\nsha256 = \"{}\"", self.file.0, self.file.1));
        line(format!("\n[licence]\nweights = {}\ncommercial = {}", quoted(&words.licence), words.commercial));
        line(format!("attribution = {}", quoted(&words.attribution)));
        line("\n[card]".into());
        let card = [
            ("author", &words.author),
            ("source", &words.source),
            ("training_data", &words.training_data),
            ("known_limits", &words.known_limits),
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
    fn what_is_written_is_a_manifest() {
        let words = Words {
            id: "some-model".into(),
            name: "A \"model\"\nof two lines".into(),
            content: vec!["photo".into(), "text".into()],
            known_limits: "Ends in a backslash \\".into(),
            ..Words::default()
        };
        let draft = Draft {
            words,
            scale: 3,
            input: "the input".into(),
            support: Support::Blend,
            halo: 70,
            overlap: 16,
            range: [-1.0, 1.0],
            noise_level: Some([0.0, 0.25, 0.125]),
            ..Draft::of(b"network")
        };
        let (manifest, ignored) = Manifest::parse(&draft.text()).unwrap();
        assert_eq!(ignored, [""; 0]);
        assert_eq!((manifest.scale, manifest.tiling.halo, manifest.tiling.support), (3, 70, Tileable::Blend));
        assert_eq!(manifest.name, draft.words.name);
        assert_eq!(manifest.card.known_limits, draft.words.known_limits);
        assert_eq!(manifest.extra[0].default, 0.125);
        assert_eq!(manifest.input.range, [-1.0, 1.0]);
        assert_eq!((manifest.file.size, manifest.licence.commercial), (7, false));
    }
}
