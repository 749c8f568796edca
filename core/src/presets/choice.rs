//! The choice between a preset, a single model and a classical method.
//!
//! A chosen model is never replaced by another one, and a method never by a network.

use crate::models::model::Model;
use crate::plan::method::Method;
use crate::presets::preset::Preset;

/// What enlarges pictures: a model that was named, the models that a preset uses, or a method without a model.
#[derive(Clone, Debug)]
pub enum ModelChoice {
    /// This model.
    Model(Model),
    /// The models that this preset uses.
    Preset(Preset),
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

    /// Whether the picture must be analysed for its noise level. That is so if neither the caller nor the preset gives a
    /// level, and a network runs, which needs a factor of at least 1 and a strength above 0.
    pub fn looks_at_wear(&self, factor: f64, strength: f32, denoise: Option<u8>) -> bool {
        let runs = factor >= 1.0 && strength > 0.0;
        runs && denoise.is_none() && self.preset().is_some_and(|preset| preset.denoise.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::registry::{DEFAULT_MODEL, Registry};
    use crate::presets::preset::Presets;

    #[test]
    fn a_picture_is_analysed_only_if_a_network_needs_its_level() {
        let preset = |denoise| {
            let mut preset = Presets::open().presets()[0].clone();
            preset.denoise = denoise;
            ModelChoice::Preset(preset)
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
