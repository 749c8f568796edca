//! What made a result: software, models or method, and the settings that shaped it.
//!
//! A picture that was made by a network should say so, and which one. This is a record of facts; it must not state
//! anything that was not so, such as a model that did not run.

use crate::geometry::Size;
use crate::models::manifest::Mode;
use crate::models::model::Model;
use crate::models::noise::NoiseLevel;
use crate::pixels::mask::MaskWhite;
use crate::plan::job::Job;
use crate::plan::method::Method;

/// What made a result. [`Upscaler::provenance`](crate::Upscaler::provenance) makes it.
///
/// # Where it is written
/// [`Provenance::software`] is for EXIF's *Software* and similar texts, [`Provenance::properties`] for XMP; see
/// `docs/provenance.md`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Provenance {
    /// The version of Enlarger.
    pub version: String,
    /// The preset's id, if one was chosen.
    pub preset: Option<String>,
    /// The models that ran, in the order in which they ran first; none if no network ran.
    pub models: Vec<UsedModel>,
    /// The model that painted faces anew; `None` if no face was restored.
    pub restorer: Option<UsedModel>,
    /// The share of the source's own faces in restored ones, in percent.
    pub face_fidelity: u8,
    /// The method that resized the source, if no network ran.
    pub method: Option<Method>,
    /// The factor by which the picture grew, along the side that grew more.
    pub factor: f64,
    /// The size of the whole source.
    pub source: Size,
    /// The size of the result, or of the requested part of it.
    pub result: Size,
    /// The share of the networks' work, in percent; the rest is a plain enlargement.
    pub strength: u8,
    /// What white stood for in the mask by which the strength was multiplied; `None` without a mask.
    pub mask: Option<MaskWhite>,
    /// How much of the overshoot beside edges was taken away, in percent.
    pub edge_care: u8,
    /// How much of the correction of faded tones was done, in percent; 0 for none.
    pub fading: u8,
    /// Whether scratches or dust were filled from their surroundings.
    pub scratches: bool,
    /// How much texture was added that is not in the source, in percent.
    pub creativity: u8,
    /// How much grain was added, in percent; `None` without grain.
    pub grain: Option<f64>,
    /// The seed of the patterns of grain and texture.
    pub seed: u32,
    /// What was done to faces apart from the rest; `None` if nothing was.
    pub faces: Option<FacesMade>,
    /// How much noise was removed, in percent. [`Upscaler::provenance`](crate::Upscaler::provenance) knows it only where
    /// the first model takes a level; a caller that chose or measured one for the preset sets it.
    pub denoise: Option<u8>,
    /// Whether the colour lock was on.
    pub colour_lock: bool,
    /// Whether the picture was treated as a tile that repeats.
    pub wrap: bool,
    /// The percentage of its size to which the source was reduced first; `None` if it was not.
    pub reduce_first: Option<f64>,
}

/// What was done to faces apart from the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FacesMade {
    /// The number of faces that the result shows at least in part.
    pub count: usize,
    /// The share of the work of the networks for faces, in percent.
    pub strength: u8,
    /// The grain that faces got in addition, in percent.
    pub grain: u8,
    /// How much noise was removed in faces, in percent. As [`Provenance::denoise`], it is known only where the first model takes a
    /// level; a caller that chose or measured one sets it.
    pub denoise: Option<u8>,
}

impl FacesMade {
    pub(crate) fn of(job: &Job, count: usize) -> Option<Self> {
        let percent = |share: f32| (share * 100.0).round() as u8;
        (count > 0).then(|| FacesMade {
            count,
            strength: percent(job.face_strength),
            grain: percent(job.face_grain),
            denoise: None,
        })
    }
}

/// A model that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsedModel {
    /// The id.
    pub id: String,
    /// The version.
    pub version: String,
    /// The SHA-256 of the network's file, in hexadecimal digits.
    pub sha256: String,
    /// Whether it keeps to the detail of the source or invents some.
    pub mode: Mode,
}

impl UsedModel {
    pub(crate) fn new(model: &Model) -> Self {
        let manifest = model.manifest();
        UsedModel {
            id: model.id().to_owned(),
            version: manifest.version.clone(),
            sha256: manifest.file.sha256.clone(),
            mode: manifest.mode,
        }
    }

    /// The model as one text: `ID sha256:DIGITS faithful VERSION` or `ID sha256:DIGITS creative VERSION`.
    pub fn text(&self) -> String {
        format!("{} sha256:{} {} {}", self.id, self.sha256, self.mode.id(), self.version)
    }
}

/// A model that keeps to the picture, or a method, made the result: IPTC's digital source type.
const ENHANCED: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced";

/// A model that invents detail made the result.
const COMPOSITE: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

impl Provenance {
    /// The name of the software.
    pub const SOFTWARE: &str = "Enlarger";

    /// What is known before the models and sizes: the job's settings.
    pub(crate) fn of_job(job: &Job, factor: f64, source: Size, result: Size) -> Self {
        Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            preset: None,
            models: Vec::new(),
            restorer: None,
            face_fidelity: (job.face_fidelity * 100.0).round() as u8,
            method: None,
            factor,
            source,
            result,
            strength: (job.strength * 100.0).round() as u8,
            mask: job.mask.is_some().then_some(job.mask_white),
            edge_care: (job.edge_care * 100.0).round() as u8,
            fading: job.tones().map_or(0, |(_, share)| (share * 100.0).round() as u8),
            scratches: job.places_to_repair().is_some(),
            creativity: (job.creativity * 100.0).round() as u8,
            grain: (job.grain > 0.0).then(|| (f64::from(job.grain) * 1e4).round() / 100.0),
            seed: job.seed,
            faces: None,
            denoise: None,
            colour_lock: job.colour_lock,
            wrap: job.wrap,
            reduce_first: (job.reduce_first < 100.0).then(|| (job.reduce_first * 100.0).round() / 100.0),
        }
    }

    /// Adds a model that runs. `noise`: the job's level, if this is the first pass.
    pub(crate) fn add(&mut self, model: &Model, noise: Option<NoiseLevel>) {
        self.add_model(model);
        if noise.is_some() {
            self.denoise = noise.and_then(|level| percent_of(model, level));
        }
    }

    /// Adds a model that runs over faces. `noise`: the job's level for faces, if this is the first pass.
    pub(crate) fn add_for_faces(&mut self, model: &Model, noise: Option<NoiseLevel>) {
        self.add_model(model);
        if let (Some(faces), Some(level)) = (&mut self.faces, noise) {
            faces.denoise = percent_of(model, level);
        }
    }

    fn add_model(&mut self, model: &Model) {
        let used = UsedModel::new(model);
        if !self.models.contains(&used) {
            self.models.push(used);
        }
        self.colour_lock &= !model.manifest().verify.changes_colours;
    }

    /// Whether detail was invented: by a model, in restored faces, or as texture. Whatever its manifest says, a model that restores
    /// faces invents.
    pub fn invents(&self) -> bool {
        self.creativity > 0 || self.restorer.is_some() || self.models.iter().any(|model| model.mode == Mode::Creative)
    }

    /// The URI of IPTC's digital source type: *algorithmicallyEnhanced*, or *compositeWithTrainedAlgorithmicMedia* if detail
    /// was invented.
    pub fn digital_source_type(&self) -> &'static str {
        if self.invents() { COMPOSITE } else { ENHANCED }
    }

    /// One line in ASCII, such as `Enlarger 0.1.0 (natural: realesr-general-x4v3, x4)`, for EXIF's *Software* and similar
    /// texts. If texture was added, it ends in `, x4, creativity 50)`.
    pub fn software(&self) -> String {
        let mut made_by = self.models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>().join(" + ");
        if let Some(method) = self.method {
            made_by = method.id().to_owned();
        }
        if let Some(preset) = &self.preset {
            made_by = format!("{preset}: {made_by}");
        }
        if let Some(restorer) = &self.restorer {
            made_by = format!("{made_by}, faces restored by {} (invents detail)", restorer.id);
        }
        let texture = if self.creativity > 0 { format!(", creativity {}", self.creativity) } else { String::new() };
        let text = format!("{} {} ({made_by}, x{}{texture})", Self::SOFTWARE, self.version, self.factor_text());
        text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
    }

    /// The factor with at most four decimals.
    pub(crate) fn factor_text(&self) -> String {
        format!("{}", (self.factor * 1e4).round() / 1e4)
    }
}

/// The percentage that a noise level is for a model, if the model takes one.
fn percent_of(model: &Model, level: NoiseLevel) -> Option<u8> {
    let input = model.manifest().noise()?;
    let share = (level.value(input) - input.minimum) / (input.maximum - input.minimum);
    // Below the range, the network estimates the level itself.
    (share.is_finite() && share >= 0.0).then(|| (share * 100.0).round().clamp(0.0, 100.0) as u8)
}
