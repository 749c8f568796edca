//! The options there are: keys, types, ranges, and what dialogs say about them.
//!
//! One table. A new option is a line here and its meaning in `settings.rs`; the C functions do not change.

use enlarger::{DEFAULT_PRESET, FACTORS, MAX_SIDE, Manifest, Model, NoiseLevel, Preset};
use enlarger_engines::Wish;

use crate::registry::Registry;

/// One option.
pub(crate) struct Definition {
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    /// Whether it counts when an upscaler is made. The others count for each plan and run.
    pub(crate) opening: bool,
    pub(crate) label: &'static str,
    pub(crate) help: &'static str,
    pub(crate) unit: &'static str,
}

/// The type of an option's values, with their range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// One of some words.
    Choice,
    /// A whole number.
    Integer(i64, i64),
    /// A number.
    Float(f64, f64),
    /// On or off.
    Boolean,
    /// Bytes, such as an ICC profile.
    Bytes,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Choice => "choice",
            Kind::Integer(..) => "integer",
            Kind::Float(..) => "float",
            Kind::Boolean => "boolean",
            Kind::Bytes => "bytes",
        }
    }
}

pub(crate) const AUTO: &str = "auto";
pub(crate) const EXACT: &str = "exact";
pub(crate) const FAST: &str = "fast";
pub(crate) const SRGB: &str = "srgb";
pub(crate) const LINEAR_SRGB: &str = "linear_srgb";

/// A noise level's range is the model's; this is the widest that any model may ask for.
const NOISE: Kind = Kind::Float(f32::MIN as f64, f32::MAX as f64);

/// All options, in the order in which a dialog would show them.
pub(crate) const OPTIONS: [Definition; 17] = [
    Definition {
        key: "preset",
        kind: Kind::Choice,
        opening: true,
        label: "Preset",
        help: "What the result is to be like. It counts where no model is named.",
        unit: "",
    },
    Definition {
        key: "model",
        kind: Kind::Choice,
        opening: true,
        label: "Model",
        help: "One network, instead of those that the preset takes for each factor.",
        unit: "",
    },
    Definition {
        key: "factor",
        kind: Kind::Float(FACTORS.0, FACTORS.1),
        opening: false,
        label: "Factor",
        help: "How many times wider and higher the result is. The preset's or the model's own factor by default.",
        unit: "×",
    },
    Definition {
        key: "width",
        kind: Kind::Integer(0, MAX_SIDE as i64),
        opening: false,
        label: "Width",
        help: "The width of the whole result, instead of a factor; 0: it follows from the height or the factor.",
        unit: "px",
    },
    Definition {
        key: "height",
        kind: Kind::Integer(0, MAX_SIDE as i64),
        opening: false,
        label: "Height",
        help: "The height of the whole result, instead of a factor; 0: it follows from the width or the factor.",
        unit: "px",
    },
    Definition {
        key: "denoise",
        kind: Kind::Integer(-1, NoiseLevel::MAX_PERCENT as i64),
        opening: false,
        label: "Denoise",
        help: "How much noise and JPEG wear to take away, 0 to 100; -1: what the preset thinks best, and some by the look of the picture.",
        unit: "",
    },
    Definition {
        key: "strength",
        kind: Kind::Integer(0, 100),
        opening: false,
        label: "Strength",
        help: "How much of the network's work is in the result; the rest is a faithful enlargement.",
        unit: "%",
    },
    Definition {
        key: "noise_level",
        kind: NOISE,
        opening: false,
        label: "Noise",
        help: "The same as denoise in the unit of a model that was named.",
        unit: "",
    },
    Definition {
        key: "colour_lock",
        kind: Kind::Boolean,
        opening: false,
        label: "Colour lock",
        help: "Hold the picture's own colours against the model's drift: grey stays grey, flat colours stay exact.",
        unit: "",
    },
    Definition {
        key: "colour_space",
        kind: Kind::Choice,
        opening: false,
        label: "Colour space",
        help: "What the pixels' numbers mean where no ICC profile says it.",
        unit: "",
    },
    Definition {
        key: "icc_profile",
        kind: Kind::Bytes,
        opening: false,
        label: "ICC profile",
        help: "What the pixels' numbers mean, in the source and in the result: an RGB profile for colour, a gray one for gray.",
        unit: "",
    },
    Definition {
        key: "engine",
        kind: Kind::Choice,
        opening: true,
        label: "Engine",
        help: "What runs the network. Automatic takes the fastest that can.",
        unit: "",
    },
    Definition {
        key: "device",
        kind: Kind::Choice,
        opening: true,
        label: "Device",
        help: "What the engine runs on. Automatic takes the engine's best.",
        unit: "",
    },
    Definition {
        key: "precision",
        kind: Kind::Choice,
        opening: true,
        label: "Precision",
        help: "How exact the engine's arithmetic is. Automatic is fast where that was shown to look the same.",
        unit: "",
    },
    Definition {
        key: "threads",
        kind: Kind::Integer(0, 1024),
        opening: true,
        label: "Threads",
        help: "How many processor cores are used; 0: all.",
        unit: "",
    },
    Definition {
        key: "tile",
        kind: Kind::Integer(0, 1 << 16),
        opening: false,
        label: "Tile",
        help: "The side of a tile without its halo; 0: the engine's choice. Smaller ones need less memory.",
        unit: "px",
    },
    Definition {
        key: "memory",
        kind: Kind::Integer(0, i64::MAX),
        opening: false,
        label: "Memory",
        help: "How much memory a run may use; 0: half of what is free.",
        unit: "bytes",
    },
];

/// What a dialog needs to know of an option while this preset or model is chosen.
pub(crate) struct Description {
    pub(crate) kind: Kind,
    pub(crate) default: String,
    pub(crate) choices: Vec<Choice>,
    /// Whether it has a meaning for the preset or the model.
    pub(crate) applies: bool,
}

/// One of an option's values. The texts are single lines.
pub(crate) struct Choice {
    pub(crate) value: String,
    /// For people.
    pub(crate) label: String,
    /// What it is for; may be empty.
    pub(crate) help: String,
}

impl Choice {
    fn new(value: &str, label: &str, help: &str) -> Self {
        let line = |text: &str| text.replace(['\n', '\r'], " ");
        Choice { value: line(value), label: line(label), help: line(help) }
    }
}

impl Definition {
    pub(crate) fn describe(&self, registry: &Registry, wish: &Wish) -> Description {
        let plain = |default: &str| Description {
            kind: self.kind,
            default: default.to_owned(),
            choices: Vec::new(),
            applies: true,
        };
        // The first is the default.
        let chosen = |choices: Vec<Choice>| Description {
            default: choices.first().map(|choice| choice.value.clone()).unwrap_or_default(),
            choices,
            ..plain("")
        };
        let words =
            |words: &[(&str, &str)]| chosen(words.iter().map(|(value, label)| Choice::new(value, label, "")).collect());
        let automatic = Choice::new(AUTO, "Automatic", "");
        let noise = match wish {
            Wish::Model(model) => model.manifest().noise(),
            Wish::Preset(_) => None,
        };
        match self.key {
            "preset" => {
                let choice = |preset: &Preset| {
                    Choice::new(&preset.id, &preset.name, &format!("{} {}", preset.purpose, preset.weakness))
                };
                let choices = registry.presets().presets().iter().map(choice).collect();
                Description { choices, applies: matches!(wish, Wish::Preset(_)), ..plain(DEFAULT_PRESET) }
            }
            "model" => {
                let choice = |model: &Model| {
                    let Manifest { name, card, .. } = model.manifest();
                    Choice::new(model.id(), name, &card.known_limits)
                };
                let preset = Choice::new(AUTO, "The preset's", "");
                chosen([preset].into_iter().chain(registry.models().models().iter().map(choice)).collect())
            }
            "factor" => plain(&wish.factor().to_string()),
            "denoise" => {
                let applies = match wish {
                    Wish::Model(_) => noise.is_some(),
                    Wish::Preset(preset) => preset.takes_levels(registry.models()),
                };
                Description { applies, ..plain("-1") }
            }
            "strength" => plain("100"),
            "noise_level" => match noise {
                Some(noise) => Description {
                    kind: Kind::Float(noise.minimum.into(), noise.maximum.into()),
                    ..plain(&noise.default.to_string())
                },
                None => Description { kind: Kind::Float(0.0, 0.0), applies: false, ..plain("0") },
            },
            "colour_space" => words(&[(SRGB, "sRGB"), (LINEAR_SRGB, "Linear light, sRGB primaries")]),
            "precision" => {
                words(&[(AUTO, "Automatic"), (EXACT, "Exact (32-bit floating point)"), (FAST, "Fast (nearly exact)")])
            }
            "engine" => {
                let here = registry.engines().candidates().filter(|candidate| candidate.engine.is_ok());
                chosen([automatic].into_iter().chain(here.map(|c| Choice::new(&c.id, &c.id, ""))).collect())
            }
            "device" => {
                let mut choices = vec![automatic];
                for (_, device) in registry.devices() {
                    if choices.iter().all(|choice| choice.value != device.id) {
                        choices.push(Choice::new(&device.id, &device.name, ""));
                    }
                }
                chosen(choices)
            }
            "colour_lock" => plain("on"),
            "icc_profile" => plain(""),
            _ => plain("0"),
        }
    }
}
