//! Grain: gives a result back the fine grain that a network has smoothed away.
//!
//! Its strength is that of the source's own noise at the place, and at least that of a fine film. It depends on tone as that of film
//! does: strongest between black and white, and none at black and white, which stay as they are. Nearly all of it is luminance; colour gets a
//! little where the picture has colour, so that gray stays gray. The mean of no channel moves, because the noise has the mean 0
//! and does not depend on the picture.

use crate::colour::colour::LUMINANCE;
use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::grain_noise::{GrainNoise, PLANES};
use crate::stages::stage::{BoxStage, Stage};

/// The deviation of the grain where the source has less noise: that of a fine film.
const FILM: f32 = 4.0 / 255.0;

/// The deviation of colour as a share of that of luminance.
const COLOUR: f32 = 0.25;

/// The chroma (largest channel less smallest) from which on colour gets its full share.
const COLOURED: f32 = 0.2;

/// The stage that adds grain.
pub(crate) struct Grain<'a> {
    colour: BoxStage<'a>,
    /// The noise of the source, enlarged.
    source_noise: BoxStage<'a>,
    /// The enlarged mask, by which the amount is multiplied.
    mask: Option<BoxStage<'a>>,
    noise: GrainNoise,
    /// 0 to 1.
    amount: f32,
    /// Rows of `source_noise`, `mask` and `noise`.
    deviations: Vec<f32>,
    shares: Vec<f32>,
    grains: Vec<f32>,
}

impl<'a> Grain<'a> {
    /// All stages, and the noise, are of the same rectangle of the result.
    pub(crate) fn new(
        colour: BoxStage<'a>,
        source_noise: BoxStage<'a>,
        mask: Option<BoxStage<'a>>,
        noise: GrainNoise,
        amount: f32,
    ) -> Result<Self> {
        let width = colour.rect().width as usize;
        let (deviations, mut shares, grains) =
            (memory::zeros(width)?, memory::zeros(width)?, memory::zeros(PLANES * width)?);
        shares.fill(1.0);
        Ok(Grain { colour, source_noise, mask, noise, amount, deviations, shares, grains })
    }
}

/// The strength of grain at an encoded value: 0 at black and white, 1 between them.
fn at_tone(v: f32) -> f32 {
    let from_middle = (2.0 * v - 1.0).powi(2);
    1.0 - from_middle * from_middle
}

impl Stage for Grain<'_> {
    fn rect(&self) -> Rect {
        self.colour.rect()
    }

    fn channels(&self) -> usize {
        self.colour.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.colour.next(run, row)?;
        self.source_noise.next(run, &mut self.deviations)?;
        if let Some(mask) = &mut self.mask {
            mask.next(run, &mut self.shares)?;
        }
        self.noise.next(&mut self.grains)?;
        let width = self.shares.len();
        let (red, rest) = row.split_at_mut(width);
        let (green, blue) = rest.split_at_mut(width);
        for x in 0..width {
            let deviation = self.amount * self.shares[x] * self.deviations[x].max(FILM);
            let (r, g, b) = (red[x], green[x], blue[x]);
            let chroma = r.max(g).max(b) - r.min(g).min(b);
            let colour = COLOUR * (chroma / COLOURED).min(1.0);
            let light = self.grains[x];
            // Green balances red and blue, so that colour has no luminance.
            let (more_red, more_blue) = (colour * self.grains[width + x], colour * self.grains[2 * width + x]);
            let more_green = -(LUMINANCE[0] * more_red + LUMINANCE[2] * more_blue) / LUMINANCE[1];
            for (v, more) in [(&mut red[x], more_red), (&mut green[x], more_green), (&mut blue[x], more_blue)] {
                *v = (*v + deviation * at_tone(*v) * (light + more)).clamp(0.0, 1.0);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Painted, with_run};

    const RECT: Rect = Rect { x: 0, y: 0, width: 200, height: 150 };

    fn grained(paint: fn(u32, u32) -> f32, noise: fn(u32, u32) -> f32, mask: Option<fn(u32, u32) -> f32>) -> Vec<f32> {
        let one = |paint| Box::new(Painted::new(RECT, 1, paint)) as BoxStage<'static>;
        let grains = GrainNoise::new(1, (3.0, 3.0), None, RECT).unwrap();
        let colour = Box::new(Painted::new(RECT, 3, paint));
        let mut stage = Grain::new(colour, one(noise), mask.map(one), grains, 1.0).unwrap();
        let mut all = Vec::new();
        with_run(&Cancel::new(), |run| {
            for _ in 0..RECT.height {
                let mut row = vec![0.0; 600];
                stage.next(run, &mut row).unwrap();
                assert_eq!((&row[..200], &row[200..400]), (&row[400..], &row[400..]), "gray stays gray");
                all.extend_from_slice(&row[..200]);
            }
        });
        all
    }

    /// The mean and the deviation, out of 255.
    fn figures(values: &[f32]) -> (f64, f64) {
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / values.len() as f64;
        (255.0 * mean, 255.0 * variance.sqrt())
    }

    #[test]
    fn the_mean_stays_and_the_strength_depends_on_tone_and_on_the_source() {
        let none: fn(u32, u32) -> f32 = |_, _| 0.0;
        let noisy: fn(u32, u32) -> f32 = |_, _| 10.0 / 255.0;
        type Paint = fn(u32, u32) -> f32;
        let tones: [(Paint, f64); 5] =
            [(|_, _| 0.0, 0.0), (|_, _| 0.04, 0.04), (|_, _| 0.5, 0.5), (|_, _| 0.9, 0.9), (|_, _| 1.0, 1.0)];
        let mut deviations = Vec::new();
        for (paint, tone) in tones {
            let (mean, deviation) = figures(&grained(paint, none, None));
            let (noisy_mean, noisy_deviation) = figures(&grained(paint, noisy, None));
            for mean in [mean, noisy_mean] {
                assert!((mean - 255.0 * tone).abs() < 0.1, "{tone}: the mean is {mean}");
            }
            assert!((noisy_deviation - 2.5 * deviation).abs() < 0.25, "{tone}: {deviation} and {noisy_deviation}");
            deviations.push(deviation);
        }
        assert!(deviations[0] == 0.0 && deviations[4] == 0.0, "black and white stay: {deviations:?}");
        assert!((deviations[2] - 4.0).abs() < 0.4 && deviations[1] < 1.6 && deviations[3] < 3.2, "{deviations:?}");
    }

    #[test]
    fn a_mask_keeps_it_away() {
        let values = grained(|_, _| 0.5, |_, _| 0.0, Some(|x, _| if x < 100 { 0.0 } else { 1.0 }));
        let (left, right): (Vec<_>, Vec<_>) = (0..values.len()).partition(|at| at % 200 < 100);
        assert!(left.iter().all(|at| values[*at] == 0.5));
        assert!(right.iter().filter(|at| values[**at] != 0.5).count() > right.len() / 2);
    }
}
