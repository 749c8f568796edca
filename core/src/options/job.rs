//! What the values of options mean to a job: the settings of one run.
//!
//! A preset or a model decides what was not set. Nothing here may check a value; that was done when it was set.

use crate::error::Result;
use crate::geometry::Size;
use crate::models::noise::NoiseLevel;
use crate::options::definition::{OptionScope, wrong};
use crate::options::key::OptionKey;
use crate::options::kind::OptionValue;
use crate::options::settings::Settings;
use crate::options::table::{OPTIONS, PROTECT};
use crate::pixels::mask::MaskWhite;
use crate::plan::damage::Fading;
use crate::plan::job::{Job, Target};
use crate::presets::choice::{FaceMode, ModelChoice};

impl Settings {
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
        let mut job = Job::new(self.target(chosen));
        job.tile = self.integer(OptionKey::Tile).map(|side| side as u32);
        job.memory = self.memory();
        job.wrap = self.get(OptionKey::Wrap) == Some(&OptionValue::Boolean(true));
        if let Some(percent) = self.float(OptionKey::ReduceFirst) {
            job.reduce_first = percent;
        }
        self.set_strength(&mut job, chosen);
        self.set_repair(&mut job, chosen);
        self.set_texture(&mut job, chosen);
        self.set_faces(&mut job, chosen)?;
        if chosen.method().is_none() {
            job.noise_level = self.noise_level(chosen)?;
        }
        Ok(job)
    }

    /// The size of the result.
    fn target(&self, chosen: &ModelChoice) -> Target {
        // The ranges of both options fit into u32.
        let side = |key| self.integer(key).map(|side| side as u32);
        match (side(OptionKey::Width), side(OptionKey::Height)) {
            (Some(width), Some(height)) => Target::Size(Size { width, height }),
            (Some(width), None) => Target::Width(width),
            (None, Some(height)) => Target::Height(height),
            (None, None) => Target::Factor(self.factor().unwrap_or(chosen.factor())),
        }
    }

    /// A percentage as a share.
    fn share(&self, key: OptionKey) -> Option<f32> {
        self.integer(key).map(|percent| percent as f32 / 100.0)
    }

    /// How much of the networks' work is used, and where.
    fn set_strength(&self, job: &mut Job, chosen: &ModelChoice) {
        job.colour_lock = self.get(OptionKey::ColourLock) != Some(&OptionValue::Boolean(false));
        job.strength = self.share(OptionKey::Strength).unwrap_or(job.strength);
        if let Some(OptionValue::Mask(mask)) = self.get(OptionKey::Mask) {
            job.mask = Some(mask.clone());
        }
        if self.get(OptionKey::MaskWhite) == Some(&OptionValue::Text(PROTECT.to_owned())) {
            job.mask_white = MaskWhite::Protect;
        }
        // QUALITY.md has the figures: at full strength, the networks of faithful presets draw no overshoot worth a limit.
        let partial = job.strength < 1.0 || job.mask.is_some();
        let of_preset = chosen.preset().and_then(|preset| preset.edge_care).map(|percent| f32::from(percent) / 100.0);
        let automatic = of_preset.unwrap_or(if partial { 1.0 } else { 0.0 });
        job.edge_care = self.share(OptionKey::EdgeCare).unwrap_or(automatic);
    }

    /// What is repaired before all else.
    fn set_repair(&self, job: &mut Job, chosen: &ModelChoice) {
        let preset = chosen.preset();
        job.fading = match self.share(OptionKey::Fading) {
            Some(share) => Fading::Share(share),
            None if preset.is_some_and(|preset| preset.fading) => Fading::Measured,
            None => Fading::NONE,
        };
        let of_preset = preset.map_or(0.0, |preset| f32::from(preset.scratches) / 100.0);
        job.scratches = self.share(OptionKey::Scratches).unwrap_or(of_preset);
        if let Some(OptionValue::Mask(mask)) = self.get(OptionKey::ScratchMask) {
            job.scratch_mask = Some(mask.clone());
        }
    }

    /// What is added on purpose.
    fn set_texture(&self, job: &mut Job, chosen: &ModelChoice) {
        let dial = chosen.preset().and_then(|preset| preset.creativity).map(|percent| f32::from(percent) / 100.0);
        let creativity = self.share(OptionKey::Creativity).or(dial).unwrap_or(0.0);
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
    }

    /// What becomes of faces.
    fn set_faces(&self, job: &mut Job, chosen: &ModelChoice) -> Result<()> {
        job.face_strength = self.share(OptionKey::FaceStrength).unwrap_or(job.face_strength);
        job.face_fidelity = self.share(OptionKey::FaceFidelity).unwrap_or(job.face_fidelity);
        if let Some(grain) = self.float(OptionKey::FaceGrain) {
            job.face_grain = grain as f32 / 100.0;
        }
        if self.face_mode(chosen) != FaceMode::Off {
            job.faces = self.face_points()?.unwrap_or_default();
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::colour::Colour;
    use crate::error::ErrorKind;
    use crate::options::kind::OptionKind;
    use crate::options::settings::Installed;
    use crate::options::test_values::{Machine, embedded, number, text};
    use crate::plan::method::Method;
    use crate::presets::preset::DEFAULT_PRESET;

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
}
