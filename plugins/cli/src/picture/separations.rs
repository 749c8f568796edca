//! CMYK colours, converted to sRGB.
//!
//! The pipeline works on RGB, so the inks of a print picture become light as soon as they are read: through the file's
//! profile, or by a plain formula if it has none. 0 is no ink here; formats that store it the other way are inverted by their readers.

use std::sync::Arc;

use enlarger::{Error, ErrorKind, Result};
use moxcms::{ColorProfile, DataColorSpace, Layout, Transform16BitExecutor, TransformOptions};

/// Converts CMYK to sRGB.
pub struct Separations {
    profile: Option<Profile>,
    /// What the user should know about the conversion.
    pub note: String,
}

struct Profile {
    transform: Arc<Transform16BitExecutor>,
    /// Maps the darkest colour of the inks to black: encoded values before and after.
    black: Vec<u16>,
}

impl Separations {
    /// The conversion by a profile, unless it cannot be used or is ignored.
    pub fn new(icc: Option<&[u8]>, ignore_profile: bool) -> Self {
        let (profile, how) = match icc {
            Some(_) if ignore_profile => {
                (None, "without its profile, as you asked, so colours are approximate".to_owned())
            }
            Some(icc) => match Profile::new(icc) {
                Ok(profile) => (Some(profile), "by the file's profile; colours outside it are clipped".to_owned()),
                Err(why) => (None, format!("without its profile ({why}), so colours are approximate")),
            },
            None => (None, "without a profile, as the file has none, so colours are approximate".to_owned()),
        };
        Separations { profile, note: format!("the CMYK colours are converted to sRGB {how}") }
    }

    /// Converts pixels of four 8-bit samples to pixels of three.
    pub fn convert_8(&self, cmyk: &[u8], rgb: &mut [u8]) -> Result<()> {
        if self.profile.is_some() {
            let deep: Vec<u16> = cmyk.iter().map(|v| u16::from(*v) * 257).collect();
            let mut light = vec![0; rgb.len()];
            self.convert_16(&deep, &mut light)?;
            rgb.iter_mut().zip(light).for_each(|(to, v)| *to = ((u32::from(v) + 128) / 257) as u8);
            return Ok(());
        }
        for (cmyk, rgb) in cmyk.as_chunks::<4>().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
            let light = u32::from(255 - cmyk[3]);
            *rgb = [0, 1, 2].map(|n| ((u32::from(255 - cmyk[n]) * light + 127) / 255) as u8);
        }
        Ok(())
    }

    /// Converts pixels of four 16-bit samples to pixels of three.
    pub fn convert_16(&self, cmyk: &[u16], rgb: &mut [u16]) -> Result<()> {
        if let Some(Profile { transform, black }) = &self.profile {
            transform.transform(cmyk, rgb).map_err(|e| failed(&e))?;
            rgb.iter_mut().for_each(|v| *v = black[usize::from(*v)]);
            return Ok(());
        }
        for (cmyk, rgb) in cmyk.as_chunks::<4>().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
            let light = u64::from(65535 - cmyk[3]);
            *rgb = [0, 1, 2].map(|n| ((u64::from(65535 - cmyk[n]) * light + 32767) / 65535) as u16);
        }
        Ok(())
    }
}

impl Profile {
    fn new(icc: &[u8]) -> std::result::Result<Self, String> {
        let profile = ColorProfile::new_from_slice(icc).map_err(|e| e.to_string())?;
        if profile.color_space != DataColorSpace::Cmyk {
            return Err(format!("it is for {:?}", profile.color_space));
        }
        let options = TransformOptions { prefer_fixed_point: false, ..TransformOptions::default() };
        let transform = profile
            .create_transform_16bit(Layout::Rgba, &ColorProfile::new_srgb(), Layout::Rgb, options)
            .map_err(|e| e.to_string())?;
        // Black point compensation, as littleCMS does it for this direction: the darkness of all inks together becomes black.
        // It is linear in light, and gray there, so it is one curve for all channels.
        let mut darkest = [0; 3];
        transform.transform(&[65535; 4], &mut darkest).map_err(|e| e.to_string())?;
        let [red, green, blue] = darkest.map(|v| decode(f64::from(v) / 65535.0));
        // The lightest that still counts as a black has an L of 50.
        let dark = (0.2126 * red + 0.7152 * green + 0.0722 * blue).min(0.184);
        let scale = |v: u32| {
            let light = (decode(f64::from(v) / 65535.0) - dark) / (1.0 - dark);
            (encode(light.clamp(0.0, 1.0)) * 65535.0).round() as u16
        };
        Ok(Profile { transform, black: (0..=65535).map(scale).collect() })
    }
}

/// From an encoded sRGB value to light.
fn decode(value: f64) -> f64 {
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn encode(light: f64) -> f64 {
    if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Format,
        format!(
            "the CMYK colours cannot be converted by the file's profile ({error}); go on without it with --ignore-profile"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_profile_inks_multiply() {
        let inks = Separations::new(None, false);
        let mut rgb = [0; 9];
        inks.convert_8(&[0, 0, 0, 0, 255, 0, 0, 0, 0, 128, 0, 128], &mut rgb).unwrap();
        assert_eq!(rgb, [255, 255, 255, 0, 255, 255, 127, 63, 127]);
        let mut rgb = [0; 3];
        inks.convert_16(&[0, 65535, 0, 0], &mut rgb).unwrap();
        assert_eq!(rgb, [65535, 0, 65535]);
        assert!(inks.note.contains("approximate"));
    }

    #[test]
    fn a_profile_of_another_kind_is_not_used() {
        let icc = ColorProfile::new_srgb().encode().unwrap();
        let inks = Separations::new(Some(&icc), false);
        assert!(inks.note.contains("it is for Rgb"), "{}", inks.note);
        assert!(Separations::new(Some(&[1, 2, 3]), false).note.contains("approximate"));
    }
}
