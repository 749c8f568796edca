//! What a model says of itself: `manifest.toml`.
//!
//! Strict where a mistake would give plausible garbage (schema, layout, range, order), lenient where a newer writer
//! only says more. Nothing is ever guessed from a file's name.

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Location, Result};

/// The newest manifest schema that this version reads.
pub const SCHEMA: u32 = 1;

/// Bytes that a manifest may have.
pub const MAX_MANIFEST: usize = 1 << 20;

/// A model's manifest, checked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of this format.
    pub schema: u32,
    /// The id: lower-case letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The model's version.
    pub version: String,
    /// What the model is for.
    pub task: Task,
    /// Whether it may invent detail.
    pub mode: Mode,
    /// Content it is good at: photo, portrait, product, illustration, text…
    #[serde(default)]
    pub content: Vec<String>,
    /// The family of the network.
    pub architecture: String,
    /// Output pixels per input pixel, along each side.
    pub scale: u32,
    /// Pixels in.
    pub input: InputSpec,
    /// Pixels out.
    pub output: OutputSpec,
    /// Inputs besides the pixels.
    #[serde(default)]
    pub extra: Vec<ExtraInput>,
    /// How the network may be cut into tiles.
    pub tiling: Tiling,
    /// What verified output is.
    #[serde(default)]
    pub verify: Verify,
    /// What a run costs.
    #[serde(default)]
    pub cost: Cost,
    /// The network's file.
    pub file: NetworkFile,
    /// The licence of the weights.
    pub licence: Licence,
    /// Where it comes from and where it fails.
    #[serde(default)]
    pub card: ModelCard,
    /// Conditions without which the model must not be used. This version knows none.
    #[serde(default)]
    requires: toml::Table,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Task {
    /// More pixels.
    Upscale,
    /// Better pixels, as many.
    Restore,
    /// Faces.
    Face,
}

/// Whether a model may invent detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Mode {
    /// Every detail is in the source.
    Faithful,
    /// Texture is added that looks right.
    Creative,
}

/// The order of dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TensorLayout {
    /// Batch, channels, height, width.
    Nchw,
}

/// The order of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelOrder {
    /// Red first.
    Rgb,
    /// Blue first.
    Bgr,
}

/// The type of a tensor's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// 32-bit floating point.
    F32,
}

/// The pixels that go in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct InputSpec {
    /// The tensor's name.
    pub name: String,
    /// The order of dimensions.
    pub layout: TensorLayout,
    /// The order of channels.
    pub order: ChannelOrder,
    /// The values of black and white.
    pub range: [f32; 2],
    /// The type of the values.
    pub dtype: Dtype,
    /// The fewest pixels along a side.
    #[serde(default = "one")]
    pub minimum: u32,
    /// What each side must be a multiple of.
    #[serde(default = "one")]
    pub multiple: u32,
}

/// The pixels that come out. Layout, order, range and type are the input's.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OutputSpec {
    /// The tensor's name.
    pub name: String,
}

/// An input besides the pixels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ExtraInput {
    /// The tensor's name; its shape is 1, 1, 1, 1.
    pub name: String,
    /// What it means.
    pub kind: ExtraInputKind,
    /// The least value.
    pub minimum: f32,
    /// The greatest value.
    pub maximum: f32,
    /// The value when nobody says otherwise.
    pub default: f32,
}

/// The meaning of an extra input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtraInputKind {
    /// How much noise to take for granted, in the input's units.
    NoiseLevel,
}

/// How a network may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tileable {
    /// With the halo, tiles equal the whole.
    Exact,
    /// With the halo, tiles nearly equal the whole and are blended where they meet.
    Blend,
    /// The network looks at the whole picture: one tile or none.
    Whole,
}

/// Tiles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Tiling {
    /// How the network may be cut.
    pub support: Tileable,
    /// The border, in input pixels, that a tile needs to be right inside.
    pub halo: u32,
    /// The width, in input pixels, over which neighbours are blended. Only with `blend`.
    #[serde(default)]
    pub overlap: u32,
    /// Whether the halo was measured.
    #[serde(default)]
    pub probed: bool,
}

/// What verified output is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Verify {
    /// How far, of 255, a tile's mean may be from its input's.
    #[serde(default = "mean_tolerance")]
    pub mean_tolerance: f32,
    /// How far, below black and above white, of their distance, a sample may be. Sharp print makes networks go far.
    #[serde(default = "overshoot")]
    pub overshoot: f32,
}

impl Default for Verify {
    fn default() -> Self {
        Verify { mean_tolerance: mean_tolerance(), overshoot: overshoot() }
    }
}

/// What a run costs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Cost {
    /// Bytes of working memory per pixel of a tile (halo included), an upper estimate.
    #[serde(default = "bytes_per_pixel")]
    pub bytes_per_pixel: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Cost { bytes_per_pixel: bytes_per_pixel() }
    }
}

/// The network's file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct NetworkFile {
    /// Its name, beside the manifest.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// The licence of the weights.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Licence {
    /// An SPDX identifier, or `unknown`.
    pub weights: String,
    /// Whether commercial use is allowed.
    pub commercial: bool,
    /// Whom to name.
    pub attribution: String,
}

/// Where a model comes from and where it fails.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct ModelCard {
    /// Who trained it.
    #[serde(default)]
    pub author: String,
    /// Where the weights were taken from.
    #[serde(default)]
    pub source: String,
    /// What it was trained on.
    #[serde(default)]
    pub training_data: String,
    /// What it is known to do badly.
    #[serde(default)]
    pub known_limits: String,
}

fn one() -> u32 {
    1
}

fn mean_tolerance() -> f32 {
    16.0
}

fn overshoot() -> f32 {
    0.5
}

fn bytes_per_pixel() -> u32 {
    4096
}

impl Manifest {
    /// The input for a noise level, where the model has one.
    pub fn noise(&self) -> Option<&ExtraInput> {
        self.extra.iter().find(|extra| extra.kind == ExtraInputKind::NoiseLevel)
    }

    /// Reads and checks a manifest. Returns it with the keys that were not understood, which deserve a warning.
    ///
    /// # Errors
    /// `ModelInvalid` with a sentence that names the key.
    pub fn parse(text: &str) -> Result<(Self, Vec<String>)> {
        if text.len() > MAX_MANIFEST {
            return Err(invalid(format!("the manifest is longer than {MAX_MANIFEST} bytes; it cannot be right")));
        }
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            invalid(format!("the manifest is not TOML: {}; mend that line", one_line(&e)))
        })?;
        // The schema first: of a newer one nothing else may be believed.
        match table.get("schema").and_then(toml::Value::as_integer) {
            Some(schema) if schema == i64::from(SCHEMA) => {}
            Some(schema) if schema > i64::from(SCHEMA) => {
                return Err(invalid(format!(
                    "the manifest has schema {schema}, this version reads schema {SCHEMA}; update Enlarger to use this model"
                )));
            }
            _ => return Err(invalid(format!("the manifest has no schema that is known; write schema = {SCHEMA}"))),
        }
        let mut ignored = Vec::new();
        let manifest: Manifest = serde_ignored::deserialize(table, |path| ignored.push(path.to_string()))
            .map_err(|e| invalid(format!("the manifest is wrong: {}; mend that key", one_line(&e))))?;
        manifest.check().map_err(|e| e.at(Location::Model(manifest.id.chars().take(80).collect())))?;
        Ok((manifest, ignored))
    }

    fn check(&self) -> Result<()> {
        let word = |s: &str| {
            !s.is_empty()
                && s.len() <= 80
                && !s.starts_with('.')
                && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
        };
        if !word(&self.id) {
            return Err(invalid(
                "the id must be 1 to 80 lower-case letters, digits, '-', '_' or '.', and not begin with '.'",
            ));
        }
        if let Some(key) = self.requires.keys().next() {
            return Err(invalid(format!(
                "the model requires '{key}', which this version does not know; update Enlarger to use it"
            )));
        }
        range("scale", self.scale, 1, 16)?;
        range("input.minimum", self.input.minimum, 1, 4096)?;
        range("input.multiple", self.input.multiple, 1, 1024)?;
        range("tiling.halo", self.tiling.halo, 0, 1024)?;
        range("tiling.overlap", self.tiling.overlap, 0, 256)?;
        range("cost.bytes_per_pixel", self.cost.bytes_per_pixel, 1, 1 << 24)?;
        if (self.tiling.overlap > 0) != (self.tiling.support == Tileable::Blend) {
            return Err(invalid("tiling.overlap must be above 0 with support = \"blend\" and 0 otherwise"));
        }
        let [black, white] = self.input.range;
        if !(black.is_finite() && white.is_finite() && (white - black).abs() > 1e-6) {
            return Err(invalid("input.range must be two different finite numbers: black, white"));
        }
        if !(self.verify.mean_tolerance > 0.0 && self.verify.mean_tolerance <= 255.0) {
            return Err(invalid("verify.mean_tolerance must be above 0 and at most 255"));
        }
        if !(self.verify.overshoot >= 0.0 && self.verify.overshoot <= 2.0) {
            return Err(invalid("verify.overshoot must be from 0 to 2"));
        }
        for extra in &self.extra {
            let ordered = extra.minimum <= extra.default && extra.default <= extra.maximum;
            if !(ordered && extra.minimum.is_finite() && extra.maximum.is_finite()) {
                return Err(invalid(format!(
                    "extra input '{}': the default must lie between minimum and maximum",
                    extra.name
                )));
            }
        }
        let name = &self.file.name;
        if name.is_empty() || name.contains(['/', '\\', '\0', ':']) || name == "." || name == ".." {
            return Err(invalid("file.name must be the plain name of a file beside the manifest"));
        }
        if self.file.sha256.len() != 64 || !self.file.sha256.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
            return Err(invalid("file.sha256 must be 64 lower-case hexadecimal digits"));
        }
        Ok(())
    }
}

fn range(key: &str, value: u32, low: u32, high: u32) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(invalid(format!("{key} is {value}; it must be {low} to {high}")))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, message)
}

/// TOML's errors draw a picture of the line; a sentence is enough.
fn one_line(error: &toml::de::Error) -> String {
    error.message().replace('\n', " ")
}
