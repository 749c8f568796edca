//! Tones: what brings back the contrast and the neutral colours of a faded picture, one curve for each colour.
//!
//! Dyes and silver fade in density, so that a faded tone is v′ = stain · v^k, where k is the share of the density that is left
//! (Beer–Lambert; encoded values are nearly a power of light, so that this holds for them, too). The curve undoes that:
//! v = white · (v′ / point)^power. Above the white point it runs straight to 1, so that nothing is clipped. Measuring is not done
//! here.

use crate::colour::colour::LUMINANCE;
use crate::geometry::Rect;

/// The curve of one colour. All values are encoded, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ToneCurve {
    /// What has become of white.
    pub(crate) point: f32,
    /// What it becomes.
    pub(crate) white: f32,
    /// The power: more than 1 adds contrast.
    pub(crate) power: f32,
}

impl ToneCurve {
    fn value(&self, v: f32) -> f32 {
        if v <= self.point {
            return self.white * (v.max(0.0) / self.point).powf(self.power);
        }
        self.white + (1.0 - self.white) * (v - self.point) / (1.0 - self.point).max(1e-3)
    }
}

/// The correction of a faded picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tones {
    pub(crate) curves: [ToneCurve; 3],
    /// How much of the colour is a tint of a gray picture, and is taken away: 0 to 1.
    pub(crate) gray: f32,
    /// How much of the correction the picture seems to need, 0 to 1.
    pub(crate) need: f32,
    /// The part of the source that is corrected: the picture without the border of a scan.
    pub(crate) inside: Rect,
}

impl Tones {
    /// How much of the correction the picture seems to need, 0 to 1. Pictures with deep blacks, and gray ones without a tint, need
    /// none.
    pub fn need(&self) -> f32 {
        self.need
    }

    /// Corrects one pixel by this share.
    pub(crate) fn correct(&self, colour: [f32; 3], share: f32) -> [f32; 3] {
        let new: [f32; 3] = std::array::from_fn(|channel| self.curves[channel].value(colour[channel]));
        let luminance: f32 = new.iter().zip(LUMINANCE).map(|(v, weight)| v * weight).sum();
        std::array::from_fn(|channel| {
            let new = new[channel] + self.gray * (luminance - new[channel]);
            (colour[channel] + share * (new - colour[channel])).clamp(0.0, 1.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_rises_and_reaches_both_ends() {
        let curve = ToneCurve { point: 0.8, white: 0.97, power: 2.0 };
        assert_eq!((curve.value(0.0), curve.value(1.0)), (0.0, 1.0));
        assert_eq!(curve.value(0.8), 0.97);
        let values: Vec<f32> = (0..=255u8).map(|v| curve.value(f32::from(v) / 255.0)).collect();
        assert!(values.windows(2).all(|pair| pair[1] > pair[0]), "{values:?}");
    }

    #[test]
    fn a_gray_picture_becomes_gray_and_keeps_its_luminance() {
        let curve = ToneCurve { point: 1.0, white: 1.0, power: 1.0 };
        let inside = Rect { x: 0, y: 0, width: 1, height: 1 };
        let tones = Tones { curves: [curve; 3], gray: 1.0, need: 1.0, inside };
        let [red, green, blue] = tones.correct([0.6, 0.5, 0.3], 1.0);
        assert!((red - green).abs() < 1e-6 && (blue - green).abs() < 1e-6);
        assert!((green - (0.2126 * 0.6 + 0.7152 * 0.5 + 0.0722 * 0.3)).abs() < 1e-6);
        assert_eq!(tones.correct([0.6, 0.5, 0.3], 0.0), [0.6, 0.5, 0.3]);
    }
}
