//! The table of options: one definition for each.
//!
//! The C interface, the dialogs and the command read this table; none of them knows an option by itself. What an option
//! does is in `settings.rs`.

use crate::error::Result;
use crate::geometry::MAX_SIDE;
use crate::models::noise::NoiseLevel;
use crate::options::definition::{OptionDefinition, OptionGroup, OptionScope, wrong};
use crate::options::key::OptionKey;
use crate::options::kind::{Choices, OptionKind};
use crate::plan::job::FACTORS;
use crate::presets::preset::DEFAULT_PRESET;

/// The value of most choices that leaves the decision to the library.
pub(crate) const AUTO: &str = "auto";
pub(crate) const EXACT: &str = "exact";
pub(crate) const FAST: &str = "fast";
pub(crate) const SRGB: &str = "srgb";
pub(crate) const LINEAR_SRGB: &str = "linear_srgb";

const COLOUR_SPACES: &[(&str, &str)] = &[(SRGB, "sRGB"), (LINEAR_SRGB, "Linear light, sRGB primaries")];
/// The value of "method" that leaves the choice to the preset or model.
pub(crate) const NETWORK: &str = "network";

const METHODS: &[(&str, &str)] = &[
    (NETWORK, "Preset or model"),
    ("nearest", "Nearest (whole pixels)"),
    ("bilinear", "Bilinear"),
    ("bicubic", "Bicubic"),
    ("lanczos", "Lanczos"),
];
pub(crate) const APPLY: &str = "apply";
pub(crate) const PROTECT: &str = "protect";
const MASK_WHITES: &[(&str, &str)] = &[(APPLY, "Only there"), (PROTECT, "Protect")];

pub(crate) const OFF: &str = "off";
pub(crate) const KEEP: &str = "keep";
pub(crate) const RESTORE: &str = "restore";
const FACES: &[(&str, &str)] =
    &[(AUTO, "The preset decides"), (OFF, "As the rest"), (KEEP, "Faithful"), (RESTORE, "Restore (invents detail)")];

const CONTENTS: &[(&str, &str)] =
    &[(AUTO, "Automatic"), ("photo", "Photo"), ("drawing", "Drawing"), ("generated", "Generated picture")];

const PRECISIONS: &[(&str, &str)] =
    &[(AUTO, "Automatic"), (EXACT, "Exact (32-bit floating point)"), (FAST, "Fast (nearly exact)")];

/// All options, in the order in which dialogs show them.
pub const OPTIONS: [OptionDefinition; 36] = [
    OptionDefinition {
        key: OptionKey::Preset,
        name: "preset",
        kind: OptionKind::Choice(Choices::Presets),
        default: DEFAULT_PRESET,
        group: OptionGroup::Main,
        scope: OptionScope::Upscaler,
        label: "Preset",
        about: "What the result should look like.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Model,
        name: "model",
        kind: OptionKind::Choice(Choices::Models),
        default: AUTO,
        group: OptionGroup::Main,
        scope: OptionScope::Upscaler,
        label: "Model",
        about: "A single model to use instead of a preset.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Method,
        name: "method",
        kind: OptionKind::Choice(Choices::Fixed(METHODS)),
        default: NETWORK,
        group: OptionGroup::Main,
        scope: OptionScope::Upscaler,
        label: "Method",
        about: "What enlarges the picture: the network of a preset or model, or a classical method, which uses no network. Nearest repeats whole pixels, for pixel art.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Factor,
        name: "factor",
        kind: OptionKind::Float { least: FACTORS.0, most: FACTORS.1 },
        default: "",
        group: OptionGroup::Size,
        scope: OptionScope::Run,
        label: "Factor",
        about: "How many times wider and higher the result is. By default, the factor of the preset or model, or 4 with a method.",
        unit: "×",
    },
    OptionDefinition {
        key: OptionKey::Width,
        name: "width",
        kind: OptionKind::Integer {
            least: 0,
            most: MAX_SIDE as i64,
            automatic: Some("follows from the height or the factor"),
        },
        default: "0",
        group: OptionGroup::Size,
        scope: OptionScope::Run,
        label: "Width",
        about: "The width of the whole result, instead of a factor.",
        unit: "px",
    },
    OptionDefinition {
        key: OptionKey::Height,
        name: "height",
        kind: OptionKind::Integer {
            least: 0,
            most: MAX_SIDE as i64,
            automatic: Some("follows from the width or the factor"),
        },
        default: "0",
        group: OptionGroup::Size,
        scope: OptionScope::Run,
        label: "Height",
        about: "The height of the whole result, instead of a factor.",
        unit: "px",
    },
    OptionDefinition {
        key: OptionKey::Denoise,
        name: "denoise",
        kind: OptionKind::Integer {
            least: -1,
            most: NoiseLevel::MAX_PERCENT as i64,
            automatic: Some("the preset decides; some presets analyse the picture first"),
        },
        default: "-1",
        group: OptionGroup::Main,
        scope: OptionScope::Run,
        label: "Denoise",
        about: "How much noise and JPEG damage to remove.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Strength,
        name: "strength",
        kind: OptionKind::Integer { least: 0, most: 100, automatic: None },
        default: "100",
        group: OptionGroup::Main,
        scope: OptionScope::Run,
        label: "Strength",
        about: "How much of the network's result to use. The rest is a faithful enlargement without a network.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::Mask,
        name: "mask",
        kind: OptionKind::Mask,
        default: "",
        group: OptionGroup::Host,
        scope: OptionScope::Run,
        label: "Mask",
        about: "Where to use the network's result: a picture of the source's size that multiplies the strength, pixel by pixel. Its brightness counts, and its transparency does not.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::MaskWhite,
        name: "mask_white",
        kind: OptionKind::Choice(Choices::Fixed(MASK_WHITES)),
        default: APPLY,
        group: OptionGroup::Host,
        scope: OptionScope::Run,
        label: "White in the mask",
        about: "What white in the mask stands for: the only places where the network's result is used, or places to protect from it.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::EdgeCare,
        name: "edge_care",
        kind: OptionKind::Integer {
            least: -1,
            most: 100,
            automatic: Some("the preset decides; if it does not, 100 with a mask or a strength below 100, otherwise 0"),
        },
        default: "-1",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Edge care",
        about: "How much to take away of the bright and dark lines that a network draws beside edges. Fine lines and points stay.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::Fading,
        name: "fading",
        kind: OptionKind::Integer {
            least: -1,
            most: 100,
            automatic: Some("the preset decides; the one for old photographs analyses the picture"),
        },
        default: "-1",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Faded colours",
        about: "How much of the contrast and the neutral colours that a photograph has lost to bring back.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::Scratches,
        name: "scratches",
        kind: OptionKind::Integer { least: -1, most: 100, automatic: Some("the preset decides") },
        default: "-1",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Scratches and dust",
        about: "How readily thin lines, hairs and specks count as damage and are filled from their surroundings. High values also find what belongs to the picture.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::ScratchMask,
        name: "scratch_mask",
        kind: OptionKind::Mask,
        default: "",
        group: OptionGroup::Host,
        scope: OptionScope::Run,
        label: "Mask of scratches",
        about: "Where damage is, instead of searching for it: a picture of the source's size, white where it is to be filled from its surroundings.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Creativity,
        name: "creativity",
        kind: OptionKind::Integer {
            least: -1,
            most: 100,
            automatic: Some("the preset decides; only creative adds detail"),
        },
        default: "-1",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Creativity",
        about: "How much fine detail to invent on purpose: texture that is not in the source. Colours and shapes stay. With the preset creative, 0 is the faithful enlargement.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::Content,
        name: "content",
        kind: OptionKind::Choice(Choices::Fixed(CONTENTS)),
        default: AUTO,
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Content",
        about: "What the picture is, for presets with networks for several kinds of pictures. Automatic analyses the picture and tells photos from drawings; that a picture was generated must be said.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Grain,
        name: "grain",
        // Not an integer: dialogs would show the lowest value of one as automatic.
        kind: OptionKind::Float { least: 0.0, most: 100.0 },
        default: "0",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Grain",
        about: "How much fine grain to add, so that smoothed skin and skies do not look like plastic. At 100 it is as strong as the noise of the source, but never weaker than the grain of a fine film.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::Seed,
        name: "seed",
        // Spin boxes of dialogs hold no more.
        kind: OptionKind::Integer { least: 0, most: i32::MAX as i64, automatic: None },
        default: "1",
        group: OptionGroup::Advanced,
        scope: OptionScope::Run,
        label: "Grain pattern",
        about: "The number of the grain's pattern. The same number always gives the same pattern.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Faces,
        name: "faces",
        kind: OptionKind::Choice(Choices::Fixed(FACES)),
        default: AUTO,
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Faces",
        about: "What becomes of faces: the same as of the rest, or a faithful enlargement that keeps their identity and texture. The preset Portrait keeps them. Restore paints them anew with an imported model such as GFPGAN; it invents detail, so the result must not serve as a document or to recognise a person.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::FaceStrength,
        name: "face_strength",
        kind: OptionKind::Integer { least: 0, most: 100, automatic: None },
        default: "100",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Strength in faces",
        about: "How much of the result of the networks for faces to use. The rest is a faithful enlargement without a network.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::FaceDenoise,
        name: "face_denoise",
        kind: OptionKind::Integer {
            least: -1,
            most: NoiseLevel::MAX_PERCENT as i64,
            automatic: Some("measured in the picture"),
        },
        default: "-1",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Denoise in faces",
        about: "How much noise and JPEG damage to remove from faces that are kept.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::FaceGrain,
        name: "face_grain",
        kind: OptionKind::Float { least: 0.0, most: 100.0 },
        default: "0",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Grain in faces",
        about: "How much fine grain to add to faces that are kept, in addition to the grain of the whole picture.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::FaceFidelity,
        name: "face_fidelity",
        kind: OptionKind::Integer { least: 0, most: 100, automatic: None },
        default: "50",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Fidelity of restored faces",
        about: "The share of the picture's own face in a face that is restored: 100 restores nothing, 0 takes all from the model that restores.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::FacePoints,
        name: "face_points",
        kind: OptionKind::Bytes,
        default: "",
        group: OptionGroup::Host,
        scope: OptionScope::Run,
        label: "Places of faces",
        about: "Where the faces are, so that they are not searched for: 17 numbers for each face, as 32-bit floating point of this machine: left, top, width and height of the box, six points, score.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::NoiseLevel,
        name: "noise_level",
        // A model has a range of its own. This is the widest that any model may have.
        kind: OptionKind::Float { least: f32::MIN as f64, most: f32::MAX as f64 },
        default: "",
        group: OptionGroup::Host,
        scope: OptionScope::Run,
        label: "Noise",
        about: "The same as Denoise, in the unit of the chosen model. A default of −1 stands for the network's own estimate.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::ColourLock,
        name: "colour_lock",
        kind: OptionKind::Boolean,
        default: "on",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Colour lock",
        about: "Keep the picture's colours where the network shifts them. Gray stays gray, and flat colours stay exact.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::ColourSpace,
        name: "colour_space",
        kind: OptionKind::Choice(Choices::Fixed(COLOUR_SPACES)),
        default: SRGB,
        group: OptionGroup::Host,
        scope: OptionScope::Run,
        label: "Colour space",
        about: "The colour space of the source and the result if there is no ICC profile.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::IccProfile,
        name: "icc_profile",
        kind: OptionKind::Bytes,
        default: "",
        group: OptionGroup::Host,
        scope: OptionScope::Run,
        label: "ICC profile",
        about: "The colour profile of the source and the result: an RGB profile for colour pixels, a gray profile for gray pixels.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Engine,
        name: "engine",
        kind: OptionKind::Choice(Choices::Engines),
        default: AUTO,
        group: OptionGroup::Advanced,
        scope: OptionScope::Upscaler,
        label: "Engine",
        about: "The software that runs the network. Automatic uses the fastest one that supports the model.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Device,
        name: "device",
        kind: OptionKind::Choice(Choices::Devices),
        default: AUTO,
        group: OptionGroup::Advanced,
        scope: OptionScope::Upscaler,
        label: "Device",
        about: "The processor or graphics card that the engine uses. Automatic uses the engine's best device.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Precision,
        name: "precision",
        kind: OptionKind::Choice(Choices::Fixed(PRECISIONS)),
        default: AUTO,
        group: OptionGroup::Advanced,
        scope: OptionScope::Upscaler,
        label: "Precision",
        about: "The precision of the engine's arithmetic. Automatic is fast where tests have shown no visible difference, and exact elsewhere.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Threads,
        name: "threads",
        kind: OptionKind::Integer { least: 0, most: 1024, automatic: Some("all cores") },
        default: "0",
        group: OptionGroup::Advanced,
        scope: OptionScope::Upscaler,
        label: "Threads",
        about: "The number of processor cores to use.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::Tile,
        name: "tile",
        kind: OptionKind::Integer { least: 0, most: 1 << 16, automatic: Some("the engine decides") },
        default: "0",
        group: OptionGroup::Advanced,
        scope: OptionScope::Run,
        label: "Tile",
        about: "The side of a tile without its halo. Smaller tiles need less memory.",
        unit: "px",
    },
    OptionDefinition {
        key: OptionKey::Wrap,
        name: "wrap",
        kind: OptionKind::Boolean,
        default: "off",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Wrap",
        about: "Treat the picture as a tile that repeats in both directions, so that the enlarged tiles of a texture join without a seam.",
        unit: "",
    },
    OptionDefinition {
        key: OptionKey::ReduceFirst,
        name: "reduce_first",
        kind: OptionKind::Float { least: 1.0, most: 100.0 },
        default: "100",
        group: OptionGroup::More,
        scope: OptionScope::Run,
        label: "Reduce first",
        about: "The size to which a picture that was enlarged before is reduced, before it is enlarged again. The factor still refers to the size that it has now.",
        unit: "%",
    },
    OptionDefinition {
        key: OptionKey::Memory,
        name: "memory",
        kind: OptionKind::Integer { least: 0, most: i64::MAX, automatic: Some("half of the free memory") },
        default: "0",
        group: OptionGroup::Advanced,
        scope: OptionScope::Run,
        label: "Memory",
        about: "The memory that a run may use.",
        unit: "bytes",
    },
];

impl OptionKey {
    /// The key that a text names.
    ///
    /// # Errors
    /// `Argument`, listing the keys.
    pub fn find(name: &str) -> Result<Self> {
        match OPTIONS.iter().find(|option| option.name == name) {
            Some(option) => Ok(option.key),
            None => {
                let names: Vec<&str> = OPTIONS.iter().map(|option| option.name).collect();
                Err(wrong(format!("there is no option '{name}'; the options are {}", names.join(", "))))
            }
        }
    }

    /// The key as text.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Its row of the table.
    pub fn definition(self) -> &'static OptionDefinition {
        const TABLE: &[OptionDefinition] = &OPTIONS;
        &TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::kind::OptionValue;
    use crate::plan::method::Method;

    #[test]
    fn each_key_finds_its_own_row() {
        for (row, option) in OPTIONS.iter().enumerate() {
            assert_eq!(option.key as usize, row, "{}", option.name);
            assert_eq!(OptionKey::find(option.name).unwrap(), option.key);
            assert_eq!(option.key.name(), option.name);
            assert!(!option.label.is_empty() && option.about.ends_with('.'), "{}", option.name);
        }
        assert!(OptionKey::find("tiles").unwrap_err().message().contains("tile, wrap, reduce_first, memory"));
    }

    #[test]
    fn the_option_method_offers_every_method() {
        let methods: Vec<&str> = METHODS.iter().map(|(value, _)| *value).collect();
        let known: Vec<&str> = Method::ALL.iter().map(|method| method.id()).collect();
        assert_eq!(methods, [&[NETWORK], known.as_slice()].concat());
    }

    #[test]
    fn an_automatic_value_is_the_default() {
        for option in &OPTIONS {
            if let OptionKind::Integer { least, automatic: Some(meaning), .. } = option.kind {
                assert_eq!(option.default, least.to_string(), "{}", option.name);
                assert!(option.help().ends_with(&format!(": {meaning}.")), "{}", option.help());
            }
        }
        assert!(OptionKey::Denoise.definition().help().contains("−1: the preset decides"));
    }

    #[test]
    fn a_refusal_names_the_value_the_option_and_the_range() {
        let refusal = |key: OptionKey, value| key.definition().read(value).unwrap_err().message().to_owned();
        let text = |text: &str| OptionValue::Text(text.to_owned());
        for (key, value, sentence) in [
            (
                OptionKey::Tile,
                OptionValue::Integer(-5),
                "-5 is not a valid value for the option 'tile'; give a whole number from 0 to 65536",
            ),
            (
                OptionKey::Factor,
                OptionValue::Float(17.5),
                "17.5 is not a valid value for the option 'factor'; give a number from 0.1 to 16",
            ),
            (
                OptionKey::Precision,
                text("rough"),
                "'rough' is not a valid value for the option 'precision'; give one of auto, exact, fast",
            ),
            (
                OptionKey::NoiseLevel,
                text("much"),
                "'much' is not a valid value for the option 'noise_level'; give a number",
            ),
            (
                OptionKey::ColourLock,
                OptionValue::Bytes([1].into()),
                "a sequence of bytes is not a valid value for the option 'colour_lock'; give on or off",
            ),
        ] {
            assert_eq!(refusal(key, value), sentence);
        }
    }
}
