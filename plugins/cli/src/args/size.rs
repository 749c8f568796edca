//! Sizes of results as people think of them: megapixels, a long edge, a print.
//!
//! They become targets of the library; nothing here knows a picture.

use clap::Args;
use enlarger::{MAX_SIDE, Size, Target};

/// Millimetres in an inch.
const INCH: f64 = 25.4;

/// The density of a print, unless the user sets another.
pub const PRINT_DPI: f64 = 300.0;

/// The sizes that are none of the library's options.
#[derive(Clone, Debug, Args)]
pub struct SizeArgs {
    /// The approximate size of the result in megapixels.
    #[arg(long, value_name = "N", group = "target", value_parser = parse_megapixels)]
    pub megapixels: Option<f64>,
    /// The length of the longer side in pixels.
    #[arg(long, value_name = "N", group = "target", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SIDE)))]
    pub long_edge: Option<u32>,
    /// The size of the print. Two sides, such as 30x20cm or 12x8in: the largest size that fits on this paper, upright or turned.
    /// One, such as 30cm: the longer side. --dpi sets the density (300 by default).
    #[arg(long, value_name = "SIZE", group = "target", value_parser = parse_print)]
    pub print: Option<Print>,
}

impl SizeArgs {
    /// The size of the result, and the part of its name that states it. `dpi`: the density of a print.
    pub fn target(&self, dpi: Option<f64>) -> Option<(Target, String)> {
        if let Some(megapixels) = self.megapixels {
            return Some((Target::Pixels((megapixels * 1e6).round() as u64), format!("{megapixels}mp")));
        }
        if let Some(side) = self.long_edge {
            return Some((Target::LongEdge(side), format!("{side}px")));
        }
        let (print, dpi) = (self.print.as_ref()?, dpi.unwrap_or(PRINT_DPI));
        Some((print.target(dpi), format!("{}-{dpi}dpi", print.text)))
    }
}

/// Reads a number of megapixels.
fn parse_megapixels(text: &str) -> Result<f64, String> {
    let text = text.strip_suffix("mp").or_else(|| text.strip_suffix("MP")).unwrap_or(text);
    let number: f64 = text.trim().parse().map_err(|_| "give a number, such as 24".to_owned())?;
    if (0.000_001..=1e6).contains(&number) { Ok(number) } else { Err("give a number from 0.000001 to 1000000".into()) }
}

/// Reads dots per inch.
pub fn parse_dpi(text: &str) -> Result<f64, String> {
    let text = text.strip_suffix("dpi").unwrap_or(text);
    let number: f64 = text.trim().parse().map_err(|_| "give a number, such as 300".to_owned())?;
    if (1.0..=100_000.0).contains(&number) { Ok(number) } else { Err("give a number from 1 to 100000".into()) }
}

/// The size of a print.
#[derive(Clone, Debug, PartialEq)]
pub struct Print {
    /// As the user writes it, without spaces.
    pub text: String,
    paper: Paper,
}

/// Sides in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Paper {
    /// The longer side.
    LongEdge(f64),
    /// The width and the height.
    Sides(f64, f64),
}

/// Reads the size of a print: `30x20cm`, `12x8in`, `210x297mm`, `30cm`.
fn parse_print(text: &str) -> Result<Print, String> {
    let wrong = || {
        "give the width and the height with a unit, such as 30x20cm, 12x8in or 297x210mm, or the longer side, such as 30cm".to_owned()
    };
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    const UNITS: [(&str, f64); 5] = [("cm", 10.0), ("mm", 1.0), ("inches", INCH), ("inch", INCH), ("in", INCH)];
    let (numbers, unit, millimetres) = UNITS
        .iter()
        .find_map(|(unit, millimetres)| Some((compact.strip_suffix(unit)?, unit, *millimetres)))
        .ok_or_else(wrong)?;
    let side = |number: &str| -> Result<f64, String> {
        let number: f64 = number.strip_suffix(unit).unwrap_or(number).parse().map_err(|_| wrong())?;
        let side = number * millimetres;
        if (1.0..=100_000.0).contains(&side) { Ok(side) } else { Err("a side must have 1 mm to 100 m".to_owned()) }
    };
    let paper = match numbers.split_once(['x', '×']) {
        Some((width, height)) => Paper::Sides(side(width)?, side(height)?),
        None => Paper::LongEdge(side(numbers)?),
    };
    Ok(Print { text: compact.replace('×', "x"), paper })
}

impl Print {
    /// The size in pixels at `dpi`.
    pub fn target(&self, dpi: f64) -> Target {
        let pixels = |side: f64| (side / INCH * dpi).round().clamp(1.0, f64::from(MAX_SIDE)) as u32;
        match self.paper {
            Paper::LongEdge(side) => Target::LongEdge(pixels(side)),
            Paper::Sides(width, height) => Target::Paper(Size { width: pixels(width), height: pixels(height) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_are_sizes_in_pixels() {
        let target = |text: &str, dpi| parse_print(text).map(|print| print.target(dpi));
        let paper = |width, height| Ok(Target::Paper(Size { width, height }));
        assert_eq!(target("30x20cm", 300.0), paper(3543, 2362));
        assert_eq!(target("30 x 20 cm", 300.0), paper(3543, 2362));
        assert_eq!(target("30cmx20cm", 300.0), paper(3543, 2362));
        assert_eq!(target("12x8in", 300.0), paper(3600, 2400));
        assert_eq!(target("8.5x11in", 100.0), paper(850, 1100));
        assert_eq!(target("297x210mm", 254.0), paper(2970, 2100));
        assert_eq!(target("30cm", 254.0), Ok(Target::LongEdge(3000)));
        for wrong in ["", "30", "30x20", "x20cm", "30xcm", "-3x4cm", "0cm", "1e9cm", "nancm", "axbcm", "30x20x10cm"] {
            assert!(parse_print(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn megapixels_and_densities_have_ranges() {
        assert_eq!(parse_megapixels("24"), Ok(24.0));
        assert_eq!(parse_megapixels("1.5MP"), Ok(1.5));
        assert_eq!(parse_dpi("300"), Ok(300.0));
        assert_eq!(parse_dpi("72dpi"), Ok(72.0));
        for wrong in ["", "0", "-1", "nan", "inf", "x"] {
            assert!(parse_megapixels(wrong).is_err() && parse_dpi(wrong).is_err(), "{wrong}");
        }
    }
}
