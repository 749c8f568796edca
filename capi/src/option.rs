//! The options there are: keys, types, ranges, and what dialogs say about them.
//!
//! One table. A new option is a line here and its meaning in `settings.rs`; the C functions do not change.

use enlarger::{ExtraKind, FACTORS, MAX_SIDE, Model};

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
pub(crate) const OPTIONS: [Definition; 14] = [
    Definition {
        key: "model",
        kind: Kind::Choice,
        opening: true,
        label: "Model",
        help: "The network that enlarges.",
        unit: "",
    },
    Definition {
        key: "factor",
        kind: Kind::Float(FACTORS.0, FACTORS.1),
        opening: false,
        label: "Factor",
        help: "How many times wider and higher the result is. The model's own factor by default.",
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
        key: "noise_level",
        kind: NOISE,
        opening: false,
        label: "Noise",
        help: "How much noise to take away, for models that can.",
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

/// What a dialog needs to know of an option while this model is chosen.
pub(crate) struct Description {
    pub(crate) kind: Kind,
    pub(crate) default: String,
    /// Values and their names for people.
    pub(crate) choices: Vec<(String, String)>,
    /// Whether it has a meaning for the model.
    pub(crate) applies: bool,
}

impl Definition {
    pub(crate) fn describe(&self, registry: &Registry, model: &Model) -> Description {
        let plain = |default: &str| Description {
            kind: self.kind,
            default: default.to_owned(),
            choices: Vec::new(),
            applies: true,
        };
        let chosen = |choices: Vec<(String, String)>| Description {
            default: choices.first().map(|(value, _)| value.clone()).unwrap_or_default(),
            choices,
            ..plain("")
        };
        let words = |words: &[(&str, &str)]| {
            chosen(words.iter().map(|(value, name)| ((*value).to_owned(), (*name).to_owned())).collect())
        };
        let automatic = (AUTO.to_owned(), "Automatic".to_owned());
        match self.key {
            "model" => {
                let choice = |model: &Model| (model.id().to_owned(), model.manifest().name.clone());
                let choices = registry.models().iter().map(choice).collect();
                Description { choices, ..plain(enlarger::DEFAULT_MODEL) }
            }
            "factor" => plain(&model.manifest().scale.to_string()),
            "noise_level" => {
                let level = model.manifest().extra.iter().find(|extra| extra.kind == ExtraKind::NoiseLevel);
                match level {
                    Some(level) => Description {
                        kind: Kind::Float(level.minimum.into(), level.maximum.into()),
                        ..plain(&level.default.to_string())
                    },
                    None => Description { kind: Kind::Float(0.0, 0.0), applies: false, ..plain("0") },
                }
            }
            "colour_space" => words(&[(SRGB, "sRGB"), (LINEAR_SRGB, "Linear light, sRGB primaries")]),
            "precision" => {
                words(&[(AUTO, "Automatic"), (EXACT, "Exact (32-bit floating point)"), (FAST, "Fast (nearly exact)")])
            }
            "engine" => {
                let here = registry.engines().candidates().iter().filter(|candidate| candidate.engine.is_ok());
                chosen([automatic].into_iter().chain(here.map(|c| (c.id.clone(), c.id.clone()))).collect())
            }
            "device" => {
                let mut choices = vec![automatic];
                for (_, device) in registry.devices() {
                    if choices.iter().all(|(id, _)| *id != device.id) {
                        choices.push((device.id, device.name));
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
