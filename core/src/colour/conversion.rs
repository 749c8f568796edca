//! The conversion of a picture's colours to linear light and back.
//!
//! Networks work on sRGB, pictures come in any colour space. They meet in linear light with the primaries of sRGB,
//! without clipping: colours outside sRGB are values below 0 or above 1 there, and must not be lost.

use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, Matrix3d, RenderingIntent, ToneReprCurve, TransformF32Executor,
    TransformOptions,
};

use crate::colour::colour::Colour;
use crate::colour::curve::{Curve, SRGB};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::memory;

/// The conversion from a picture's values to linear light and back, for rows of planes.
#[derive(Clone)]
pub(crate) enum Conversion {
    Srgb,
    Linear,
    /// Curves and a matrix; for gray only a curve.
    Shaper(Arc<Shaper>),
    /// Tables of colours, as in profiles of scanners and printers. They are limited to the gamut of the device.
    Table(Arc<Table>),
}

pub(crate) struct Shaper {
    curves: Vec<Curve>,
    to_srgb: Matrix3d,
    from_srgb: Matrix3d,
}

pub(crate) struct Table {
    to_linear: Arc<TransformF32Executor>,
    from_linear: Arc<TransformF32Executor>,
}

/// A profile that differs from sRGB by less than this, in encoded values, is treated as sRGB. The many pictures with an
/// sRGB profile, of whichever maker, then keep every bit.
const SRGB_TOLERANCE: f32 = 1.0 / 512.0;

impl Colour {
    /// Checks that pictures in this colour space can be converted.
    ///
    /// # Errors
    /// `Format` for an ICC profile that cannot be read, or that is for other pixels than gray (`gray`) or RGB.
    pub fn check(&self, gray: bool) -> Result<()> {
        Conversion::new(self, gray).map(|_| ())
    }
}

impl Conversion {
    /// The conversion for `colour` with one (gray) or three planes.
    pub(crate) fn new(colour: &Colour, gray: bool) -> Result<Self> {
        match colour {
            Colour::Srgb => Ok(Conversion::Srgb),
            Colour::LinearSrgb => Ok(Conversion::Linear),
            Colour::Icc(bytes) => {
                let conversion = Self::of_profile(bytes, gray)?;
                Ok(if conversion.is_near_srgb(gray)? { Conversion::Srgb } else { conversion })
            }
        }
    }

    fn of_profile(bytes: &[u8], gray: bool) -> Result<Self> {
        let profile = ColorProfile::new_from_slice(bytes).map_err(|e| {
            Error::new(
                ErrorKind::Format,
                format!(
                    "the ICC profile cannot be read ({e}); replace it, or remove it so that the picture is treated as sRGB"
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
        match Shaper::new(&profile, gray) {
            Some(shaper) => Ok(Conversion::Shaper(Arc::new(shaper))),
            None => Ok(Conversion::Table(Arc::new(Table::new(&profile, gray)?))),
        }
    }

    pub(crate) fn is_srgb(&self) -> bool {
        matches!(self, Conversion::Srgb)
    }

    fn is_near_srgb(&self, gray: bool) -> Result<bool> {
        const STEPS: usize = 9;
        let level = |n: usize| (n % STEPS) as f32 / (STEPS - 1) as f32;
        let count = if gray { STEPS } else { STEPS * STEPS * STEPS };
        let planes = if gray { 1 } else { 3 };
        let colours: Vec<f32> = (0..planes).flat_map(|p| (0..count).map(move |n| level(n / STEPS.pow(p)))).collect();
        let mut seen = colours.clone();
        self.decode(&mut seen, count, &mut Vec::new())?;
        SRGB.encode(&mut seen);
        Ok(colours.iter().zip(&seen).all(|(a, b)| (a - b).abs() < SRGB_TOLERANCE))
    }

    /// Converts planes of `width` samples to linear light, in place. `scratch` is a buffer to reuse; its content is
    /// ignored.
    pub(crate) fn decode(&self, planes: &mut [f32], width: usize, scratch: &mut Vec<f32>) -> Result<()> {
        match self {
            Conversion::Srgb => SRGB.decode(planes),
            Conversion::Linear => {}
            Conversion::Shaper(shaper) => {
                planes.chunks_exact_mut(width).zip(&shaper.curves).for_each(|(plane, curve)| curve.decode(plane));
                multiply(&shaper.to_srgb, planes, width);
            }
            Conversion::Table(table) => apply(&*table.to_linear, planes, width, scratch)?,
        }
        Ok(())
    }

    /// Converts planes from linear light, in place. The counterpart of [`Conversion::decode`].
    pub(crate) fn encode(&self, planes: &mut [f32], width: usize, scratch: &mut Vec<f32>) -> Result<()> {
        match self {
            Conversion::Srgb => SRGB.encode(planes),
            Conversion::Linear => {}
            Conversion::Shaper(shaper) => {
                multiply(&shaper.from_srgb, planes, width);
                planes.chunks_exact_mut(width).zip(&shaper.curves).for_each(|(plane, curve)| curve.encode(plane));
            }
            Conversion::Table(table) => apply(&*table.from_linear, planes, width, scratch)?,
        }
        Ok(())
    }
}

impl Shaper {
    /// The curves and the matrix of a profile; `None` if the profile has tables.
    fn new(profile: &ColorProfile, gray: bool) -> Option<Self> {
        let tables = [
            &profile.lut_a_to_b_perceptual,
            &profile.lut_a_to_b_colorimetric,
            &profile.lut_a_to_b_saturation,
            &profile.lut_b_to_a_perceptual,
            &profile.lut_b_to_a_colorimetric,
            &profile.lut_b_to_a_saturation,
        ];
        if profile.pcs != DataColorSpace::Xyz || tables.iter().any(|t| t.is_some()) {
            return None;
        }
        if gray {
            let curves = vec![Curve::of_profile(profile.gray_trc.as_ref()?)?];
            return Some(Shaper { curves, to_srgb: Matrix3d::IDENTITY, from_srgb: Matrix3d::IDENTITY });
        }
        let (red, green, blue) = (profile.red_trc.as_ref()?, profile.green_trc.as_ref()?, profile.blue_trc.as_ref()?);
        let curves = if red == green && green == blue {
            vec![Curve::of_profile(red)?; 3]
        } else {
            vec![Curve::of_profile(red)?, Curve::of_profile(green)?, Curve::of_profile(blue)?]
        };
        let srgb = ColorProfile::new_srgb();
        let to_srgb = profile.transform_matrix(&srgb);
        // A matrix that maps all colours to a plane cannot be inverted.
        let volume = profile.rgb_to_xyz_matrix().determinant()?;
        (volume.abs() > 1e-6).then(|| Shaper { curves, to_srgb, from_srgb: srgb.transform_matrix(profile) })
    }
}

impl Table {
    fn new(profile: &ColorProfile, gray: bool) -> Result<Self> {
        // An empty curve is the identity. A code point (CICP) would override it with the sRGB curve.
        let curve = Some(ToneReprCurve::Lut(Vec::new()));
        let mut linear = if gray { ColorProfile::new_gray_with_gamma(1.0) } else { ColorProfile::new_srgb() };
        linear.cicp = None;
        let curves = [&mut linear.gray_trc, &mut linear.red_trc, &mut linear.green_trc, &mut linear.blue_trc];
        curves.into_iter().filter(|c| c.is_some()).for_each(|c| c.clone_from(&curve));
        let layout = if gray { Layout::Gray } else { Layout::Rgb };
        let options = TransformOptions {
            rendering_intent: RenderingIntent::RelativeColorimetric,
            prefer_fixed_point: false,
            ..TransformOptions::default()
        };
        Ok(Table {
            to_linear: profile.create_transform_f32(layout, &linear, layout, options).map_err(unusable)?,
            from_linear: linear.create_transform_f32(layout, profile, layout, options).map_err(unusable)?,
        })
    }
}

fn multiply(matrix: &Matrix3d, planes: &mut [f32], width: usize) {
    // A single plane is gray, and the matrix of gray is the identity.
    if planes.len() < 3 * width {
        return;
    }
    let (red, rest) = planes.split_at_mut(width);
    let (green, blue) = rest.split_at_mut(width);
    for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
        let colour = [f64::from(*r), f64::from(*g), f64::from(*b)];
        let [x, y, z] = matrix.v.map(|row| (row[0] * colour[0] + row[1] * colour[1] + row[2] * colour[2]) as f32);
        (*r, *g, *b) = (x, y, z);
    }
}

/// Applies a transform, which works on interleaved pixels, to planes.
fn apply(transform: &TransformF32Executor, planes: &mut [f32], width: usize, scratch: &mut Vec<f32>) -> Result<()> {
    let n = planes.len();
    memory::grow(scratch, 2 * n)?;
    scratch.truncate(2 * n);
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
        format!("the colours cannot be converted with this ICC profile ({error}); convert the picture to sRGB first"),
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
    fn colours_outside_srgb_survive() {
        for profile in [ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb()] {
            let conversion = Conversion::new(&icc(&profile), false).unwrap();
            // Pure green, then a middle colour.
            let before = [0.0, 0.3, 1.0, 0.5, 0.0, 0.7];
            let mut planes = before;
            conversion.decode(&mut planes, 2, &mut Vec::new()).unwrap();
            assert!(planes[0] < -0.05, "pure green is outside sRGB: {planes:?}");
            conversion.encode(&mut planes, 2, &mut Vec::new()).unwrap();
            for (a, b) in before.iter().zip(planes) {
                // A pure power curve is infinitely steep at 0, so that rounding in the seventh digit shows in the
                // third.
                assert!((a - b).abs() < 0.25 / 255.0, "{before:?} came back as {planes:?}");
            }
        }
    }

    #[test]
    fn wrong_profiles_are_refused_with_advice() {
        let broken = Conversion::new(&Colour::Icc(vec![7; 300].into()), false).err().unwrap();
        assert!(broken.to_string().contains("cannot be read"), "{broken}");
        let gray = Conversion::new(&icc(&ColorProfile::new_gray_with_gamma(2.2)), false).err().unwrap();
        assert!(gray.to_string().contains("convert the picture"), "{gray}");
    }
}
