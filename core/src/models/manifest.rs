//! The manifest of a model, `manifest.toml`.
//!
//! It describes the network: tensors, scale, tiling, licence, origin. Reading is strict where a mistake would give a
//! plausible but wrong picture (schema, layout, range, order), and lenient where a newer program has added keys.
//! Nothing may be guessed from the name of a file.

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Location, Result};
use crate::geometry::Size;

/// The manifest schema that this version reads.
pub const SCHEMA: u32 = 1;

/// The most bytes that a manifest may have.
pub const MAX_MANIFEST: usize = 1 << 20;

/// The manifest of a model. Its values are checked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of this format.
    pub schema: u32,
    /// The id: lower-case letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The version of the model.
    pub version: String,
    /// What the model is for.
    pub task: Task,
    /// Whether the model may invent detail.
    pub mode: Mode,
    /// The kinds of content that the model is good at: photo, portrait, product, illustration, text…
    #[serde(default)]
    pub content: Vec<String>,
    /// The family of the network.
    pub architecture: String,
    /// Output pixels per input pixel, along each side.
    pub scale: u32,
    /// The input for pixels.
    pub input: InputSpec,
    /// The output of pixels.
    pub output: OutputSpec,
    /// Further inputs.
    #[serde(default)]
    pub extra: Vec<ExtraInput>,
    /// How a picture may be divided into tiles for the network.
    pub tiling: Tiling,
    /// The bounds for verified output.
    #[serde(default)]
    pub verify: Verify,
    /// What a run of the network costs.
    #[serde(default)]
    pub cost: Cost,
    /// The file of the network.
    pub file: NetworkFile,
    /// The licence of the weights.
    pub licence: Licence,
    /// Where the model comes from, and what its limits are.
    #[serde(default)]
    pub card: ModelCard,
    /// Conditions for using the model. This version knows none, and refuses a model that has any.
    #[serde(default)]
    requires: toml::Table,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Task {
    /// To enlarge pictures.
    Upscale,
    /// To improve pictures without enlarging them.
    Restore,
    /// To restore faces: each gets a square with one aligned face.
    Face,
    /// To find faces. Such a network makes no pictures.
    Detect,
}

impl Task {
    /// Its name in manifests, in JSON and in the C interface.
    pub fn id(self) -> &'static str {
        match self {
            Task::Upscale => "upscale",
            Task::Restore => "restore",
            Task::Face => "face",
            Task::Detect => "detect",
        }
    }

    /// Whether its models take pictures of any content and give them back larger or better. Others are only used for their task.
    pub fn takes_pictures(self) -> bool {
        matches!(self, Task::Upscale | Task::Restore)
    }
}

/// Whether a model may invent detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Mode {
    /// It keeps to the detail of the source.
    Faithful,
    /// It adds plausible texture.
    Creative,
}

impl Mode {
    /// Its name in manifests, in JSON and in the C interface.
    pub fn id(self) -> &'static str {
        match self {
            Mode::Faithful => "faithful",
            Mode::Creative => "creative",
        }
    }
}

/// The order of a tensor's dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TensorLayout {
    /// Batch, channels, height, width.
    Nchw,
}

/// The order of colour channels.
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

/// The input for pixels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct InputSpec {
    /// The tensor's name.
    pub name: String,
    /// The order of dimensions.
    pub layout: TensorLayout,
    /// The order of channels.
    pub order: ChannelOrder,
    /// The values of black and of white.
    pub range: [f32; 2],
    /// The type of the values.
    pub dtype: Dtype,
    /// The least width and height in pixels.
    #[serde(default = "one")]
    pub minimum: u32,
    /// The number that width and height must be multiples of.
    #[serde(default = "one")]
    pub multiple: u32,
    /// The width and the height, if the network takes only one size. A picture is then divided into tiles of that size.
    #[serde(default)]
    pub size: Option<[u32; 2]>,
}

impl InputSpec {
    /// A size that the network takes, of about `side` pixels along each side.
    pub fn size_near(&self, side: u32) -> Size {
        match self.size {
            Some([width, height]) => Size { width, height },
            None => {
                let side = side.max(self.minimum).next_multiple_of(self.multiple);
                Size { width: side, height: side }
            }
        }
    }
}

/// The output of pixels. Layout, order, range and type are those of the input.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OutputSpec {
    /// The tensor's name.
    pub name: String,
}

/// An input besides the one for pixels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ExtraInput {
    /// The name of the tensor. Its shape is 1×1×1×1.
    pub name: String,
    /// The meaning of the value.
    pub kind: ExtraInputKind,
    /// The least value.
    pub minimum: f32,
    /// The greatest value.
    pub maximum: f32,
    /// The value if the caller gives none. One below the least value makes the network estimate the level itself.
    pub default: f32,
}

impl ExtraInput {
    /// Whether the network estimates the value itself if the caller gives none.
    pub fn is_estimated(&self) -> bool {
        self.default < self.minimum
    }
}

/// The meaning of an extra input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtraInputKind {
    /// How much noise to remove, in the unit of this model.
    NoiseLevel,
}

/// How a picture may be divided into tiles for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tileable {
    /// With their halo, tiles equal the whole.
    Exact,
    /// With their halo, tiles nearly equal the whole; they overlap and are blended.
    Blend,
    /// The network needs the whole picture in one tile.
    Whole,
}

/// The rules for tiles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Tiling {
    /// How a picture may be divided.
    pub support: Tileable,
    /// The border around a tile, in input pixels, that the network must see for the tile to be correct.
    pub halo: u32,
    /// The width, in input pixels, over which neighbouring tiles are blended. Only with `blend`.
    #[serde(default)]
    pub overlap: u32,
    /// Whether the halo was measured.
    #[serde(default)]
    pub probed: bool,
}

/// The bounds for verified output.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Verify {
    /// The largest difference between the mean of a tile and that of its input, where white is 255.
    #[serde(default = "mean_tolerance")]
    pub mean_tolerance: f32,
    /// How far samples may lie below black and above white, where the distance from black to white is 1. Networks
    /// overshoot most at sharp print.
    #[serde(default = "overshoot")]
    pub overshoot: f32,
    /// Whether the model changes colours on purpose. Then neither bound applies to its output, and neither does the colour lock.
    #[serde(default)]
    pub changes_colours: bool,
}

impl Default for Verify {
    fn default() -> Self {
        Verify { mean_tolerance: mean_tolerance(), overshoot: overshoot(), changes_colours: false }
    }
}

/// What a run of a network costs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Cost {
    /// An upper estimate of the working memory, in bytes per pixel of a tile with its halo.
    #[serde(default = "bytes_per_pixel")]
    pub bytes_per_pixel: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Cost { bytes_per_pixel: bytes_per_pixel() }
    }
}

/// The file of a network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct NetworkFile {
    /// The name of the file, which lies beside the manifest.
    pub name: String,
    /// The size of the file in bytes.
    pub size: u64,
    /// The SHA-256 of the file in hexadecimal.
    pub sha256: String,
}

/// The licence of the weights.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Licence {
    /// An SPDX identifier, or `unknown`.
    pub weights: String,
    /// Whether commercial use is allowed.
    pub commercial: bool,
    /// The credit that the licence asks for.
    pub attribution: String,
}

/// Where a model comes from, and what its limits are.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct ModelCard {
    /// Who trained the model.
    #[serde(default)]
    pub author: String,
    /// Where the weights were taken from.
    #[serde(default)]
    pub source: String,
    /// What the model was trained on.
    #[serde(default)]
    pub training_data: String,
    /// What the model is known to do badly.
    #[serde(default)]
    pub known_limits: String,
    /// The SHA-256 of the network that was imported, if operations were added around it, so that the same network is
    /// recognised; otherwise empty.
    #[serde(default)]
    pub imported_sha256: String,
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
    /// The input for a noise level, if the model has one.
    pub fn noise(&self) -> Option<&ExtraInput> {
        self.extra.iter().find(|extra| extra.kind == ExtraInputKind::NoiseLevel)
    }

    /// Reads and checks a manifest. Returns it with the unknown keys, which deserve a warning.
    ///
    /// # Errors
    /// `ModelInvalid` with a message that names the key.
    pub fn parse(text: &str) -> Result<(Self, Vec<String>)> {
        if text.len() > MAX_MANIFEST {
            return Err(invalid(format!(
                "the manifest is longer than {MAX_MANIFEST} bytes; use one that describes a single model"
            )));
        }
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            invalid(format!("the manifest is not valid TOML: {}; correct that line", one_line(&e)))
        })?;
        // The schema comes first: in a newer one, the other keys may have other meanings.
        match table.get("schema").and_then(toml::Value::as_integer) {
            Some(schema) if schema == i64::from(SCHEMA) => {}
            Some(schema) if schema > i64::from(SCHEMA) => {
                return Err(invalid(format!(
                    "the manifest has schema {schema}, but this version reads schema {SCHEMA}; update Enlarger to use this model"
                )));
            }
            _ => return Err(invalid(format!("the manifest has no known schema; write schema = {SCHEMA}"))),
        }
        let mut ignored = Vec::new();
        let manifest: Manifest = serde_ignored::deserialize(table, |path| ignored.push(path.to_string()))
            .map_err(|e| invalid(format!("the manifest is wrong: {}; correct that key", one_line(&e))))?;
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
        if let Some([width, height]) = self.input.size {
            range("input.size", width.min(height), 8, 4096)?;
            range("input.size", width.max(height), 8, 4096)?;
            if (self.input.minimum, self.input.multiple) != (1, 1) {
                return Err(invalid(
                    "input.size is the only size, so input.minimum and input.multiple must be left out",
                ));
            }
        }
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
            let ordered = extra.minimum <= extra.maximum && extra.default <= extra.maximum;
            if !(ordered && [extra.minimum, extra.maximum, extra.default].iter().all(|value| value.is_finite())) {
                return Err(invalid(format!(
                    "extra input '{}': the minimum and the default must not exceed the maximum",
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

/// The message of a TOML error on one line, without the excerpt that its `Display` adds.
fn one_line(error: &toml::de::Error) -> String {
    error.message().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_of_windows_may_save_a_manifest() {
        let text = include_str!("../../models/realesr-general-x4v3/manifest.toml").replace("\r\n", "\n");
        let plain = Manifest::parse(&text).unwrap();
        let lines = text.replace('\n', "\r\n");
        assert_eq!(Manifest::parse(&lines).unwrap(), plain);
        assert_eq!(Manifest::parse(&format!("\u{feff}{lines}")).unwrap(), plain);
    }
}
