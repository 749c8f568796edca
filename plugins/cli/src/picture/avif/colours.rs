//! What the colours of an AVIF picture are, by its ICC profile and its code points of H.273.
//!
//! The light of PQ and HLG becomes linear light with 1 for the white of paper, 203 candela per square metre, as ITU-R BT.2408 has
//! it, so that nothing of it is lost before a result that cannot hold it.

use super::boxes::Bytes;
use super::items::{Item, Items};
use crate::metadata::Metadata;
use crate::metadata::chromaticities::Chromaticities;
use crate::picture::colour_profile::{ToneCurve, profile};
use crate::picture::png::named_primaries;
use enlarger::Colour;

/// Code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodePoints {
    pub primaries: u16,
    pub transfer: u16,
    pub matrix: u16,
    pub full_range: bool,
}

/// Those of HDR displays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hdr {
    Pq,
    Hlg,
}

/// The code points and the profile that an item's properties state.
pub fn stated(items: &Items<'_>, item: &Item<'_>) -> (Option<CodePoints>, Option<Vec<u8>>) {
    let (mut points, mut icc) = (None, None);
    for mut body in items.properties(item, b"colr") {
        match body.take(4) {
            Some(b"nclx") => points = points.or_else(|| code_points(body)),
            Some(b"prof" | b"rICC") => icc = icc.or(Some(body.0.to_vec())).filter(|icc| !icc.is_empty()),
            _ => {}
        }
    }
    (points, icc)
}

fn code_points(mut body: Bytes<'_>) -> Option<CodePoints> {
    let mut next = || body.number(2).map(|n| n as u16);
    let (primaries, transfer, matrix) = (next()?, next()?, next()?);
    Some(CodePoints { primaries, transfer, matrix, full_range: body.number(1)? & 0x80 != 0 })
}

impl CodePoints {
    pub fn hdr(&self) -> Option<Hdr> {
        match self.transfer {
            16 => Some(Hdr::Pq),
            18 => Some(Hdr::Hlg),
            _ => None,
        }
    }

    pub fn primaries(&self) -> Option<Chromaticities> {
        u8::try_from(self.primaries).ok().and_then(named_primaries)
    }

    /// Sets the profile and returns the colour space. Warns of what it does not know.
    pub fn settle(&self, metadata: &mut Metadata, gray: bool, notes: &mut Vec<String>) -> Colour {
        let curve = match self.transfer {
            1 | 6 | 14 | 15 => ToneCurve::Bt709,
            4 => ToneCurve::Gamma(2.2),
            5 => ToneCurve::Gamma(2.8),
            8 | 16 | 18 => ToneCurve::Linear,
            2 | 13 => ToneCurve::Srgb,
            other => {
                notes.push(format!(
                    "the file's transfer function (number {other}) is unknown; it is taken as that of sRGB"
                ));
                ToneCurve::Srgb
            }
        };
        let primaries = self.primaries().unwrap_or_else(|| {
            if self.primaries != 2 {
                notes.push(format!(
                    "the file's primaries (number {}) are unknown; they are taken as those of sRGB",
                    self.primaries
                ));
            }
            Chromaticities::SRGB
        });
        let near = primaries.is_near(&Chromaticities::SRGB, 0.002);
        match curve {
            ToneCurve::Srgb if near => Colour::Srgb,
            ToneCurve::Linear if near => Colour::LinearSrgb,
            curve => {
                let linear = curve == ToneCurve::Linear;
                let Some(icc) = profile("AVIF code points", &primaries, &[curve], gray) else { return Colour::Srgb };
                metadata.linear = linear.then_some(primaries);
                metadata.icc = Some(icc.clone());
                Colour::Icc(icc.into())
            }
        }
    }
}

impl Hdr {
    /// The light of a pixel of encoded red, green and blue.
    pub fn light(self, rgb: [f32; 3]) -> [f32; 3] {
        const PAPER: f32 = 203.0;
        match self {
            Hdr::Pq => rgb.map(|v| {
                let p = v.clamp(0.0, 1.0).powf(1.0 / 78.84375);
                let light = ((p - 0.835_937_5).max(0.0) / (18.851_563 - 18.6875 * p)).powf(1.0 / 0.159_301_76);
                light * 10_000.0 / PAPER
            }),
            Hdr::Hlg => {
                let scene = rgb.map(|v| {
                    let v = v.clamp(0.0, 1.0);
                    if v <= 0.5 {
                        v * v / 3.0
                    } else {
                        (((v - 0.559_910_7) / 0.178_832_77).exp() + 0.284_668_92) / 12.0
                    }
                });
                // The system gamma of a display of 1000 candela.
                let luminance = 0.2627 * scene[0] + 0.678 * scene[1] + 0.0593 * scene[2];
                let gain = luminance.max(1e-9).powf(0.2) * 1000.0 / PAPER;
                scene.map(|v| v * gain)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_white_of_paper_is_one() {
        // ITU-R BT.2408: 58 % of PQ and 75 % of HLG.
        for (hdr, value) in [(Hdr::Pq, 0.5807), (Hdr::Hlg, 0.75)] {
            let [light, _, _] = hdr.light([value; 3]);
            assert!((light - 1.0).abs() < 0.01, "{hdr:?} {light}");
            assert!(hdr.light([0.0; 3])[0] < 1e-4);
        }
    }
}
