//! The values of options, and what they mean to those who open networks. What they mean to a job is in `job.rs`.
//!
//! An option without a value has its default, which may depend on the preset or model.

use std::collections::BTreeMap;

use crate::colour::colour::Colour;
use crate::engine::engine::{Precision, SessionOptions};
use crate::error::Result;
use crate::faces::face::Face;
use crate::models::manifest::Task;
use crate::models::model::Model;
use crate::models::registry::Registry;
use crate::options::definition::wrong;
use crate::options::key::OptionKey;
use crate::options::kind::{Choices, OptionKind, OptionValue};
use crate::options::table::{AUTO, EXACT, FAST, KEEP, LINEAR_SRGB, NETWORK, OFF, RESTORE, SRGB};
use crate::plan::method::Method;
use crate::presets::choice::{FaceMode, ModelChoice};
use crate::presets::content::Content;
use crate::presets::preset::{DEFAULT_PRESET, Presets};

/// The presets and models that options can name.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'a> {
    /// The installed models.
    pub models: &'a Registry,
    /// The presets.
    pub presets: &'a Presets,
}

/// The values of options. Those that are not set have their defaults.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<OptionKey, OptionValue>);

impl Settings {
    /// Sets an option, after checking the value. A refused value changes nothing. Engines and devices are checked
    /// later, when they are opened.
    ///
    /// # Errors
    /// `Argument` for a value of another type or out of range, or an unknown preset; `ModelNotFound` for an unknown
    /// model.
    pub fn set(&mut self, installed: Installed<'_>, key: OptionKey, value: OptionValue) -> Result<()> {
        let option = key.definition();
        let value = option.read(value)?;
        match (option.kind, &value) {
            (OptionKind::Choice(Choices::Presets), OptionValue::Text(id)) => {
                installed.presets.find(id)?;
            }
            (OptionKind::Choice(Choices::Models), OptionValue::Text(id)) if id != AUTO => {
                model_for_pictures(installed, id)?;
            }
            _ => {}
        }
        self.0.insert(key, value);
        Ok(())
    }

    /// Sets an option back to its default.
    pub fn reset(&mut self, key: OptionKey) {
        self.0.remove(&key);
    }

    /// The value of an option, if it was set.
    pub fn get(&self, key: OptionKey) -> Option<&OptionValue> {
        self.0.get(&key)
    }

    /// The value of an option, unless it is the default.
    pub(super) fn changed(&self, key: OptionKey) -> Option<&OptionValue> {
        let default = key.definition().kind.read(OptionValue::Text(key.definition().default.to_owned()));
        self.get(key).filter(|value| Some(*value) != default.as_ref())
    }

    pub(super) fn text<'a>(&'a self, key: OptionKey, default: &'a str) -> &'a str {
        match self.get(key) {
            Some(OptionValue::Text(text)) => text,
            _ => default,
        }
    }

    /// A whole number, unless it is the value that leaves the decision to the library.
    pub(super) fn integer(&self, key: OptionKey) -> Option<i64> {
        let least = match key.definition().kind.without_automatic() {
            OptionKind::Integer { least, .. } => least,
            _ => i64::MIN,
        };
        match self.get(key) {
            Some(OptionValue::Integer(number)) => Some(*number).filter(|number| *number >= least),
            _ => None,
        }
    }

    pub(super) fn float(&self, key: OptionKey) -> Option<f64> {
        match self.get(key) {
            Some(OptionValue::Float(number)) => Some(*number),
            _ => None,
        }
    }

    /// The chosen method or, without one, the chosen model or, without one, the preset.
    ///
    /// # Errors
    /// `ModelNotFound` or `Argument` if it is not among the installed ones.
    pub fn model_choice(&self, installed: Installed<'_>) -> Result<ModelChoice> {
        if let Some(method) = Method::find(self.text(OptionKey::Method, NETWORK)) {
            return Ok(ModelChoice::Method(method));
        }
        Ok(match self.text(OptionKey::Model, AUTO) {
            AUTO => ModelChoice::Preset(Box::new(
                installed.presets.find(self.text(OptionKey::Preset, DEFAULT_PRESET))?.clone(),
            )),
            model => ModelChoice::Model(model_for_pictures(installed, model)?.clone()),
        })
    }

    /// The factor, if it was set.
    pub fn factor(&self) -> Option<f64> {
        self.float(OptionKey::Factor)
    }

    /// The noise level in percent, if it was set.
    pub fn denoise(&self) -> Option<u8> {
        self.integer(OptionKey::Denoise).map(|level| level as u8)
    }

    /// What becomes of faces. A classical method treats all pixels alike.
    pub fn face_mode(&self, chosen: &ModelChoice) -> FaceMode {
        match self.text(OptionKey::Faces, AUTO) {
            _ if chosen.method().is_some() => FaceMode::Off,
            OFF => FaceMode::Off,
            KEEP => FaceMode::Keep,
            RESTORE => FaceMode::Restore,
            _ => chosen.face_mode(),
        }
    }

    /// The noise level in percent for faces, if it was set.
    pub fn face_denoise(&self) -> Option<u8> {
        self.integer(OptionKey::FaceDenoise).map(|level| level as u8)
    }

    /// The faces, if a host has set where they are. `None` stands for a search.
    ///
    /// # Errors
    /// `Argument` if the bytes are not 17 numbers for each face, or a face has numbers that none can have.
    pub fn face_points(&self) -> Result<Option<Vec<Face>>> {
        match self.get(OptionKey::FacePoints) {
            Some(OptionValue::Bytes(bytes)) if !bytes.is_empty() => Face::read_all(bytes).map(Some),
            _ => Ok(None),
        }
    }

    /// What the picture is, if that was said.
    pub fn content(&self) -> Option<Content> {
        Content::find(self.text(OptionKey::Content, AUTO))
    }

    /// The bytes of memory that a run may use, if they were set.
    pub fn memory(&self) -> Option<u64> {
        self.integer(OptionKey::Memory).map(|bytes| bytes as u64)
    }

    /// The id of the engine; `None` for the fastest.
    pub fn engine(&self) -> Option<&str> {
        Some(self.text(OptionKey::Engine, AUTO)).filter(|id| *id != AUTO)
    }

    /// How to open sessions.
    pub fn session_options(&self) -> SessionOptions {
        let device = self.text(OptionKey::Device, AUTO);
        SessionOptions {
            device: (device != AUTO).then(|| device.to_owned()),
            precision: match self.text(OptionKey::Precision, AUTO) {
                EXACT => Precision::Exact,
                FAST => Precision::Fast,
                _ => Precision::Auto,
            },
            threads: self.integer(OptionKey::Threads).map(|count| count as usize),
        }
    }

    /// The colour space of the source and the result.
    pub fn colour(&self) -> Colour {
        match self.get(OptionKey::IccProfile) {
            Some(OptionValue::Bytes(profile)) if !profile.is_empty() => Colour::Icc(profile.clone()),
            _ if self.text(OptionKey::ColourSpace, SRGB) == LINEAR_SRGB => Colour::LinearSrgb,
            _ => Colour::Srgb,
        }
    }
}

/// The model with this id, which must take whole pictures.
fn model_for_pictures<'a>(installed: Installed<'a>, id: &str) -> Result<&'a Model> {
    let model = installed.models.find(id)?;
    match model.manifest().task {
        task if task.takes_pictures() => Ok(model),
        Task::Face => Err(wrong(format!(
            "the model {id} restores faces and cannot enlarge pictures; choose a preset or another model, and set 'faces' to 'restore' to use it for the faces in them"
        ))),
        task => Err(wrong(format!(
            "the model {id} has the task '{}' and cannot enlarge pictures; choose another",
            task.id()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::options::test_values::{embedded, number, text};

    #[test]
    fn a_refused_value_changes_nothing() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        let mut settings = Settings::default();
        settings.set(installed, OptionKey::Tile, number(64)).unwrap();
        for value in [
            number(-1),
            text("many"),
            OptionValue::Float(64.0),
            OptionValue::Bytes([1].into()),
            OptionValue::Boolean(true),
        ] {
            let error = settings.set(installed, OptionKey::Tile, value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Argument);
        }
        assert_eq!(settings.get(OptionKey::Tile), Some(&number(64)));
        for value in [f64::NAN, f64::INFINITY, -0.0, 16.000_001] {
            assert!(settings.set(installed, OptionKey::Factor, OptionValue::Float(value)).is_err(), "{value}");
        }
        assert_eq!(
            settings.set(installed, OptionKey::Model, text("none")).unwrap_err().kind(),
            ErrorKind::ModelNotFound
        );
        assert!(settings.set(installed, OptionKey::Preset, text("none")).is_err());
    }

    #[test]
    fn faces_are_what_the_preset_does_with_them_unless_an_option_says_otherwise() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        let mode = |values: &[(OptionKey, &str)]| {
            let mut settings = Settings::default();
            values.iter().for_each(|(key, value)| settings.set(installed, *key, text(value)).unwrap());
            settings.face_mode(&settings.model_choice(installed).unwrap())
        };
        use OptionKey::{Faces, Method, Model, Preset};
        assert_eq!(mode(&[]), FaceMode::Off);
        assert_eq!(mode(&[(Preset, "portrait")]), FaceMode::Keep);
        assert_eq!(mode(&[(Preset, "portrait"), (Faces, "off")]), FaceMode::Off);
        assert_eq!(mode(&[(Preset, "natural"), (Faces, "keep")]), FaceMode::Keep);
        assert_eq!(mode(&[(Model, crate::models::registry::DEFAULT_MODEL), (Faces, "keep")]), FaceMode::Keep);
        assert_eq!(mode(&[(Method, "lanczos"), (Faces, "keep")]), FaceMode::Off);
        assert_eq!(mode(&[(Preset, "natural"), (Faces, "restore")]), FaceMode::Restore);
        assert_eq!(mode(&[(Preset, "portrait"), (Model, crate::models::registry::DEFAULT_MODEL)]), FaceMode::Off);
    }

    #[test]
    fn denoise_keeps_the_level_zero() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        for (value, level) in [(-1, None), (0, Some(0)), (100, Some(100))] {
            let mut settings = Settings::default();
            settings.set(installed, OptionKey::Denoise, number(value)).unwrap();
            assert_eq!(settings.denoise(), level);
        }
    }
}
