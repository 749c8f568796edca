//! The values of options, and what they mean to the pipeline.
//!
//! An option without a value has its default, which may depend on the preset or model.

use std::collections::BTreeMap;

use crate::colour::colour::Colour;
use crate::engine::engine::{Precision, SessionOptions};
use crate::error::Result;
use crate::faces::face::Face;
use crate::geometry::Size;
use crate::models::manifest::Task;
use crate::models::model::Model;
use crate::models::noise::NoiseLevel;
use crate::models::registry::Registry;
use crate::options::definition::{OptionScope, wrong};
use crate::options::key::OptionKey;
use crate::options::kind::{Choices, OptionKind, OptionValue};
use crate::options::table::{AUTO, EXACT, FAST, KEEP, LINEAR_SRGB, NETWORK, OFF, OPTIONS, PROTECT, RESTORE, SRGB};
use crate::pixels::mask::MaskWhite;
use crate::plan::damage::Fading;
use crate::plan::job::{Job, Target};
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
    fn changed(&self, key: OptionKey) -> Option<&OptionValue> {
        let default = key.definition().kind.read(OptionValue::Text(key.definition().default.to_owned()));
        self.get(key).filter(|value| Some(*value) != default.as_ref())
    }

    fn text<'a>(&'a self, key: OptionKey, default: &'a str) -> &'a str {
        match self.get(key) {
            Some(OptionValue::Text(text)) => text,
            _ => default,
        }
    }

    /// A whole number, unless it is the value that leaves the decision to the library.
    fn integer(&self, key: OptionKey) -> Option<i64> {
        let least = match key.definition().kind.without_automatic() {
            OptionKind::Integer { least, .. } => least,
            _ => i64::MIN,
        };
        match self.get(key) {
            Some(OptionValue::Integer(number)) => Some(*number).filter(|number| *number >= least),
            _ => None,
        }
    }

    fn float(&self, key: OptionKey) -> Option<f64> {
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

    /// The job for one picture. `opened`: the settings that the upscaler was created with; `chosen`: their model
    /// choice.
    ///
    /// # Errors
    /// `Argument` for an option of the upscaler that has another value now, or a noise level that the model does not
    /// take.
    pub fn job(&self, opened: &Settings, chosen: &ModelChoice) -> Result<Job> {
        let fixed = OPTIONS.iter().filter(|option| option.scope == OptionScope::Upscaler);
        // The preset is ignored where a model is chosen, and all that concerns networks where a method is chosen.
        let ignored = |key: OptionKey| match chosen.method() {
            Some(_) => key.concerns_networks(),
            None => key == OptionKey::Preset && chosen.preset().is_none(),
        };
        for option in fixed.filter(|option| !ignored(option.key)) {
            // Dialogs set every option, also to its default. That is no other value than none.
            if self.get(option.key).is_some() && self.changed(option.key) != opened.changed(option.key) {
                return Err(wrong(format!(
                    "the option '{}' is fixed when an upscaler is created, and this one has another value; create a new upscaler",
                    option.name
                )));
            }
        }
        // The ranges of both options fit into u32.
        let side = |key| self.integer(key).map(|side| side as u32);
        let target = match (side(OptionKey::Width), side(OptionKey::Height)) {
            (Some(width), Some(height)) => Target::Size(Size { width, height }),
            (Some(width), None) => Target::Width(width),
            (None, Some(height)) => Target::Height(height),
            (None, None) => Target::Factor(self.factor().unwrap_or(chosen.factor())),
        };
        let mut job = Job::new(target);
        job.tile = self.integer(OptionKey::Tile).map(|side| side as u32);
        job.memory = self.memory();
        job.colour_lock = self.get(OptionKey::ColourLock) != Some(&OptionValue::Boolean(false));
        job.wrap = self.get(OptionKey::Wrap) == Some(&OptionValue::Boolean(true));
        if let Some(percent) = self.float(OptionKey::ReduceFirst) {
            job.reduce_first = percent;
        }
        if let Some(strength) = self.integer(OptionKey::Strength) {
            job.strength = strength as f32 / 100.0;
        }
        if let Some(OptionValue::Mask(mask)) = self.get(OptionKey::Mask) {
            job.mask = Some(mask.clone());
        }
        if self.get(OptionKey::MaskWhite) == Some(&OptionValue::Text(PROTECT.to_owned())) {
            job.mask_white = MaskWhite::Protect;
        }
        // QUALITY.md has the figures: at full strength, the networks of faithful presets draw no overshoot worth a limit.
        let partial = job.strength < 1.0 || job.mask.is_some();
        let preset = chosen.preset();
        let automatic = preset.and_then(|preset| preset.edge_care).map_or(if partial { 100 } else { 0 }, i64::from);
        job.edge_care = self.integer(OptionKey::EdgeCare).unwrap_or(automatic) as f32 / 100.0;
        job.fading = match self.integer(OptionKey::Fading) {
            Some(percent) => Fading::Share(percent as f32 / 100.0),
            None if preset.is_some_and(|preset| preset.fading) => Fading::Measured,
            None => Fading::NONE,
        };
        let scratches = self.integer(OptionKey::Scratches).or(preset.map(|preset| i64::from(preset.scratches)));
        job.scratches = scratches.unwrap_or(0) as f32 / 100.0;
        if let Some(OptionValue::Mask(mask)) = self.get(OptionKey::ScratchMask) {
            job.scratch_mask = Some(mask.clone());
        }
        let dial = preset.and_then(|preset| preset.creativity).map(i64::from);
        let creativity = self.integer(OptionKey::Creativity).or(dial).unwrap_or(0) as f32 / 100.0;
        if chosen.method().is_none() {
            job.creativity = creativity;
        }
        if dial.is_some() {
            // The lower half of the dial leads from the faithful enlargement to all that the network draws.
            job.strength *= (2.0 * creativity).min(1.0);
        }
        if let Some(grain) = self.float(OptionKey::Grain) {
            job.grain = grain as f32 / 100.0;
        }
        if let Some(seed) = self.integer(OptionKey::Seed) {
            job.seed = seed as u32;
        }
        if let Some(strength) = self.integer(OptionKey::FaceStrength) {
            job.face_strength = strength as f32 / 100.0;
        }
        if let Some(grain) = self.float(OptionKey::FaceGrain) {
            job.face_grain = grain as f32 / 100.0;
        }
        if let Some(fidelity) = self.integer(OptionKey::FaceFidelity) {
            job.face_fidelity = fidelity as f32 / 100.0;
        }
        if self.face_mode(chosen) != FaceMode::Off {
            job.faces = self.face_points()?.unwrap_or_default();
        }
        if chosen.method().is_none() {
            job.noise_level = self.noise_level(chosen)?;
        }
        Ok(job)
    }

    /// What these settings ask for that the chosen method does not use, as a sentence; `None` if there is nothing. Values
    /// that are the default are not counted, because dialogs set every option.
    pub fn unused(&self, chosen: &ModelChoice) -> Option<String> {
        let method = chosen.method()?;
        let unused = OPTIONS.iter().filter(|option| !option.key.serves(method) && self.changed(option.key).is_some());
        let names: Vec<&str> = unused.map(|option| option.name).collect();
        (!names.is_empty()).then(|| {
            format!(
                "the method {} runs no network and ignores {}; leave out the method to use a network",
                method.id(),
                names.join(", ")
            )
        })
    }

    /// The noise level that `noise_level` sets in the unit of the chosen model.
    fn noise_level(&self, chosen: &ModelChoice) -> Result<NoiseLevel> {
        let Some(level) = self.float(OptionKey::NoiseLevel) else { return Ok(NoiseLevel::ModelDefault) };
        let takes = matches!(chosen, ModelChoice::Model(model) if model.manifest().noise().is_some());
        if !takes {
            let sentence = "the option 'noise_level' needs a model that takes a noise level; choose one with 'model', or set 'denoise' instead";
            return Err(wrong(sentence.to_owned()));
        }
        if self.denoise().is_some() {
            let sentence = "the options 'noise_level' and 'denoise' are both set; reset one of them";
            return Err(wrong(sentence.to_owned()));
        }
        Ok(NoiseLevel::ModelUnit(level as f32))
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
    use crate::options::describe::{EngineList, OptionChoice};

    struct Machine;

    impl EngineList for Machine {
        fn engines(&self) -> Vec<OptionChoice> {
            vec![OptionChoice::new("rten", "rten", "")]
        }

        fn devices(&self) -> Vec<OptionChoice> {
            vec![OptionChoice::new("cpu", "Processor", "")]
        }
    }

    fn embedded() -> (Registry, Presets) {
        (Registry::search(&[]), Presets::open())
    }

    fn text(text: &str) -> OptionValue {
        OptionValue::Text(text.to_owned())
    }

    fn number(number: i64) -> OptionValue {
        OptionValue::Integer(number)
    }

    #[test]
    fn setting_every_option_to_its_described_default_changes_nothing() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        let chosen = Settings::default().model_choice(installed).unwrap();
        assert_eq!(chosen.preset().unwrap().id, DEFAULT_PRESET);
        let mut settings = Settings::default();
        for option in &OPTIONS {
            let description = option.describe(installed, &chosen, &Machine);
            let (name, default) = (option.name, description.default.as_str());
            assert_eq!(description.kind.name(), option.kind.name(), "{name}");
            match description.kind {
                OptionKind::Choice(_) => {
                    assert!(description.choices.iter().any(|choice| choice.value == default), "{name}");
                    for choice in &description.choices {
                        assert!(!choice.value.contains('\n') && !choice.help.contains('\n'), "{name}");
                        assert!(!choice.label.contains('\n') && !choice.label.is_empty(), "{name}");
                        settings.set(installed, option.key, text(&choice.value)).unwrap();
                    }
                }
                OptionKind::Bytes | OptionKind::Mask => assert!(default.is_empty(), "{name}"),
                kind => assert!(kind.read(text(default)).is_some(), "{name}"),
            }
            match description.kind {
                OptionKind::Bytes => settings.set(installed, option.key, OptionValue::Bytes([].into())).unwrap(),
                OptionKind::Mask => settings.reset(option.key),
                _ if description.applies => settings.set(installed, option.key, text(default)).unwrap(),
                _ => settings.reset(option.key),
            }
        }
        let (said, unsaid) = (settings.job(&Settings::default(), &chosen), Settings::default().job(&settings, &chosen));
        assert_eq!(format!("{:?}", said.unwrap()), format!("{:?}", unsaid.unwrap()));
        assert_eq!(settings.session_options(), Settings::default().session_options());
        assert_eq!(settings.colour(), Colour::Srgb);
        assert_eq!(settings.engine(), None);
    }

    #[test]
    fn options_of_the_upscaler_cannot_change_later() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        let chosen = &Settings::default().model_choice(installed).unwrap();
        let mut opened = Settings::default();
        opened.set(installed, OptionKey::Threads, number(2)).unwrap();
        let mut later = Settings::default();
        assert!(later.job(&opened, chosen).is_ok());
        for (threads, fits) in [(2, true), (3, false), (0, false)] {
            later.set(installed, OptionKey::Threads, number(threads)).unwrap();
            assert_eq!(later.job(&opened, chosen).is_ok(), fits, "{threads} threads");
        }
        later.reset(OptionKey::Threads);
        later.set(installed, OptionKey::Engine, text("rten")).unwrap();
        assert_eq!(later.job(&opened, chosen).unwrap_err().kind(), ErrorKind::Argument);
    }

    #[test]
    fn width_and_height_take_precedence_over_the_factor() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        let chosen = &Settings::default().model_choice(installed).unwrap();
        let target = |values: &[(OptionKey, i64)]| {
            let mut settings = Settings::default();
            for (key, value) in values {
                settings.set(installed, *key, number(*value)).unwrap();
            }
            settings.job(&Settings::default(), chosen).unwrap().target
        };
        use OptionKey::{Factor, Height, Width};
        assert_eq!(target(&[]), Target::Factor(4.0));
        assert_eq!(target(&[(Factor, 2)]), Target::Factor(2.0));
        assert_eq!(target(&[(Factor, 2), (Width, 7)]), Target::Width(7));
        assert_eq!(target(&[(Height, 9), (Width, 0)]), Target::Height(9));
        assert_eq!(target(&[(Height, 9), (Width, 7)]), Target::Size(Size { width: 7, height: 9 }));
    }

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
    fn a_method_replaces_preset_and_model_and_says_what_it_ignores() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        let mut settings = Settings::default();
        settings.set(installed, OptionKey::Method, text("lanczos")).unwrap();
        let chosen = settings.model_choice(installed).unwrap();
        assert_eq!((chosen.method(), chosen.factor()), (Some(Method::Lanczos), 4.0));
        assert!(chosen.preset().is_none() && settings.unused(&chosen).is_none());
        for option in &OPTIONS {
            let description = option.describe(installed, &chosen, &Machine);
            let kept = [
                "method",
                "factor",
                "width",
                "height",
                "grain",
                "seed",
                "colour_space",
                "icc_profile",
                "wrap",
                "reduce_first",
                "fading",
                "scratches",
                "scratch_mask",
                "memory",
            ];
            assert_eq!(description.applies, kept.contains(&option.name), "{}", option.name);
        }
        settings.set(installed, OptionKey::Model, text(crate::models::registry::DEFAULT_MODEL)).unwrap();
        settings.set(installed, OptionKey::Strength, number(50)).unwrap();
        settings.set(installed, OptionKey::Denoise, number(-1)).unwrap();
        settings.set(installed, OptionKey::NoiseLevel, OptionValue::Float(0.5)).unwrap();
        let chosen = settings.model_choice(installed).unwrap();
        assert_eq!(chosen.method(), Some(Method::Lanczos));
        let unused = settings.unused(&chosen).unwrap();
        assert!(unused.contains("lanczos runs no network and ignores model, strength, noise_level;"), "{unused}");
        assert!(
            settings.job(&Settings::default(), &chosen).is_err(),
            "the method is fixed when an upscaler is created"
        );
        assert_eq!(settings.job(&settings, &chosen).unwrap().noise_level, NoiseLevel::ModelDefault);
        let network = ModelChoice::Preset(Box::new(presets.find(DEFAULT_PRESET).unwrap().clone()));
        assert_eq!(settings.unused(&network), None);
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
    fn a_host_says_where_faces_are() {
        let (models, presets) = embedded();
        let installed = Installed { models: &models, presets: &presets };
        let job = |numbers: &[f32], preset: &str| {
            let mut settings = Settings::default();
            settings.set(installed, OptionKey::Preset, text(preset)).unwrap();
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
            settings.set(installed, OptionKey::FacePoints, OptionValue::Bytes(bytes.into())).unwrap();
            settings.job(&settings, &settings.model_choice(installed).unwrap()).map(|job| job.faces)
        };
        let numbers: Vec<f32> = (1..=34).map(|number| number as f32).collect();
        let faces = job(&numbers, "portrait").unwrap();
        assert_eq!((faces.len(), faces[0].left, faces[0].height, faces[1].score), (2, 1.0, 4.0, 34.0));
        assert_eq!((faces[0].points[0], faces[0].points[5]), ([5.0, 6.0], [15.0, 16.0]));
        assert!(job(&numbers, "natural").unwrap().is_empty() && job(&[], "portrait").unwrap().is_empty());
        for wrong in [&numbers[..16], &[f32::NAN; 17], &[0.0; 17]] {
            assert_eq!(job(wrong, "portrait").unwrap_err().kind(), ErrorKind::Argument, "{wrong:?}");
        }
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
