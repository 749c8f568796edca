//! What a picture's numbers mean as colour, and the way to linear light and back.
//!
//! Networks see sRGB, pictures come in any space. The meeting point is linear light with sRGB's primaries, not clipped:
//! colours outside sRGB are values below 0 or above 1 there, and survive.

use std::fmt;
use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, Matrix3d, RenderingIntent, ToneReprCurve, TransformF32Executor,
    TransformOptions,
};

use crate::colour::curve::{Curve, SRGB};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::memory;

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
    /// Curves and a matrix (gray: a curve alone).
    Shaper(Arc<Shaper>),
    /// Tables of colours, as scanners and printers have. They end where the device's colours end.
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

    /// Planes of `width` samples to linear light, in place. `scratch` is anybody's.
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

    /// The way back.
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
    /// The curves and the matrix of a profile that consists of them.
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
        // A matrix that maps colours onto a plane has no way back.
        let volume = profile.rgb_to_xyz_matrix().determinant()?;
        (volume.abs() > 1e-6).then(|| Shaper { curves, to_srgb, from_srgb: srgb.transform_matrix(profile) })
    }
}

impl Table {
    fn new(profile: &ColorProfile, gray: bool) -> Result<Self> {
        // An empty curve is the identity; the code point would bring back the sRGB curve.
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
    // One plane is gray, whose matrix is the identity.
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

/// Runs a transform, which wants whole pixels, over planes.
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
            conversion.decode(&mut planes, 2, &mut Vec::new()).unwrap();
            assert!(planes[0] < -0.05, "pure green is outside sRGB: {planes:?}");
            conversion.encode(&mut planes, 2, &mut Vec::new()).unwrap();
            for (a, b) in before.iter().zip(planes) {
                // A pure power is infinitely steep at 0: rounding in the seventh digit shows in the third.
                assert!((a - b).abs() < 0.25 / 255.0, "{before:?} came back as {planes:?}");
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
