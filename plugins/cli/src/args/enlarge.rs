//! What `enlarge INPUT…` takes, and what its values mean together.
//!
//! Values are checked one by one while the command line is read; nothing here looks at a file.

use std::path::PathBuf;

use clap::Args;
use sha2::{Digest, Sha256};

use super::Switch;
use super::amount::parse_amount;
use super::options::OptionArgs;
use super::shard::{Shard, parse_shard};
use super::size::{PRINT_DPI, SizeArgs, parse_dpi};
use crate::picture::FileFormat;
use crate::picture::limits::PIXELS;

/// What `enlarge INPUT…` takes.
#[derive(Clone, Debug, Args)]
pub struct Enlarge {
    /// Pictures, folders of pictures, or - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The result's file, whose extension chooses the format, a folder for the results, or - for standard output.
    #[arg(short, long, value_name = "FILE|DIR|-")]
    pub output: Option<PathBuf>,
    /// The format of the results: png, jpeg, tiff, webp or exr. By default, that of the output's name, or of the input.
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    pub format: Option<FileFormat>,
    #[command(flatten)]
    pub options: OptionArgs,
    /// A picture of the input's size that says where to use the network's result: it multiplies the strength, pixel by pixel. Its
    /// brightness counts; --mask-white says what white stands for.
    #[arg(long, value_name = "FILE")]
    pub mask: Option<PathBuf>,
    /// A picture of the input's size that says where damage is, instead of searching for it: white where scratches and dust are to be
    /// filled from their surroundings. `enlarge scratches` writes one for editing.
    #[arg(long, value_name = "FILE")]
    pub scratch_mask: Option<PathBuf>,
    #[command(flatten)]
    pub sizes: SizeArgs,
    /// The density to write into the results, in dots per inch. By default, that of the print, or of the input.
    #[arg(long, value_name = "N", value_parser = parse_dpi)]
    pub dpi: Option<f64>,
    /// The quality of JPEG results, 1 to 100; 92 by default. WebP results are lossless, unless this is given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: Option<u8>,
    /// Also enlarge the pictures in folders inside folders. The results keep the tree.
    #[arg(short, long)]
    pub recursive: bool,
    /// Replace existing results.
    #[arg(long, group = "existing")]
    pub overwrite: bool,
    /// Leave out pictures whose results exist.
    #[arg(long, group = "existing")]
    pub skip_existing: bool,
    /// Go on with a batch that was stopped: leave out what its journal says is finished, and enlarge again what has
    /// changed since.
    #[arg(long, group = "existing")]
    pub resume: bool,
    /// The number of pictures to enlarge at once. They share the cores and the memory.
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Enlarge only one of several parts of the pictures, such as 3/100, the third of a hundred. The parts follow from a hash of
    /// the names, so several machines can share a folder.
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    pub shard: Option<Shard>,
    /// Say what the results would be and what they would take, and stop.
    #[arg(long)]
    pub dry_run: bool,
    /// The program that develops raw photographs and HEIC: auto, off, or one that `enlarge doctor` lists.
    #[arg(long, value_name = "PROGRAM", default_value = "auto")]
    pub develop: String,
    /// Whether results say what made them, in EXIF, XMP and the like: on or off.
    #[arg(long, value_enum, value_name = "ON|OFF", default_value_t = Switch::On)]
    pub label: Switch,
    /// Whether pictures are analysed for what spoils results, such as noise or an earlier enlargement, to give advice: on or off.
    #[arg(long, value_enum, value_name = "ON|OFF", default_value_t = Switch::On)]
    pub advice: Switch,
    /// Leave the picture's colour profile out, and take its colours as sRGB.
    #[arg(long)]
    pub ignore_profile: bool,
    /// Refuse inputs with more pixels than this. K, M and G stand for powers of 1000.
    #[arg(long, value_name = "N", default_value_t = PIXELS, value_parser = |t: &str| parse_amount(t, 1000))]
    pub max_pixels: u64,
}

fn parse_format(text: &str) -> Result<FileFormat, String> {
    let name = PathBuf::from(format!("x.{text}"));
    FileFormat::from_name(&name)
        .filter(|format| format.is_writable())
        .ok_or_else(|| "give png, jpeg, tiff, webp or exr".to_owned())
}

impl Enlarge {
    /// The density to write, in dots per inch.
    pub fn density(&self) -> Option<f64> {
        self.dpi.or(self.sizes.print.as_ref().map(|_| PRINT_DPI))
    }

    /// A hash of everything that changes results.
    pub fn settings_hash(&self) -> String {
        Sha256::digest(self.settings_text()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn settings_text(&self) -> String {
        let Enlarge { options, .. } = self;
        let result = Enlarge {
            inputs: Vec::new(),
            output: None,
            options: options.of_result(),
            recursive: false,
            overwrite: false,
            skip_existing: false,
            resume: false,
            jobs: 1,
            shard: None,
            dry_run: false,
            advice: Switch::On,
            max_pixels: 0,
            ..self.clone()
        };
        format!("{} {result:?}", env!("CARGO_PKG_VERSION"))
    }
}
