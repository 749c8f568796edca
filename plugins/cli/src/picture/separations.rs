//! CMYK colours, converted to sRGB.
//!
//! The pipeline works on RGB, so the inks of a print picture become light as soon as they are read: through the file's
//! profile, or by a plain formula if it has none. 0 is no ink here; formats that store it the other way are inverted by their readers.

use std::sync::Arc;

use enlarger::{Error, ErrorKind, Result};
use moxcms::{
    ColorProfile, DataColorSpace, InterpolationMethod, Layout, Transform8BitExecutor, Transform16BitExecutor,
    TransformOptions,
};

/// Converts CMYK to sRGB.
pub struct Separations {
    transform: Option<(Arc<Transform8BitExecutor>, Arc<Transform16BitExecutor>)>,
    /// What the user should know about the conversion.
    pub note: String,
}

impl Separations {
    /// The conversion by a profile, unless it cannot be used or is ignored.
    pub fn new(icc: Option<&[u8]>, ignore_profile: bool) -> Self {
        let (transform, how) = match icc {
            Some(_) if ignore_profile => (None, "without its profile, as you asked, so colours are approximate".to_owned()),
            Some(icc) => match transform(icc) {
                Ok(transform) => (Some(transform), "by the file's profile".to_owned()),
                Err(why) => (None, format!("without its profile ({why}), so colours are approximate")),
            },
            None => (None, "without a profile, as the file has none, so colours are approximate".to_owned()),
        };
        Separations { transform, note: format!("the CMYK colours are converted to sRGB {how}") }
    }

    /// Converts pixels of four 8-bit samples to pixels of three.
    pub fn convert_8(&self, cmyk: &[u8], rgb: &mut [u8]) -> Result<()> {
        if let Some((transform, _)) = &self.transform {
            return transform.transform(cmyk, rgb).map_err(|e| failed(&e));
        }
        for (cmyk, rgb) in cmyk.as_chunks::<4>().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
            let light = u32::from(255 - cmyk[3]);
            *rgb = [0, 1, 2].map(|n| ((u32::from(255 - cmyk[n]) * light + 127) / 255) as u8);
        }
        Ok(())
    }

    /// Converts pixels of four 16-bit samples to pixels of three.
    pub fn convert_16(&self, cmyk: &[u16], rgb: &mut [u16]) -> Result<()> {
        if let Some((_, transform)) = &self.transform {
            return transform.transform(cmyk, rgb).map_err(|e| failed(&e));
        }
        for (cmyk, rgb) in cmyk.as_chunks::<4>().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
            let light = u64::from(65535 - cmyk[3]);
            *rgb = [0, 1, 2].map(|n| ((u64::from(65535 - cmyk[n]) * light + 32767) / 65535) as u16);
        }
        Ok(())
    }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("the CMYK colours cannot be converted by the file's profile ({error}); go on without it with --ignore-profile"),
    )
}

type Transforms = (Arc<Transform8BitExecutor>, Arc<Transform16BitExecutor>);

fn transform(icc: &[u8]) -> std::result::Result<Transforms, String> {
    let profile = ColorProfile::new_from_slice(icc).map_err(|e| e.to_string())?;
    if profile.color_space != DataColorSpace::Cmyk {
        return Err(format!("it is for {:?}", profile.color_space));
    }
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions {
        interpolation_method: InterpolationMethod::default(),
        prefer_fixed_point: false,
        ..TransformOptions::default()
    };
    let eight = profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, options).map_err(|e| e.to_string())?;
    let sixteen = profile.create_transform_16bit(Layout::Rgba, &srgb, Layout::Rgb, options).map_err(|e| e.to_string())?;
    Ok((eight, sixteen))
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
