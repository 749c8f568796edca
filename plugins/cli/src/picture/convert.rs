//! Rows between EXR and everything else.
//!
//! EXR is linear light times alpha, the other formats are encoded and, as written here, not multiplied. A picture that
//! changes sides is converted row by row on its way out; one that stays on its side never comes here.

use std::sync::Arc;

use enlarger::{Alpha, Colour, Error, ErrorKind, Format, Result, Sample};
use half::f16;
use moxcms::{ColorProfile, Layout, ToneReprCurve, TransformF32Executor, TransformOptions};

/// A conversion of rows.
#[derive(Clone)]
pub struct Convert {
    input: Format,
    output: Format,
    way: Way,
}

#[derive(Clone)]
enum Way {
    /// From linear light to sRGB.
    Encode,
    /// From sRGB to linear light.
    Decode,
    /// From a profile to linear light.
    Profile(Arc<TransformF32Executor>),
}

impl Convert {
    /// From linear rows to encoded ones.
    pub fn encode(source: Format, output: Format) -> Self {
        Convert { input: Format { sample: Sample::F32, ..source }, output, way: Way::Encode }
    }

    /// From rows of `colour` to linear ones.
    pub fn decode(source: Format, output: Format, colour: &Colour) -> Result<Self> {
        let way = match colour {
            Colour::Icc(profile) => Way::Profile(linear(profile, source.channels.is_gray())?),
            _ => Way::Decode,
        };
        Ok(Convert { input: Format { sample: Sample::F32, ..source }, output, way })
    }

    /// The format of the rows that it takes.
    pub fn input(&self) -> Format {
        self.input
    }

    /// One row.
    pub fn row(&mut self, row: &[u8]) -> Vec<u8> {
        let channels = self.input.channels;
        let count = channels.count();
        let colours = count - usize::from(channels.has_alpha());
        let mut values: Vec<f32> = row.chunks_exact(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect();
        if channels.has_alpha() && self.input.alpha == Alpha::Premultiplied {
            for pixel in values.chunks_exact_mut(count) {
                let alpha = pixel[colours];
                pixel[..colours].iter_mut().for_each(|v| *v = if alpha > 0.0 { *v / alpha } else { 0.0 });
            }
        }
        self.colours(&mut values, count, colours);
        if channels.has_alpha() && self.output.alpha == Alpha::Premultiplied {
            for pixel in values.chunks_exact_mut(count) {
                let alpha = pixel[colours];
                pixel[..colours].iter_mut().for_each(|v| *v *= alpha);
            }
        }
        let mut out = Vec::with_capacity(values.len() * self.output.sample.size());
        for value in values {
            match self.output.sample {
                Sample::U8 => out.push((value * 255.0 + 0.5) as u8),
                Sample::U16 => out.extend(((value * 65535.0 + 0.5) as u16).to_ne_bytes()),
                Sample::F16 => out.extend(f16::from_f32(value).to_ne_bytes()),
                Sample::F32 => out.extend(value.to_ne_bytes()),
            }
        }
        out
    }

    fn colours(&self, values: &mut [f32], count: usize, colours: usize) {
        let curve = match &self.way {
            Way::Encode => encode,
            Way::Decode => decode,
            Way::Profile(transform) => {
                let from: Vec<f32> = values.chunks_exact(count).flat_map(|p| &p[..colours]).copied().collect();
                let mut to = vec![0.0; from.len()];
                // The lengths are whole pixels on both sides, the only thing it could complain about.
                let _ = transform.transform(&from, &mut to);
                for (pixel, to) in values.chunks_exact_mut(count).zip(to.chunks_exact(colours)) {
                    pixel[..colours].copy_from_slice(to);
                }
                return;
            }
        };
        for pixel in values.chunks_exact_mut(count) {
            pixel[..colours].iter_mut().for_each(|v| *v = curve(*v));
        }
    }
}

/// The sRGB curve, mirrored below 0 and continued above 1.
fn encode(linear: f32) -> f32 {
    let v = linear.abs();
    let encoded = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    encoded.copysign(linear)
}

fn decode(encoded: f32) -> f32 {
    let v = encoded.abs();
    let linear = if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    linear.copysign(encoded)
}

fn linear(profile: &[u8], gray: bool) -> Result<Arc<TransformF32Executor>> {
    let make = || {
        let from = ColorProfile::new_from_slice(profile)?;
        let (layout, to) = if gray {
            (Layout::Gray, ColorProfile::new_gray_with_gamma(1.0))
        } else {
            let mut to = ColorProfile::new_srgb();
            // The code point would bring back the sRGB curve; an empty curve is the identity.
            to.cicp = None;
            let identity = Some(ToneReprCurve::Lut(Vec::new()));
            (to.red_trc, to.green_trc, to.blue_trc) = (identity.clone(), identity.clone(), identity);
            (Layout::Rgb, to)
        };
        let options = TransformOptions { prefer_fixed_point: false, ..TransformOptions::default() };
        from.create_transform_f32(layout, &to, layout, options)
    };
    make().map_err(|e| {
        Error::new(
            ErrorKind::Format,
            format!("the colour profile cannot be used for EXR ({e}); choose TIFF, which keeps the profile"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use enlarger::Channels;

    #[test]
    fn there_and_back() {
        let encoded = Format::new(Sample::U16, Channels::Rgba);
        let linear = Format { alpha: Alpha::Premultiplied, ..Format::new(Sample::F32, Channels::Rgba) };
        let mut out = Convert::decode(encoded, linear, &Colour::Srgb).unwrap();
        let mut back = Convert::encode(linear, encoded);
        let values = [0.25f32, 0.5, 1.0, 0.5];
        let row: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
        let middle = out.row(&row);
        assert_eq!(f32::from_ne_bytes(*middle[8..].first_chunk().unwrap()), 0.5);
        let result: Vec<f32> =
            back.row(&middle).chunks_exact(2).map(|b| f32::from(u16::from_ne_bytes([b[0], b[1]])) / 65535.0).collect();
        for (a, b) in values.iter().zip(result) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
}
