//! Fading: how a picture's tones have changed, measured on a bounded sample of it.
//!
//! Each colour's dark and light ends come from percentiles inside the border of the scan, within limits, so that a sunset does not become
//! gray. `Tones` says what the correction means.

use crate::colour::colour::LUMINANCE;
use crate::colour::tones::{ToneCurve, Tones};
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;

/// The most samples along the longer side.
const SIDE: u32 = 640;

/// The shares of the samples that are darker than black and lighter than white.
const ENDS: [f64; 2] = [0.002, 0.998];

/// What the ends become, unless they are darker and lighter already. The darkest tone of a print has a density of about 2, which is
/// 0.1 of the encoded range.
const BLACK: f32 = 0.1;
const WHITE: f32 = 0.97;

/// The most by which the ends of the colours may differ; what is beyond belongs to the picture.
const APART: f32 = 0.2;

/// The most that contrast is raised, as a power.
const POWER: f32 = 3.0;

/// The most by which middle tones are made neutral, as a power.
const NEUTRAL: f32 = 1.12;

/// The darkest end from which a picture begins to look faded, and from which it surely is: with a tint, and of a neutral gray one.
const FADED: [f32; 2] = [0.13, 0.19];
const FADED_GRAY: [f32; 2] = [0.22, 0.30];

/// The median luminance below which the correction becomes weaker, down to a half.
const MIDDLE: f32 = 0.25;

/// Differences between the ends of the colours that are a tint.
const TINT: [f32; 2] = [0.015, 0.03];

/// The deviation of colours from the mean of their luminance: up to the first the picture is a tinted gray one, from the second on it is
/// not.
const GRAY: [f32; 2] = [0.012, 0.025];

/// The strongest tint that is taken for one: a picture of a red wall keeps its colour.
const TINTED: [f32; 2] = [0.12, 0.16];

/// Samples of a picture: the means of 3×3 pixels, or of fewer in small pictures, on a grid.
pub(super) struct Samples {
    size: Size,
    step: u32,
    columns: usize,
    found: Vec<[f32; 3]>,
    /// The sums of the row of samples that is being read, and their numbers of pixels.
    row: Vec<([f32; 3], f32)>,
}

impl Samples {
    pub(super) fn new(size: Size) -> Result<Self> {
        let step = size.width.max(size.height).div_ceil(SIDE).max(3);
        let columns = size.width.div_ceil(step) as usize;
        Ok(Samples { size, step, columns, found: Vec::new(), row: memory::zeros(columns)? })
    }

    /// Whether row `y` is needed.
    pub(super) fn needs(&self, y: u32) -> bool {
        y % self.step < 3
    }

    /// Adds row `y`, as three planes. Rows must come from top to bottom.
    pub(super) fn add(&mut self, y: u32, colour: [&[f32]; 3]) -> Result<()> {
        if self.needs(y) {
            for (column, (sum, count)) in self.row.iter_mut().enumerate() {
                let start = column * self.step as usize;
                let end = (start + 3).min(self.size.width as usize);
                for (sum, channel) in sum.iter_mut().zip(colour) {
                    channel[start..end].iter().for_each(|value| *sum += value);
                }
                *count += (end - start) as f32;
            }
        }
        if y % self.step == 2 || y + 1 == self.size.height && y % self.step < 2 {
            memory::reserve(&mut self.found, self.columns)?;
            self.found.extend(self.row.iter().map(|(sum, count)| sum.map(|v| v / count)));
            self.row.fill(([0.0; 3], 0.0));
        }
        Ok(())
    }

    pub(super) fn step(&self) -> u32 {
        self.step
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn rows(&self) -> usize {
        self.found.len() / self.columns
    }

    pub(super) fn luminance(&self, x: usize, y: usize) -> f64 {
        f64::from(luminance(self.found[y * self.columns + x]))
    }

    /// The samples in a part of the picture; all of them if there are none.
    fn within(&self, inside: Rect) -> Vec<[f32; 3]> {
        let is_within = |index: usize| {
            let (x, y) = ((index % self.columns) as u32 * self.step, (index / self.columns) as u32 * self.step);
            (inside.x..inside.right()).contains(&x) && (inside.y..inside.bottom()).contains(&y)
        };
        let some: Vec<[f32; 3]> = (0..self.found.len()).filter(|i| is_within(*i)).map(|i| self.found[i]).collect();
        if some.is_empty() { self.found.clone() } else { some }
    }

    /// The gray (the mean of the three colours) of the darkest and the lightest parts.
    pub(super) fn ends(&self, inside: Rect) -> [f32; 2] {
        let mut tones: Vec<f32> = self.within(inside).iter().map(|sample| sample.iter().sum::<f32>() / 3.0).collect();
        [0.01, 0.99].map(|share| quantile(&mut tones, share))
    }

    /// The correction of the picture inside the border.
    pub(super) fn tones(&self, inside: Rect) -> Tones {
        let samples = self.within(inside);
        let end = |channel: usize, share: f64| {
            let mut values: Vec<f32> = samples.iter().map(|sample| sample[channel]).collect();
            quantile(&mut values, share)
        };
        let [blacks, whites] = ENDS.map(|share| [0, 1, 2].map(|channel| end(channel, share)));
        let (darkest, lightest) = (least(blacks), most(whites));
        let mut curves = [0, 1, 2].map(|channel| {
            let black = blacks[channel].min(darkest + APART).max(1e-3);
            let point = whites[channel].max(lightest - APART).clamp(0.05, 1.0);
            let (low, white) = (black.min(BLACK), point.max(WHITE));
            let power = ((low / white).ln() / (black / point).ln()).clamp(1.0, POWER);
            ToneCurve { point, white, power: if power.is_finite() { power } else { 1.0 } }
        });
        let (gray, tint, warm) = tint(&samples);
        let powers = neutral(&samples, &Tones { curves, gray: 0.0, need: 1.0, inside });
        for (curve, power) in curves.iter_mut().zip(powers) {
            curve.power *= power;
        }
        let apart = (most(blacks) - darkest).max(lightest - least(whites)).max(tint);
        let tinted = smooth(TINT, apart);
        let faded = tinted * smooth(FADED, darkest) + (1.0 - tinted) * smooth(FADED_GRAY, darkest);
        // A gray picture that has become yellow or brown is corrected whatever its blacks; other tints may be meant.
        let yellowed = if warm { gray * tinted } else { 0.0 };
        let full = Tones { curves, gray, need: 1.0, inside };
        let mut after: Vec<f32> = samples.iter().map(|sample| luminance(full.correct(*sample, 1.0))).collect();
        // A picture without light tones would become a night.
        let light = (quantile(&mut after, 0.5) / MIDDLE).clamp(0.5, 1.0);
        Tones { need: faded.max(yellowed) * light, ..full }
    }
}

/// How surely the samples are a tinted gray picture, how strong the tint is, and whether it is warm, as paper yellows.
fn tint(samples: &[[f32; 3]]) -> (f32, f32, bool) {
    const BINS: usize = 32;
    let mut bins = [([0.0f64; 3], 0.0f64); BINS];
    let colour = |sample: &[f32; 3]| {
        let tone = luminance(*sample);
        let bin = ((tone * BINS as f32) as usize).min(BINS - 1);
        (bin, sample.map(|v| f64::from(v - tone)))
    };
    for sample in samples {
        let (bin, chroma) = colour(sample);
        (0..3).for_each(|channel| bins[bin].0[channel] += chroma[channel]);
        bins[bin].1 += 1.0;
    }
    let count = samples.len().max(1) as f64;
    let (mut squares, mut sums) = ([0.0f64; 3], [0.0f64; 3]);
    for sample in samples {
        let (bin, chroma) = colour(sample);
        for channel in 0..3 {
            squares[channel] += (chroma[channel] - bins[bin].0[channel] / bins[bin].1).powi(2);
            sums[channel] += chroma[channel];
        }
    }
    let deviation = squares.into_iter().fold(0.0, f64::max) / count;
    let warm = sums[0] > sums[2];
    let tint = sums.into_iter().map(f64::abs).fold(0.0, f64::max) / count;
    let gray = (1.0 - smooth(GRAY, deviation.sqrt() as f32)) * (1.0 - smooth(TINTED, tint as f32));
    (gray, tint as f32, warm)
}

/// The powers that make nearly neutral middle tones neutral. Colours in the order of skin's (red above green above blue) do not count, so
/// that faces are not pushed towards gray.
fn neutral(samples: &[[f32; 3]], tones: &Tones) -> [f32; 3] {
    let corrected = samples.iter().map(|sample| tones.correct(*sample, 1.0));
    let is_nearly_neutral = |[red, green, blue]: &[f32; 3]| {
        let tone = luminance([*red, *green, *blue]);
        let apart = most([*red, *green, *blue].map(|v| (v - tone).abs()));
        let skin = *red > green + 0.02 && *green > blue + 0.02 && red - blue > 0.08;
        (0.15..0.85).contains(&tone) && apart < 0.1 && !skin
    };
    let near: Vec<[f32; 3]> = corrected.filter(is_nearly_neutral).collect();
    if near.len() * 33 < samples.len() {
        return [1.0; 3];
    }
    let middles = [0, 1, 2].map(|channel| {
        let mut values: Vec<f32> = near.iter().map(|sample| sample[channel]).collect();
        quantile(&mut values, 0.5).clamp(0.05, 0.95).ln()
    });
    middles.map(|middle| (middles[1] / middle).clamp(1.0 / NEUTRAL, NEUTRAL))
}

fn luminance(colour: [f32; 3]) -> f32 {
    colour.iter().zip(LUMINANCE).map(|(v, weight)| v * weight).sum()
}

fn least(values: [f32; 3]) -> f32 {
    values.into_iter().fold(f32::MAX, f32::min)
}

fn most(values: [f32; 3]) -> f32 {
    values.into_iter().fold(f32::MIN, f32::max)
}

/// The value that this share of the values does not reach; 0 without values.
fn quantile(values: &mut [f32], share: f64) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f64 * share).round() as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

/// 0 below the first limit, 1 above the second, smooth between them.
fn smooth([from, to]: [f32; 2], value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 60, height: 60 };

    /// The correction of a picture with these colours for tones from 0 to 1.
    fn tones(colour: impl Fn(f32) -> [f32; 3]) -> Tones {
        let mut samples = Samples::new(SIZE).unwrap();
        for y in 0..SIZE.height {
            let pixel = |x: u32| colour(((x / 3 * 7 + y / 3 * 11) % 20) as f32 / 19.0);
            let planes = [0, 1, 2].map(|channel| (0..SIZE.width).map(|x| pixel(x)[channel]).collect::<Vec<f32>>());
            samples.add(y, planes.each_ref().map(Vec::as_slice)).unwrap();
        }
        samples.tones(SIZE.rect())
    }

    #[test]
    fn a_sound_picture_needs_nothing() {
        let gray = tones(|v| [v; 3]);
        assert_eq!(gray.need, 0.0);
        let colour = tones(|v| [v, (3.7 * v) % 1.0, (2.3 * v) % 1.0]);
        assert_eq!((colour.need, colour.gray), (0.0, 0.0));
    }

    #[test]
    fn a_faded_and_yellowed_gray_picture_becomes_gray_and_gets_its_ends_back() {
        let faded = |v: f32| [0.3 + 0.62 * v, 0.28 + 0.58 * v, 0.25 + 0.5 * v];
        let tones = tones(faded);
        assert!(tones.need > 0.9 && tones.gray > 0.9, "{tones:?}");
        let [black, white] = [0.0, 1.0].map(|v| tones.correct(faded(v), 1.0));
        assert!(most(black) < 0.15 && least(white) > 0.93, "{black:?} {white:?}");
        assert!(most(white) - least(white) < 0.01 && most(black) - least(black) < 0.01);
    }

    #[test]
    fn ends_that_belong_to_the_picture_are_limited() {
        let sunset = tones(|v| [0.3 + 0.7 * v, 0.2 + 0.4 * v, 0.2 + 0.1 * v]);
        assert!(sunset.curves[2].point >= sunset.curves[0].point - APART - 1e-6, "{sunset:?}");
    }
}
