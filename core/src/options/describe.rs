//! What a dialog shows of an option while a certain preset, model or method is chosen.
//!
//! Engines and devices are listed by the caller, because the core knows no engine.

use crate::models::manifest::Manifest;
use crate::models::model::Model;
use crate::options::definition::OptionDefinition;
use crate::options::key::OptionKey;
use crate::options::kind::{Choices, OptionKind};
use crate::options::settings::Installed;
use crate::options::table::AUTO;
use crate::plan::method::Method;
use crate::presets::choice::ModelChoice;
use crate::presets::preset::Preset;

/// Lists the engines and devices of this machine.
pub trait EngineList {
    /// The engines that can be used.
    fn engines(&self) -> Vec<OptionChoice>;
    /// The devices of these engines.
    fn devices(&self) -> Vec<OptionChoice>;
}

/// What a dialog shows of an option.
#[derive(Debug)]
#[non_exhaustive]
pub struct OptionDescription {
    /// The type and range of its values, for the chosen model.
    pub kind: OptionKind,
    /// The default as text; empty for bytes.
    pub default: String,
    /// The values of a choice; empty for other types.
    pub choices: Vec<OptionChoice>,
    /// Whether the preset, model or method uses it.
    pub applies: bool,
}

/// One of an option's values. Each text is a single line.
#[derive(Debug)]
#[non_exhaustive]
pub struct OptionChoice {
    /// The value.
    pub value: String,
    /// Its name in a dialog.
    pub label: String,
    /// What it is for; may be empty.
    pub help: String,
}

impl OptionChoice {
    /// A choice. Line breaks in the texts become spaces.
    pub fn new(value: &str, label: &str, help: &str) -> Self {
        let line = |text: &str| text.replace(['\n', '\r'], " ");
        OptionChoice { value: line(value), label: line(label), help: line(help) }
    }
}

impl OptionDefinition {
    /// Describes the option for a dialog.
    pub fn describe(&self, installed: Installed<'_>, chosen: &ModelChoice, list: &dyn EngineList) -> OptionDescription {
        let mut description = OptionDescription {
            kind: self.kind,
            default: self.default.to_owned(),
            choices: self.choices(installed, list),
            applies: chosen.method().is_none_or(|method| self.key.serves(method)),
        };
        let noise = match chosen {
            ModelChoice::Model(model) => model.manifest().noise(),
            ModelChoice::Preset(_) | ModelChoice::Method(_) => None,
        };
        match self.key {
            // The nearest pixel never lies beyond the border.
            OptionKey::Wrap => description.applies = chosen.method() != Some(Method::Nearest),
            OptionKey::ColourLock => {
                description.applies &=
                    !matches!(chosen, ModelChoice::Model(model) if model.manifest().verify.changes_colours);
            }
            OptionKey::Preset => description.applies = chosen.preset().is_some(),
            OptionKey::Content => {
                description.applies = chosen.preset().is_some_and(Preset::follows_content);
            }
            OptionKey::Factor => description.default = chosen.factor().to_string(),
            OptionKey::Denoise => {
                description.applies = match chosen {
                    ModelChoice::Model(_) => noise.is_some(),
                    ModelChoice::Preset(preset) => preset.takes_levels(installed.models),
                    ModelChoice::Method(_) => false,
                };
            }
            OptionKey::NoiseLevel => {
                let (least, most, default) = noise.map_or((0.0, 0.0, 0.0), |n| (n.minimum, n.maximum, n.default));
                description.kind = OptionKind::Float { least: least.min(default).into(), most: most.into() };
                description.default = default.to_string();
                description.applies = noise.is_some();
            }
            _ => {}
        }
        description
    }

    fn choices(&self, installed: Installed<'_>, list: &dyn EngineList) -> Vec<OptionChoice> {
        let OptionKind::Choice(choices) = self.kind else { return Vec::new() };
        let preset = |preset: &Preset| {
            OptionChoice::new(&preset.id, &preset.name, &format!("{} {}", preset.purpose, preset.weakness))
        };
        let model = |model: &Model| {
            let Manifest { name, card, .. } = model.manifest();
            OptionChoice::new(model.id(), name, &card.known_limits)
        };
        let automatic = |label, mut others: Vec<OptionChoice>| {
            others.insert(0, OptionChoice::new(AUTO, label, ""));
            others
        };
        match choices {
            Choices::Fixed(known) => known.iter().map(|(value, label)| OptionChoice::new(value, label, "")).collect(),
            Choices::Presets => installed.presets.presets().iter().map(preset).collect(),
            Choices::Models => {
                let models = installed.models.models().iter();
                let offered = models.filter(|model| model.manifest().task.takes_pictures());
                automatic("The preset's", offered.map(model).collect())
            }
            Choices::Engines => automatic("Automatic", list.engines()),
            Choices::Devices => automatic("Automatic", list.devices()),
        }
    }
}
