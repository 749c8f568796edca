//! The choice between a preset, a single model and a classical method.
//!
//! A chosen model is never replaced by another one, and a method never by a network.

use crate::error::Result;
use crate::models::model::Model;
use crate::models::registry::Registry;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::presets::content::Content;
use crate::presets::preset::{Preset, Presets, Recipe};

/// What becomes of faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaceMode {
    /// They are enlarged as the rest is.
    Off,
    /// They are enlarged by faithful networks, so that they keep identity and texture.
    Keep,
    /// They are enlarged as the preset does it, and painted anew by a model that restores faces, which invents.
    Restore,
}

impl FaceMode {
    /// Whether a job needs to know where the faces are: at this factor, something is done to them.
    pub fn looks(self, factor: f64, job: &Job) -> bool {
        let restores = self == FaceMode::Restore && job.restores();
        self != FaceMode::Off && (restores || factor >= 1.0 && job.strength > 0.0 || job.face_grain > 0.0)
    }

    /// Whether faces that are found are enlarged by networks of their own.
    pub fn keeps(self, choice: &ModelChoice) -> bool {
        self == FaceMode::Keep || self == FaceMode::Restore && choice.face_mode() == FaceMode::Keep
    }
}

/// What enlarges pictures: a model that was named, the models that a preset uses, or a method without a model.
#[derive(Clone, Debug)]
pub enum ModelChoice {
    /// This model.
    Model(Model),
    /// The models that this preset uses.
    Preset(Box<Preset>),
    /// This classical method.
    Method(Method),
}

impl ModelChoice {
    /// The factor to use if none is given.
    pub fn factor(&self) -> f64 {
        match self {
            ModelChoice::Model(model) => f64::from(model.manifest().scale),
            ModelChoice::Preset(preset) => preset.factor,
            ModelChoice::Method(_) => Method::FACTOR,
        }
    }

    /// The preset, unless a model or a method was named.
    pub fn preset(&self) -> Option<&Preset> {
        match self {
            ModelChoice::Model(_) | ModelChoice::Method(_) => None,
            ModelChoice::Preset(preset) => Some(preset),
        }
    }

    /// The method, unless networks run.
    pub fn method(&self) -> Option<Method> {
        match self {
            ModelChoice::Model(_) | ModelChoice::Preset(_) => None,
            ModelChoice::Method(method) => Some(*method),
        }
    }

    /// What becomes of faces if the caller does not say: a preset that has networks for them uses these.
    pub fn face_mode(&self) -> FaceMode {
        if self.preset().is_some_and(Preset::treats_faces) { FaceMode::Keep } else { FaceMode::Off }
    }

    /// The recipe for faces: that of the preset or, for a model or a preset without one, that of the built-in preset for faces.
    /// `denoise` is the noise level in percent; without one, no noise is removed.
    ///
    /// # Errors
    /// As [`Preset::resolve`].
    pub fn resolve_faces(&self, registry: &Registry, factor: f64, denoise: Option<u8>) -> Result<Recipe> {
        match self.preset() {
            Some(preset) => preset.resolve_faces(registry, factor, denoise),
            None => Presets::for_faces()?.resolve_faces(registry, factor, denoise),
        }
    }

    /// Whether the picture must be analysed for its noise level. That is so if neither the caller nor the preset gives a
    /// level, and a network runs, which needs a factor of at least 1 and a strength above 0.
    pub fn looks_at_wear(&self, factor: f64, strength: f32, denoise: Option<u8>) -> bool {
        let asks = |preset: &Preset| preset.denoise.is_none();
        runs(factor, strength) && denoise.is_none() && self.preset().is_some_and(asks)
    }

    /// Whether the picture must be analysed for what it is. That is so if the caller does not say it, the preset has networks for some
    /// kinds of pictures only, and a network runs.
    pub fn looks_at_content(&self, factor: f64, strength: f32, content: Option<Content>) -> bool {
        runs(factor, strength) && content.is_none() && self.preset().is_some_and(Preset::follows_content)
    }
}

/// Whether a network of a preset runs.
fn runs(factor: f64, strength: f32) -> bool {
    factor >= 1.0 && strength > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::registry::DEFAULT_MODEL;

    #[test]
    fn a_picture_is_analysed_only_if_a_network_needs_its_level() {
        let preset = |denoise| {
            let mut preset = Presets::open().presets()[0].clone();
            preset.denoise = denoise;
            ModelChoice::Preset(Box::new(preset))
        };
        let model = Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone();
        let cases = [
            (preset(None), 1.0, 0.01, None, true),
            (preset(None), 1.0, 0.0, None, false),
            (preset(None), 0.99, 1.0, None, false),
            (preset(None), 2.0, 1.0, Some(0), false),
            (preset(Some(0)), 2.0, 1.0, None, false),
            (ModelChoice::Model(model), 4.0, 1.0, None, false),
            (ModelChoice::Method(Method::Lanczos), 4.0, 1.0, None, false),
        ];
        for (choice, factor, strength, denoise, looks) in cases {
            let looked = choice.looks_at_wear(factor, strength, denoise);
            assert_eq!(looked, looks, "{choice:?}, {factor}, {strength}, {denoise:?}");
        }
    }
}
