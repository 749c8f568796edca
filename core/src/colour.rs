//! What a picture's numbers mean as colour, and the way to linear light and back.
//!
//! Networks see sRGB, pictures come in any space. The meeting point is linear light with sRGB's primaries, not clipped:
//! colours outside sRGB are values below 0 or above 1 there, and survive.

use std::fmt;
use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, RenderingIntent, ToneReprCurve, TransformF32Executor,
    TransformOptions,
};

use crate::error::{Error, ErrorKind, Result};
use crate::transfer;

/// The colour space of a picture.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Colour {
    /// sRGB-encoded (IEC 61966-2-1). What a picture without a profile is taken for.
    #[default]
    Srgb,
    /// sRGB primaries, linear light.
    LinearSrgb,
    /// An ICC profile: RGB for colour formats, gray for gray formats.
    Icc(Arc<[u8]>),
}

impl fmt::Debug for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Colour::Srgb => f.write_str("Srgb"),
            Colour::LinearSrgb => f.write_str("LinearSrgb"),
            Colour::Icc(bytes) => write!(f, "Icc({} bytes)", bytes.len()),
        }
    }
}

/// The way from a picture's numbers to linear light and back, for rows of planes.
#[derive(Clone)]
pub(crate) enum Conversion {
    Srgb,
    Linear,
    Icc(Arc<Profile>),
}

pub(crate) struct Profile {
    to_linear: Arc<TransformF32Executor>,
    from_linear: Arc<TransformF32Executor>,
}

/// A profile this near to sRGB, in encoded values, is sRGB: so the many pictures that carry an sRGB profile of one
/// maker or another go through bit by bit.
const SRGB_TOLERANCE: f32 = 1.0 / 512.0;

impl Conversion {
    /// The conversion for `colour` with one (gray) or three planes.
    pub(crate) fn new(colour: &Colour, gray: bool) -> Result<Self> {
        match colour {
            Colour::Srgb => Ok(Conversion::Srgb),
            Colour::LinearSrgb => Ok(Conversion::Linear),
            Colour::Icc(bytes) => {
                let profile = Profile::new(bytes, gray)?;
                if profile.is_srgb(gray)? { Ok(Conversion::Srgb) } else { Ok(Conversion::Icc(Arc::new(profile))) }
            }
        }
    }

    pub(crate) fn is_srgb(&self) -> bool {
        matches!(self, Conversion::Srgb)
    }

    /// Planes of `width` samples to linear light, in place. `scratch` is anybody's.
    pub(crate) fn to_linear(&self, planes: &mut [f32], width: usize, scratch: &mut Vec<f32>) -> Result<()> {
        match self {
            Conversion::Srgb => transfer::decode(planes),
            Conversion::Linear => {}
            Conversion::Icc(profile) => apply(&*profile.to_linear, planes, width, scratch)?,
        }
        Ok(())
    }

    /// The way back.
    pub(crate) fn from_linear(&self, planes: &mut [f32], width: usize, scratch: &mut Vec<f32>) -> Result<()> {
        match self {
            Conversion::Srgb => transfer::encode(planes),
            Conversion::Linear => {}
            Conversion::Icc(profile) => apply(&*profile.from_linear, planes, width, scratch)?,
        }
        Ok(())
    }
}

impl Profile {
    fn new(bytes: &[u8], gray: bool) -> Result<Self> {
        let profile = ColorProfile::new_from_slice(bytes).map_err(|e| {
            Error::new(
                ErrorKind::Format,
                format!(
                    "the ICC profile cannot be read ({e}); remove or replace it, then the picture is taken for sRGB"
                ),
            )
        })?;
        let (wanted, kind) = if gray { (DataColorSpace::Gray, "gray") } else { (DataColorSpace::Rgb, "RGB") };
        if profile.color_space != wanted {
            return Err(Error::new(
                ErrorKind::Format,
                format!(
                    "the picture has {kind} pixels, but its ICC profile is for {:?}; convert the picture to RGB first",
                    profile.color_space
                ),
            ));
        }
        let linear = if gray { linear_gray() } else { linear_rgb() };
        let layout = if gray { Layout::Gray } else { Layout::Rgb };
        let options = TransformOptions {
            rendering_intent: RenderingIntent::RelativeColorimetric,
            allow_extended_range_rgb_xyz: true,
            prefer_fixed_point: false,
            ..TransformOptions::default()
        };
        Ok(Profile {
            to_linear: profile.create_transform_f32(layout, &linear, layout, options).map_err(unusable)?,
            from_linear: linear.create_transform_f32(layout, &profile, layout, options).map_err(unusable)?,
        })
    }

    fn is_srgb(&self, gray: bool) -> Result<bool> {
        const STEPS: usize = 9;
        let levels = |n: usize| (n % STEPS) as f32 / (STEPS - 1) as f32;
        let colours: Vec<f32> = if gray {
            (0..STEPS).map(levels).collect()
        } else {
            (0..STEPS * STEPS * STEPS).flat_map(|n| [levels(n), levels(n / STEPS), levels(n / STEPS / STEPS)]).collect()
        };
        let mut seen = vec![0.0; colours.len()];
        self.to_linear.transform(&colours, &mut seen).map_err(unusable)?;
        transfer::encode(&mut seen);
        Ok(colours.iter().zip(&seen).all(|(a, b)| (a - b).abs() < SRGB_TOLERANCE))
    }
}

fn linear_rgb() -> ColorProfile {
    let mut profile = ColorProfile::new_srgb();
    // The code point would bring back the sRGB curve.
    profile.cicp = None;
    // An empty curve is the identity.
    let curve = Some(ToneReprCurve::Lut(Vec::new()));
    profile.red_trc = curve.clone();
    profile.green_trc = curve.clone();
    profile.blue_trc = curve;
    profile
}

fn linear_gray() -> ColorProfile {
    let mut profile = ColorProfile::new_gray_with_gamma(1.0);
    profile.gray_trc = Some(ToneReprCurve::Lut(Vec::new()));
    profile
}

/// Runs a transform, which wants whole pixels, over planes.
fn apply(transform: &TransformF32Executor, planes: &mut [f32], width: usize, scratch: &mut Vec<f32>) -> Result<()> {
    let n = planes.len();
    scratch.resize(2 * n, 0.0);
    let (input, output) = scratch.split_at_mut(n);
    let channels = n / width;
    for (c, plane) in planes.chunks_exact(width).enumerate() {
        for (pixel, v) in input.chunks_exact_mut(channels).zip(plane) {
            pixel[c] = *v;
        }
    }
    transform.transform(input, output).map_err(unusable)?;
    for (c, plane) in planes.chunks_exact_mut(width).enumerate() {
        for (v, pixel) in plane.iter_mut().zip(output.chunks_exact(channels)) {
            *v = pixel[c];
        }
    }
    Ok(())
}

fn unusable(error: CmsError) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("colours cannot be converted with this ICC profile ({error}); convert the picture to sRGB first"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn icc(profile: &ColorProfile) -> Colour {
        Colour::Icc(profile.encode().unwrap().into())
    }

    #[test]
    fn an_srgb_profile_is_srgb() {
        assert!(Conversion::new(&icc(&ColorProfile::new_srgb()), false).unwrap().is_srgb());
        assert!(!Conversion::new(&icc(&ColorProfile::new_display_p3()), false).unwrap().is_srgb());
        assert!(!Conversion::new(&icc(&ColorProfile::new_gray_with_gamma(1.0)), true).unwrap().is_srgb());
    }

    #[test]
    fn wide_colours_leave_srgb_and_come_back() {
        for profile in [ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb()] {
            let conversion = Conversion::new(&icc(&profile), false).unwrap();
            // Pure green, then a middle colour.
            let before = [0.0, 0.3, 1.0, 0.5, 0.0, 0.7];
            let mut planes = before;
            conversion.to_linear(&mut planes, 2, &mut Vec::new()).unwrap();
            assert!(planes[0] < -0.05, "pure green is outside sRGB: {planes:?}");
            conversion.from_linear(&mut planes, 2, &mut Vec::new()).unwrap();
            for (a, b) in before.iter().zip(planes) {
                assert!((a - b).abs() < 0.1 / 255.0, "{before:?} came back as {planes:?}");
            }
        }
    }

    #[test]
    fn wrong_profiles_are_refused_with_a_sentence() {
        let broken = Conversion::new(&Colour::Icc(vec![7; 300].into()), false).err().unwrap();
        assert!(broken.to_string().contains("cannot be read"), "{broken}");
        let gray = Conversion::new(&icc(&ColorProfile::new_gray_with_gamma(2.2)), false).err().unwrap();
        assert!(gray.to_string().contains("convert the picture"), "{gray}");
    }
}
