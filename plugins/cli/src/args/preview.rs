//! What `enlarge preview` takes.

use std::path::PathBuf;

use clap::Args;

use super::amount::parse_amount;
use super::options::OptionArgs;
use super::size::{SizeArgs, parse_dpi};
use crate::picture::limits::PIXELS;

/// What `enlarge preview` takes.
#[derive(Clone, Debug, Args)]
pub struct Preview {
    /// A picture, or - for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The comparison's file, whose extension chooses the format. By default, the terminal shows the comparison if it can show pictures;
    /// otherwise, the comparison is written beside the picture, as NAME-preview.png.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The middle of the part to preview, in pixels of the picture from its top left corner. By default, that of the picture.
    #[arg(long, value_name = "X,Y", value_parser = parse_point, allow_hyphen_values = true)]
    pub at: Option<(u32, u32)>,
    /// The side of the part, in pixels of the result.
    #[arg(long, value_name = "N", default_value_t = 320, value_parser = clap::value_parser!(u32).range(32..=4096))]
    pub size: u32,
    /// Compare presets or models: all for every preset, or ids, separated by commas.
    #[arg(long, value_name = "all|ID,…", value_delimiter = ',', conflicts_with_all = ["preset", "model", "method"])]
    pub presets: Vec<String>,
    #[command(flatten)]
    pub options: OptionArgs,
    #[command(flatten)]
    pub sizes: SizeArgs,
    /// The density of the print, in dots per inch.
    #[arg(long, value_name = "N", value_parser = parse_dpi)]
    pub dpi: Option<f64>,
    /// A picture of the whole picture's size that says where to use the network's result; see `enlarge --help`.
    #[arg(long, value_name = "FILE")]
    pub mask: Option<PathBuf>,
    /// A picture of the whole picture's size that says where damage is; see `enlarge --help`.
    #[arg(long, value_name = "FILE")]
    pub scratch_mask: Option<PathBuf>,
    /// Replace an existing comparison.
    #[arg(long)]
    pub overwrite: bool,
    /// The program that develops raw photographs and HEIC: auto, off, or one that `enlarge doctor` lists.
    #[arg(long, value_name = "PROGRAM", default_value = "auto")]
    pub develop: String,
    /// Leave the picture's colour profile out, and take its colours as sRGB.
    #[arg(long)]
    pub ignore_profile: bool,
    /// Refuse pictures with more pixels than this. K, M and G stand for powers of 1000.
    #[arg(long, value_name = "N", default_value_t = PIXELS, value_parser = |t: &str| parse_amount(t, 1000))]
    pub max_pixels: u64,
}

fn parse_point(text: &str) -> Result<(u32, u32), String> {
    let read = |text: &str| text.trim().parse().ok();
    text.split_once(',')
        .and_then(|(x, y)| Some((read(x)?, read(y)?)))
        .ok_or_else(|| "give two whole numbers and a comma between them, such as 640,480".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_two_whole_numbers() {
        assert_eq!(parse_point("640,480"), Ok((640, 480)));
        assert_eq!(parse_point("0, 7"), Ok((0, 7)));
        for wrong in ["640", "640x480", "1.5,2", "-1,2", "1,2,3", ","] {
            assert!(parse_point(wrong).is_err(), "{wrong}");
        }
    }
}
