//! ICC profiles made from the numbers by which a file describes its colours: primaries, a white point and curves.
//!
//! The pipeline takes a profile, and most formats can store one, so that a description becomes a profile as soon as it is
//! read. Implausible numbers give no profile.

use enlarger::Colour;
use moxcms::{
    Chromaticity, ColorPrimaries, ColorProfile, DataColorSpace, LocalizableString, ProfileText, ToneReprCurve, XyY,
};

pub use crate::metadata::Chromaticities;

/// The curve from encoded values to linear light.
#[derive(Clone, Debug, PartialEq)]
pub enum ToneCurve {
    /// Values are linear light.
    Linear,
    /// The curve of sRGB, IEC 61966-2-1.
    Srgb,
    /// The inverse of the camera curve of ITU-R BT.709, section 1.2.
    Bt709,
    /// A power; for example 2.2.
    Gamma(f64),
    /// Linear light at even distances over 0 to 1; 65535 is white.
    Table(Vec<u16>),
}

/// Why a picture cannot be in these colours, in words that follow "because". `None` if it can.
pub fn unusable(colour: &Colour, gray: bool) -> Option<String> {
    let error = colour.check(gray).err()?;
    // What follows the semicolon is a remedy that is not needed where the profile is left out.
    let why = error.message().split(';').next().unwrap_or_default();
    Some(why.replace("profile is for Rgb", "profile is for RGB").replace("profile is for Cmyk", "profile is for CMYK"))
}

/// The profile of an RGB picture, or of a gray picture with one curve. `curves` holds one curve for all channels, or one for
/// each. `None` if the numbers are not plausible.
pub fn profile(name: &str, primaries: &Chromaticities, curves: &[ToneCurve], gray: bool) -> Option<Vec<u8>> {
    if !primaries.is_plausible() {
        return None;
    }
    let point = |[x, y]: [f64; 2]| Chromaticity { x: x as f32, y: y as f32 };
    let [x, y] = primaries.white;
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry(
        XyY { x, y, yb: 1.0 },
        ColorPrimaries { red: point(primaries.red), green: point(primaries.green), blue: point(primaries.blue) },
    );
    let [red, green, blue] = match curves {
        [one] => [one, one, one],
        [red, green, blue] => [red, green, blue],
        _ => return None,
    };
    (profile.red_trc, profile.green_trc, profile.blue_trc) =
        (red.tag()?.into(), green.tag()?.into(), blue.tag()?.into());
    if gray {
        profile.color_space = DataColorSpace::Gray;
        profile.gray_trc = profile.green_trc.take();
        (profile.red_trc, profile.blue_trc) = (None, None);
    }
    let text = |text: &str| {
        ProfileText::Localizable(vec![LocalizableString::new("en".to_owned(), "US".to_owned(), text.to_owned())])
    };
    profile.description = Some(text(name));
    profile.copyright = Some(text("No copyright, use freely"));
    profile.encode().ok()
}

impl ToneCurve {
    /// The curve as a profile stores it.
    fn tag(&self) -> Option<ToneReprCurve> {
        Some(match self {
            ToneCurve::Linear => ToneReprCurve::Lut(Vec::new()),
            ToneCurve::Srgb => ToneReprCurve::Parametric(vec![2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045]),
            ToneCurve::Bt709 => {
                ToneReprCurve::Parametric(vec![1.0 / 0.45, 1.0 / 1.099, 0.099 / 1.099, 1.0 / 4.5, 0.081])
            }
            ToneCurve::Gamma(gamma) if (0.1..=10.0).contains(gamma) => ToneReprCurve::Parametric(vec![*gamma as f32]),
            ToneCurve::Table(values) if values.len() >= 2 => ToneReprCurve::Lut(values.clone()),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_describe_what_was_asked_for() {
        let adobe = profile("Adobe RGB", &Chromaticities::ADOBE_RGB, &[ToneCurve::Gamma(2.199_218_75)], false).unwrap();
        let ours = ColorProfile::new_from_slice(&adobe).unwrap();
        let theirs = ColorProfile::new_adobe_rgb();
        for (a, b) in [
            (ours.red_colorant, theirs.red_colorant),
            (ours.green_colorant, theirs.green_colorant),
            (ours.blue_colorant, theirs.blue_colorant),
        ] {
            assert!((a.x - b.x).abs() < 1e-3 && (a.y - b.y).abs() < 1e-3 && (a.z - b.z).abs() < 1e-3, "{a:?} {b:?}");
        }
    }

    #[test]
    fn the_core_accepts_every_profile() {
        let table = ToneCurve::Table((0..=255u32).map(|v| (v * v) as u16).collect());
        for curve in [ToneCurve::Linear, ToneCurve::Srgb, ToneCurve::Bt709, ToneCurve::Gamma(1.8), table] {
            for gray in [false, true] {
                let icc = profile("test", &Chromaticities::SRGB, std::slice::from_ref(&curve), gray).unwrap();
                Colour::Icc(icc.into()).check(gray).unwrap();
            }
        }
    }

    #[test]
    fn implausible_numbers_give_no_profile() {
        let line = Chromaticities { green: [0.5, 0.2], blue: [0.6, 0.3], red: [0.7, 0.4], ..Chromaticities::SRGB };
        assert_eq!(profile("line", &line, &[ToneCurve::Linear], false), None);
        for gamma in [0.0, -1.0, f64::NAN, 1e9] {
            assert_eq!(profile("gamma", &Chromaticities::SRGB, &[ToneCurve::Gamma(gamma)], false), None);
        }
    }
}
