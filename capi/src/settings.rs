//! Values of options, and what they mean to the core.
//!
//! A value that nobody set is its default, which may depend on the preset or the model.

use std::collections::BTreeMap;
use std::sync::Arc;

use enlarger::{Colour, DEFAULT_PRESET, Job, NoiseLevel, Precision, SessionOptions, Size, Target};
use enlarger_engines::Wish;

use crate::option::{AUTO, Definition, EXACT, FAST, Kind, LINEAR_SRGB, OPTIONS, SRGB};
use crate::registry::Registry;
use crate::status::{ENL_ERROR_ARGUMENT, Failure, Result};

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Bytes(Arc<[u8]>),
}

/// The values that were set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(BTreeMap<&'static str, Value>);

/// The option of this key.
pub(crate) fn definition(key: &str) -> Result<&'static Definition> {
    OPTIONS.iter().find(|definition| definition.key == key).ok_or_else(|| {
        let keys: Vec<&str> = OPTIONS.iter().map(|definition| definition.key).collect();
        wrong(format!("there is no option '{key}'; there are: {}", keys.join(", ")))
    })
}

impl Settings {
    /// Sets an option after a look at the value.
    pub(crate) fn set(&mut self, registry: &Registry, key: &str, value: Value) -> Result<()> {
        let definition = definition(key)?;
        let value = check(registry, definition, value)?;
        self.0.insert(definition.key, value);
        Ok(())
    }

    /// Back to the default.
    pub(crate) fn reset(&mut self, key: &str) -> Result<()> {
        self.0.remove(definition(key)?.key);
        Ok(())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The value of an option that counts when an upscaler is made, unless it is the default.
    fn unusual(&self, key: &str) -> Option<&Value> {
        let default = if key == "preset" { DEFAULT_PRESET } else { AUTO };
        self.get(key).filter(|value| match value {
            Value::Text(text) => text != default,
            value => **value != Value::Integer(0),
        })
    }

    fn text<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        match self.get(key) {
            Some(Value::Text(text)) => text,
            _ => default,
        }
    }

    /// A whole number above 0.
    fn count(&self, key: &str) -> Option<i64> {
        match self.get(key) {
            Some(Value::Integer(count)) if *count > 0 => Some(*count),
            _ => None,
        }
    }

    fn float(&self, key: &str) -> Option<f64> {
        match self.get(key) {
            Some(Value::Float(number)) => Some(*number),
            _ => None,
        }
    }

    /// The model that is named, or else the preset.
    pub(crate) fn wish(&self, registry: &Registry) -> enlarger::Result<Wish> {
        Ok(match self.text("model", AUTO) {
            AUTO => Wish::Preset(registry.presets().find(self.text("preset", DEFAULT_PRESET))?.clone()),
            model => Wish::Model(registry.models().find(model)?.clone()),
        })
    }

    /// The factor that is asked for.
    pub(crate) fn factor(&self) -> Option<f64> {
        self.float("factor")
    }

    /// The noise level, of 100, that is asked for.
    pub(crate) fn denoise(&self) -> Option<u8> {
        match self.get("denoise") {
            Some(Value::Integer(level)) => u8::try_from(*level).ok(),
            _ => None,
        }
    }

    /// The name of the engine.
    pub(crate) fn engine(&self) -> &str {
        self.text("engine", AUTO)
    }

    pub(crate) fn session_options(&self) -> SessionOptions {
        let device = self.text("device", AUTO);
        let mut options = SessionOptions::default();
        options.device = (device != AUTO).then(|| device.to_owned());
        options.precision = match self.text("precision", AUTO) {
            EXACT => Precision::Exact,
            FAST => Precision::Fast,
            _ => Precision::Auto,
        };
        options.threads = self.count("threads").map(|count| count as usize);
        options
    }

    /// What the pixels' numbers mean.
    pub(crate) fn colour(&self) -> Colour {
        match self.get("icc_profile") {
            Some(Value::Bytes(profile)) if !profile.is_empty() => Colour::Icc(profile.clone()),
            _ if self.text("colour_space", SRGB) == LINEAR_SRGB => Colour::LinearSrgb,
            _ => Colour::Srgb,
        }
    }

    /// What is to be done with one picture, by what was opened with the settings `opened`.
    pub(crate) fn job(&self, opened: &Settings, wish: &Wish) -> Result<Job> {
        let named = matches!(wish, Wish::Model(_));
        for definition in OPTIONS.iter().filter(|definition| definition.opening) {
            let key = definition.key;
            // Where a model is named, presets do not count.
            if named && key == "preset" {
                continue;
            }
            // A default that is said aloud, as dialogs do, is no other value.
            if self.get(key).is_some() && self.unusual(key) != opened.unusual(key) {
                return Err(wrong(format!(
                    "the option '{key}' counts when an upscaler is made, and this one was made with another value; make a new one"
                )));
            }
        }
        // Sides fit: their ranges do.
        let target = match (self.count("width"), self.count("height")) {
            (Some(width), Some(height)) => Target::Size(Size { width: width as u32, height: height as u32 }),
            (Some(width), None) => Target::Width(width as u32),
            (None, Some(height)) => Target::Height(height as u32),
            (None, None) => Target::Factor(self.factor().unwrap_or(wish.factor())),
        };
        let mut job = Job::new(target);
        job.tile = self.count("tile").map(|side| side as u32);
        job.memory = self.count("memory").map(|bytes| bytes as u64);
        job.colour_lock = self.get("colour_lock") != Some(&Value::Boolean(false));
        if let Some(Value::Integer(strength)) = self.get("strength") {
            job.strength = *strength as f32 / 100.0;
        }
        let noise_level = self.float("noise_level");
        job.noise_level = noise_level.map_or(NoiseLevel::ModelDefault, |level| NoiseLevel::ModelUnit(level as f32));
        let takes = match wish {
            Wish::Model(model) => model.manifest().noise().is_some(),
            Wish::Preset(_) => false,
        };
        if noise_level.is_some() && !(takes && self.denoise().is_none()) {
            return Err(wrong(
                "the option 'noise_level' is for models that are named and take one, without 'denoise'; reset it"
                    .to_owned(),
            ));
        }
        Ok(job)
    }
}

/// Turns a value into the option's type, or says why it cannot be.
fn check(registry: &Registry, definition: &Definition, value: Value) -> Result<Value> {
    let key = definition.key;
    let value = match (definition.kind, value) {
        (Kind::Integer(..), Value::Text(text)) => {
            Value::Integer(text.trim().parse().map_err(|_| unreadable(definition, &text))?)
        }
        (Kind::Float(..), Value::Text(text)) => {
            Value::Float(text.trim().parse().map_err(|_| unreadable(definition, &text))?)
        }
        (Kind::Float(..), Value::Integer(number)) => Value::Float(number as f64),
        (Kind::Boolean, Value::Text(text)) => match text.trim() {
            "on" => Value::Boolean(true),
            "off" => Value::Boolean(false),
            _ => return Err(unreadable(definition, &text)),
        },
        (Kind::Boolean, Value::Integer(number @ 0..=1)) => Value::Boolean(number == 1),
        (Kind::Choice, value @ Value::Text(_)) | (Kind::Bytes, value @ Value::Bytes(_)) => value,
        (Kind::Integer(..), value @ Value::Integer(_)) | (Kind::Float(..), value @ Value::Float(_)) => value,
        _ => return Err(mismatch(definition)),
    };
    match (&value, definition.kind) {
        (Value::Integer(number), Kind::Integer(least, most)) if !(least..=most).contains(number) => {
            Err(wrong(format!("{number} is no {key}; give a whole number from {least} to {most}")))
        }
        (Value::Float(number), Kind::Float(least, most)) if !(least..=most).contains(number) => {
            Err(wrong(format!("{number} is no {key}; give a number from {least} to {most}")))
        }
        // Whether an engine or a device is here shows when it is opened.
        (Value::Text(id), Kind::Choice) if key == "model" && id != AUTO => {
            Ok(registry.models().find(id).map(|_| value.clone())?)
        }
        (Value::Text(id), Kind::Choice) if key == "preset" => Ok(registry.presets().find(id).map(|_| value.clone())?),
        (Value::Text(word), Kind::Choice) => {
            let words: &[&str] = match key {
                "colour_space" => &[SRGB, LINEAR_SRGB],
                "precision" => &[AUTO, EXACT, FAST],
                _ => return Ok(value),
            };
            if words.contains(&word.as_str()) {
                return Ok(value);
            }
            Err(wrong(format!("'{word}' is no {key}; there are: {}", words.join(", "))))
        }
        _ => Ok(value),
    }
}

fn wrong(message: String) -> Failure {
    Failure::new(ENL_ERROR_ARGUMENT, message)
}

fn unreadable(definition: &Definition, text: &str) -> Failure {
    wrong(format!("'{text}' is no {}; {}", definition.key, wanted(definition.kind)))
}

fn mismatch(definition: &Definition) -> Failure {
    wrong(format!("the option '{}' takes another type; {}", definition.key, wanted(definition.kind)))
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Choice => "give one of its choices as a text",
        Kind::Integer(..) => "give a whole number",
        Kind::Float(..) => "give a number",
        Kind::Boolean => "give on or off",
        Kind::Bytes => "give bytes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> Registry {
        Registry::new(&[])
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    /// A dialog sets every option to what it was told is the default, and nothing changes.
    #[test]
    fn options_describe_themselves_and_take_their_defaults() {
        let registry = registry();
        let wish = Settings::default().wish(&registry).unwrap();
        assert!(matches!(&wish, Wish::Preset(preset) if preset.id == DEFAULT_PRESET));
        let mut settings = Settings::default();
        let mut keys: Vec<&str> = OPTIONS.iter().map(|definition| definition.key).collect();
        for definition in &OPTIONS {
            let description = definition.describe(&registry, &wish);
            let (key, default) = (definition.key, description.default.as_str());
            assert!(!definition.label.is_empty() && definition.help.ends_with('.'), "{key}");
            assert_eq!(description.kind.name(), definition.kind.name(), "{key}");
            match description.kind {
                Kind::Choice => {
                    assert!(description.choices.iter().any(|choice| choice.value == default), "{key}");
                    for choice in &description.choices {
                        assert!(!choice.value.contains('\n') && !choice.help.contains('\n'), "{key}");
                        assert!(!choice.label.contains('\n') && !choice.label.is_empty(), "{key}");
                        settings.set(&registry, key, text(&choice.value)).unwrap();
                    }
                }
                Kind::Integer(least, most) => assert!((least..=most).contains(&default.parse().unwrap()), "{key}"),
                Kind::Float(least, most) => assert!((least..=most).contains(&default.parse().unwrap()), "{key}"),
                Kind::Boolean => assert!(["on", "off"].contains(&default), "{key}"),
                Kind::Bytes => assert!(default.is_empty(), "{key}"),
            }
            match description.kind {
                Kind::Bytes => settings.set(&registry, key, Value::Bytes([].into())).unwrap(),
                _ if description.applies => settings.set(&registry, key, text(default)).unwrap(),
                _ => settings.reset(key).unwrap(),
            }
        }
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), OPTIONS.len(), "a key is there twice");
        let (said, unsaid) = (settings.job(&Settings::default(), &wish), Settings::default().job(&settings, &wish));
        assert_eq!(format!("{:?}", said.unwrap()), format!("{:?}", unsaid.unwrap()));
        assert_eq!(settings.session_options(), Settings::default().session_options());
        assert_eq!(settings.colour(), Colour::Srgb);
    }

    #[test]
    fn what_an_upscaler_was_made_with_stays() {
        let registry = registry();
        let wish = &Settings::default().wish(&registry).unwrap();
        let mut opened = Settings::default();
        opened.set(&registry, "threads", Value::Integer(2)).unwrap();
        let mut later = Settings::default();
        assert!(later.job(&opened, wish).is_ok());
        for (threads, fits) in [(2, true), (3, false), (0, false)] {
            later.set(&registry, "threads", Value::Integer(threads)).unwrap();
            assert_eq!(later.job(&opened, wish).is_ok(), fits, "{threads} threads");
        }
        later.reset("threads").unwrap();
        later.set(&registry, "engine", text("rten")).unwrap();
        let failure = later.job(&opened, wish).unwrap_err();
        assert_eq!(failure.status, ENL_ERROR_ARGUMENT);
    }

    #[test]
    fn sizes_mean_what_they_say() {
        let registry = registry();
        let wish = &Settings::default().wish(&registry).unwrap();
        let target = |values: &[(&str, i64)]| {
            let mut settings = Settings::default();
            for (key, value) in values {
                settings.set(&registry, key, Value::Integer(*value)).unwrap();
            }
            settings.job(&Settings::default(), wish).unwrap().target
        };
        assert_eq!(target(&[]), Target::Factor(4.0));
        assert_eq!(target(&[("factor", 2)]), Target::Factor(2.0));
        assert_eq!(target(&[("factor", 2), ("width", 7)]), Target::Width(7));
        assert_eq!(target(&[("height", 9), ("width", 0)]), Target::Height(9));
        assert_eq!(target(&[("height", 9), ("width", 7)]), Target::Size(Size { width: 7, height: 9 }));
    }

    #[test]
    fn a_value_that_is_refused_changes_nothing() {
        let registry = registry();
        let mut settings = Settings::default();
        settings.set(&registry, "tile", Value::Integer(64)).unwrap();
        for value in
            [Value::Integer(-1), text("many"), Value::Float(64.0), Value::Bytes([1].into()), Value::Boolean(true)]
        {
            assert_eq!(settings.set(&registry, "tile", value).unwrap_err().status, ENL_ERROR_ARGUMENT);
        }
        assert_eq!(settings.get("tile"), Some(&Value::Integer(64)));
        assert_eq!(settings.set(&registry, "tiles", Value::Integer(1)).unwrap_err().status, ENL_ERROR_ARGUMENT);
        for value in [f64::NAN, f64::INFINITY, -0.0, 16.000_001] {
            assert!(settings.set(&registry, "factor", Value::Float(value)).is_err(), "{value}");
        }
    }
}
