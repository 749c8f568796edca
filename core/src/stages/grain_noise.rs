//! The noise that grain is made of: for each pixel of the result, three values with mean 0 and deviation 1.
//!
//! Every value follows from the seed and the pixel's place in the whole result, never from a running generator. So tiles, bands and
//! rectangles get what the whole gets. A picture that repeats has noise that repeats with it. White noise is blurred to the size of a grain, and
//! what a wider blur leaves is taken away, so that no area becomes brighter or darker.

use std::collections::VecDeque;

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;

/// The planes: one for luminance, two for colour.
pub(crate) const PLANES: usize = 3;

/// The deviation of the blur that makes grains, in source pixels: they are about half as wide as one.
const GRAIN: f64 = 0.18;

/// How many times wider the blur is whose result is taken away.
const WIDER: f64 = 2.5;

/// How far a blur reaches, in its deviations.
const CUT: f64 = 2.5;

/// The weights of both blurs along one axis.
struct Blurs {
    fine: Vec<f32>,
    wide: Vec<f32>,
}

impl Blurs {
    /// For an axis that is enlarged by `factor`.
    fn new(factor: f64) -> Self {
        let fine = GRAIN * factor.max(1.0);
        Blurs { fine: gauss(fine), wide: gauss(WIDER * fine) }
    }

    /// How far they reach, in pixels.
    fn reach(&self) -> usize {
        self.wide.len() / 2
    }

    /// The sums of squares and products of the weights: fine, mixed, wide.
    fn powers(&self) -> [f64; 3] {
        let offset = (self.wide.len() - self.fine.len()) / 2;
        let sum = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum();
        [sum(&self.fine, &self.fine), sum(&self.fine, &self.wide[offset..]), sum(&self.wide, &self.wide)]
    }
}

/// The weights of a Gaussian of this deviation. They sum to 1.
fn gauss(deviation: f64) -> Vec<f32> {
    let reach = (CUT * deviation).ceil() as i32;
    let weight = |i: i32| (-0.5 * (f64::from(i) / deviation).powi(2)).exp();
    let sum: f64 = (-reach..=reach).map(weight).sum();
    (-reach..=reach).map(|i| (weight(i) / sum) as f32).collect()
}

/// Makes the noise of a rectangle of the result, row by row.
pub(crate) struct GrainNoise {
    seed: u32,
    /// The size after which the noise repeats.
    period: Option<Size>,
    rect: Rect,
    across: Blurs,
    down: Blurs,
    /// What brings the deviation to 1.
    scale: f32,
    /// Rows of noise, blurred along the row: the planes with the fine blur, then those with the wide one.
    rows: VecDeque<Vec<f32>>,
    /// The number of the row after the last of `rows`. Rows above the picture have negative numbers.
    end: i64,
    /// A row of white noise, and the columns around it that the blurs need.
    white: Vec<f32>,
    /// The next row.
    y: u32,
}

impl GrainNoise {
    /// The noise of `rect` of a result that is larger than the source by these factors across and down.
    pub(crate) fn new(seed: u32, factors: (f64, f64), period: Option<Size>, rect: Rect) -> Result<Self> {
        let (across, down) = (Blurs::new(factors.0), Blurs::new(factors.1));
        let (a, d) = (across.powers(), down.powers());
        let variance = a[0] * d[0] - 2.0 * a[1] * d[1] + a[2] * d[2];
        let white = memory::zeros(PLANES * (rect.width as usize + 2 * across.reach()))?;
        let end = i64::from(rect.y) - down.reach() as i64;
        let scale = (1.0 / variance.sqrt()) as f32;
        Ok(GrainNoise { seed, period, rect, across, down, scale, rows: VecDeque::new(), end, white, y: rect.y })
    }

    /// Fills `out`, which has room for the planes of a row, with the next row.
    pub(crate) fn next(&mut self, out: &mut [f32]) -> Result<()> {
        let reach = self.down.reach() as i64;
        while self.end <= i64::from(self.y) + reach {
            self.add_row()?;
        }
        while self.rows.len() > self.down.wide.len() {
            self.rows.pop_front();
        }
        out.fill(0.0);
        let length = out.len();
        for (row, weight) in self.rows.iter().zip(&self.down.wide) {
            out.iter_mut().zip(&row[length..]).for_each(|(v, wide)| *v -= weight * wide);
        }
        let offset = (self.down.wide.len() - self.down.fine.len()) / 2;
        for (row, weight) in self.rows.iter().skip(offset).zip(&self.down.fine) {
            out.iter_mut().zip(row).for_each(|(v, fine)| *v += weight * fine);
        }
        out.iter_mut().for_each(|v| *v *= self.scale);
        self.y += 1;
        Ok(())
    }

    fn add_row(&mut self) -> Result<()> {
        let (width, reach) = (self.rect.width as usize, self.across.reach());
        let length = width + 2 * reach;
        let start = i64::from(self.rect.x) - reach as i64;
        let wrapped = |at: i64, side: Option<u32>| side.map_or(at, |side| at.rem_euclid(i64::from(side)));
        let y = wrapped(self.end, self.period.map(|period| period.height));
        for (at, x) in (start..start + length as i64).enumerate() {
            let bits = hash(self.seed, wrapped(x, self.period.map(|period| period.width)), y);
            for plane in 0..PLANES {
                self.white[plane * length + at] = uniform(bits >> (21 * plane));
            }
        }
        let mut row: Vec<f32> = memory::zeros(2 * PLANES * width)?;
        let (fine, wide) = row.split_at_mut(PLANES * width);
        for (weights, out) in [(&self.across.fine, fine), (&self.across.wide, wide)] {
            let offset = reach - weights.len() / 2;
            for (out, white) in out.chunks_exact_mut(width).zip(self.white.chunks_exact(length)) {
                for (k, weight) in weights.iter().enumerate() {
                    out.iter_mut().zip(&white[offset + k..]).for_each(|(v, w)| *v += weight * w);
                }
            }
        }
        self.end += 1;
        memory::push(&mut self.rows, row)
    }

    /// The most bytes of the rows that wait, for a result of this width.
    pub(crate) fn memory(factor: f64, width: u32) -> u128 {
        4 * 2 * PLANES as u128 * u128::from(width) * (Blurs::new(factor).wide.len() as u128 + 2)
    }
}

/// Bits that look random: the finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, *Fast Splittable Pseudorandom Number Generators*,
/// 2014) over the seed and the place.
fn hash(seed: u32, x: i64, y: i64) -> u64 {
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let row = mix((y as u64).wrapping_add(u64::from(seed) << 32).wrapping_add(GOLDEN));
    mix(row.wrapping_add((x as u64).wrapping_mul(GOLDEN)))
}

/// A value of a uniform distribution with mean 0 and deviation 1, from the lowest 21 bits.
fn uniform(bits: u64) -> f32 {
    let share = ((bits & 0x1f_ffff) as f32 + 0.5) / 2_097_152.0;
    (share - 0.5) * 3.464_101_6 // twice the square root of 3
}

/// White noise that is nearly normal, for tests.
#[cfg(test)]
pub(crate) fn normal(x: u32, y: u32) -> f32 {
    let value = |seed| uniform(hash(seed, i64::from(x), i64::from(y)));
    (1..=4).map(value).sum::<f32>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32, factor: f64, period: Option<Size>, rect: Rect) -> Vec<Vec<f32>> {
        let mut noise = GrainNoise::new(seed, (factor, factor), period, rect).unwrap();
        let mut rows = vec![vec![0.0; PLANES * rect.width as usize]; rect.height as usize];
        rows.iter_mut().for_each(|row| noise.next(row).unwrap());
        rows
    }

    const WHOLE: Rect = Rect { x: 0, y: 0, width: 160, height: 120 };

    #[test]
    fn it_has_mean_0_and_deviation_1_for_every_factor() {
        for factor in [0.5, 1.0, 2.0, 4.0, 7.5, 16.0] {
            let rows = noise(1, factor, None, WHOLE);
            for plane in 0..PLANES {
                let values: Vec<f64> =
                    rows.iter().flat_map(|row| &row[plane * 160..][..160]).map(|v| f64::from(*v)).collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let variance = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
                // The larger the grains, the fewer of them the picture has.
                assert!(mean.abs() < 0.02 + 0.005 * factor, "×{factor}: mean {mean}");
                assert!((variance - 1.0).abs() < 0.2, "×{factor}: variance {variance}");
            }
        }
    }

    #[test]
    fn grains_grow_with_the_factor() {
        let alike = |factor: f64, distance: usize| {
            let rows = noise(1, factor, None, WHOLE);
            let pairs = rows.iter().flat_map(|row| row[..160].iter().zip(&row[distance..160]));
            pairs.map(|(a, b)| a * b).sum::<f32>() / (120 * (160 - distance)) as f32
        };
        assert!(alike(1.0, 1) < 0.1, "{}", alike(1.0, 1));
        assert!(alike(4.0, 1) > 0.3 && alike(4.0, 4) < 0.2, "{} {}", alike(4.0, 1), alike(4.0, 4));
        assert!(
            alike(8.0, 2) > 0.3 && alike(8.0, 1) > 0.6 && alike(8.0, 8) < 0.2,
            "{} {}",
            alike(8.0, 2),
            alike(8.0, 8)
        );
    }

    #[test]
    fn a_rectangle_has_the_noise_of_the_whole() {
        let whole = noise(7, 3.0, None, WHOLE);
        let rect = Rect { x: 33, y: 41, width: 20, height: 30 };
        for (row, y) in noise(7, 3.0, None, rect).iter().zip(rect.y..) {
            for plane in 0..PLANES {
                assert_eq!(row[plane * 20..][..20], whole[y as usize][plane * 160 + 33..][..20]);
            }
        }
        assert_ne!(noise(8, 3.0, None, rect), noise(7, 3.0, None, rect), "another seed");
    }

    #[test]
    fn it_repeats_with_the_picture() {
        let period = Size { width: 40, height: 30 };
        let rows = noise(1, 4.0, Some(period), WHOLE);
        for y in 0..30 {
            assert_eq!(rows[y], rows[y + 30]);
            assert_eq!(rows[y][..40], rows[y][40..80]);
        }
    }
}
