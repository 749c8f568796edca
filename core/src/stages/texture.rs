//! Texture: adds detail that is not in the source, on purpose, to what a network has made of it.
//!
//! Two things are added to luminance, and nothing to colour. Where the network has drawn fine detail, its *local contrast* grows: the
//! difference of a pixel from the mean of its neighbourhood. And *grain-like noise* is added that follows this detail, so that fur and stone
//! get more of it than skin and sky. Beside strong edges both fade out, so that no edge moves and none gets a halo; towards black and white
//! they fade out as well, so that nothing is clipped.
//!
//! The stage stands between a network and the colour lock, which takes away what it adds to low frequencies and to flat areas. It must not
//! be used without the colour lock. What it adds depends on the place in the whole result, never on the rectangle or the band.

use crate::colour::colour::LUMINANCE;
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::plan::pass::{PIXEL_BYTES, Pass};
use crate::run::run::Run;
use crate::stages::grain_noise::{GrainNoise, PLANES};
use crate::stages::row_buffer::RowBuffer;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// How far the neighbourhood of a pixel reaches, in pixels before the enlargement.
const NEIGHBOURHOOD: u32 = 1;

/// How far around a pixel the stage needs the network's result, in pixels before the enlargement: the deviation is a mean of
/// differences from means.
pub(crate) const REACH: u32 = 2 * NEIGHBOURHOOD;

/// At full creativity, detail becomes larger by this share of itself. Chosen by eye, on photos: with more, fur looks like wire.
const CONTRAST: f32 = 0.9;

/// The deviation of the noise at full creativity: where there is no detail, and what each unit of the detail's deviation adds. Chosen by
/// eye, too: a sky must stay a sky.
const NOISE: (f32, f32) = (1.5 / 255.0, 0.5);

/// The deviation of a neighbourhood at which what is added is halved. Fine texture of photos has less; an edge has more. With 0.05, an
/// edge of 0.6 got a halo of 2/255.
const EDGE: f32 = 0.04;

/// Makes the pattern another one than that of grain with the same seed.
const PATTERN: u32 = 0x7e87_0000;

/// The stage that adds texture. Rows are three planes, sRGB-encoded, and may go beyond 0 to 1.
pub(crate) struct Texture<'a> {
    /// The network's result, at least [`REACH`] times `scale` around `wanted`, where the picture does not end before.
    network: Window<'a>,
    noise: GrainNoise,
    /// In pixels of the result.
    wanted: Rect,
    /// How far a neighbourhood reaches, in pixels of the result.
    reach: u32,
    /// 0 to 1.
    amount: f32,
    /// Luminance, over the columns of `network`.
    light: RowBuffer,
    /// Luminance less the mean of its neighbourhood.
    detail: RowBuffer,
    /// A row of the mean of the squares of `detail`.
    power: Vec<f32>,
    grains: Vec<f32>,
    y: u32,
}

/// What makes the noise of texture: the seed, how many times larger the result of the pass is than the source, and the size after
/// which it repeats.
pub(crate) fn noise(seed: u32, factors: (f64, f64), period: Option<Size>, wanted: Rect) -> Result<GrainNoise> {
    GrainNoise::new(seed ^ PATTERN, factors, period, wanted)
}

impl<'a> Texture<'a> {
    /// The rows of `noise`'s rectangle `wanted`, out of `network`, which is `scale` times as large as what the network read.
    pub(crate) fn new(network: BoxStage<'a>, noise: GrainNoise, wanted: Rect, scale: u32, amount: f32) -> Result<Self> {
        let area = network.rect();
        let (power, grains) = (memory::zeros(area.width as usize)?, memory::zeros(PLANES * wanted.width as usize)?);
        Ok(Texture {
            network: Window::new(network),
            noise,
            wanted,
            reach: NEIGHBOURHOOD * scale,
            amount,
            light: RowBuffer::new(area.y),
            detail: RowBuffer::new(area.y),
            power,
            grains,
            y: wanted.y,
        })
    }

    /// The most bytes of the rows that wait, for a pass with texture.
    pub(crate) fn memory(pass: &Pass, factor: f64) -> u128 {
        let width = u128::from(pass.grid.area.width) * u128::from(pass.scale);
        let rows = u128::from(2 * REACH * pass.scale + 2);
        // Three planes of the network's result, luminance and detail.
        (PIXEL_BYTES + 8) * width * rows + GrainNoise::memory(factor, width as u32)
    }

    /// The rows around row `y` that there are: the first, and the one after the last.
    fn around(&self, y: u32) -> (u32, u32) {
        let area = self.network.rect();
        (y.saturating_sub(self.reach).max(area.y), (y + self.reach + 1).min(area.bottom()))
    }

    /// Adds a row of luminance.
    fn add_light(&mut self, run: &mut Run<'_>) -> Result<()> {
        let y = self.light.end();
        self.network.fill(run, y + 1)?;
        let [red, green, blue] = [0, 1, 2].map(|channel| self.network.plane(y, channel));
        let [r, g, b] = LUMINANCE;
        let pixels = red.iter().zip(green).zip(blue);
        self.light.push(memory::collect(pixels.map(|((red, green), blue)| r * red + g * green + b * blue))?)
    }

    /// Adds a row of detail.
    fn add_detail(&mut self, run: &mut Run<'_>) -> Result<()> {
        let y = self.detail.end();
        let (top, bottom) = self.around(y);
        while self.light.end() < bottom {
            self.add_light(run)?;
        }
        let mut row: Vec<f32> = memory::zeros(self.network.rect().width as usize)?;
        mean(self.light.range(top, bottom), self.reach as usize, &mut row)?;
        row.iter_mut().zip(self.light.get(y)).for_each(|(v, light)| *v = light - *v);
        self.detail.push(row)?;
        self.light.release(self.around(y + 1).0);
        Ok(())
    }
}

/// The mean of each sample and its neighbours in `rows` and up to `reach` columns away. Beyond the ends of a row there are none.
fn mean<'r>(rows: impl Iterator<Item = &'r [f32]>, reach: usize, out: &mut [f32]) -> Result<()> {
    let (mut down, mut count): (Vec<f32>, usize) = (memory::zeros(out.len())?, 0);
    for row in rows {
        down.iter_mut().zip(row).for_each(|(v, other)| *v += other);
        count += 1;
    }
    out.copy_from_slice(&down);
    for away in 1..=reach.min(out.len().saturating_sub(1)) {
        out[away..].iter_mut().zip(&down).for_each(|(v, left)| *v += left);
        out.iter_mut().zip(&down[away..]).for_each(|(v, right)| *v += right);
    }
    let width = out.len();
    for (x, v) in out.iter_mut().enumerate() {
        let columns = (x + reach + 1).min(width) - x.saturating_sub(reach);
        *v /= (columns * count) as f32;
    }
    Ok(())
}

/// The share of what is added at an encoded value: 0 at black and white, nearly 1 between them.
fn at_tone(v: f32) -> f32 {
    let from_middle = (2.0 * v - 1.0).powi(2);
    (1.0 - from_middle * from_middle).max(0.0)
}

impl Stage for Texture<'_> {
    fn rect(&self) -> Rect {
        self.wanted
    }

    fn channels(&self) -> usize {
        3
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let y = self.y;
        let (top, bottom) = self.around(y);
        while self.detail.end() < bottom {
            self.add_detail(run)?;
        }
        let squares: Vec<Vec<f32>> = self
            .detail
            .range(top, bottom)
            .map(|row| memory::collect(row.iter().map(|v| v * v)))
            .collect::<Result<_>>()?;
        mean(squares.iter().map(Vec::as_slice), self.reach as usize, &mut self.power)?;
        self.noise.next(&mut self.grains)?;
        let width = self.wanted.width as usize;
        let start = (self.wanted.x - self.network.rect().x) as usize;
        let (detail, power) = (&self.detail.get(y)[start..][..width], &self.power[start..][..width]);
        for (channel, out) in row.chunks_exact_mut(width).enumerate() {
            let network = &self.network.plane(y, channel)[start..][..width];
            for (x, (out, v)) in out.iter_mut().zip(network).enumerate() {
                // The square of the ratio of the power to an edge's is the fourth power of that of deviations.
                let fade = 1.0 / (1.0 + (power[x] / (EDGE * EDGE)).powi(2));
                let noise = (NOISE.0 + NOISE.1 * power[x].sqrt()) * self.grains[x];
                *out = v + self.amount * fade * at_tone(*v) * (CONTRAST * detail[x] + noise);
            }
        }
        self.y += 1;
        self.network.release(self.y);
        self.detail.release(self.around(self.y).0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Numbered, Painted, with_run};

    const SIZE: Size = Size { width: 120, height: 90 };

    fn textured(network: BoxStage<'_>, wanted: Rect, amount: f32) -> Vec<Vec<f32>> {
        let grains = noise(1, (2.0, 2.0), None, wanted).unwrap();
        let mut stage = Texture::new(network, grains, wanted, 2, amount).unwrap();
        let mut rows = vec![vec![0.0; 3 * wanted.width as usize]; wanted.height as usize];
        with_run(&Cancel::new(), |run| rows.iter_mut().for_each(|row| stage.next(run, row).unwrap()));
        rows
    }

    fn painted(paint: fn(u32, u32) -> f32, amount: f32) -> Vec<Vec<f32>> {
        textured(Box::new(Painted::new(SIZE.rect(), 3, paint)), SIZE.rect(), amount)
    }

    fn wave(x: u32, y: u32) -> f32 {
        0.5 + 0.03 * (x as f32 * 1.3).sin() * (y as f32 * 1.1).cos()
    }

    /// The mean and the deviation from `of`, out of 255, of all samples.
    fn figures(rows: &[Vec<f32>], of: impl Fn(u32, u32) -> f32) -> (f64, f64) {
        let width = SIZE.width as usize;
        let off: Vec<f64> = rows
            .iter()
            .zip(0..)
            .flat_map(|(row, y)| row[..width].iter().zip(0..).map(move |(v, x)| (*v, x, y)))
            .map(|(v, x, y)| 255.0 * f64::from(v - of(x, y)))
            .collect();
        let mean = off.iter().sum::<f64>() / off.len() as f64;
        (mean, (off.iter().map(|v| v * v).sum::<f64>() / off.len() as f64).sqrt())
    }

    #[test]
    fn detail_and_noise_grow_with_the_amount_and_the_mean_stays() {
        let (none, half, full) = (painted(wave, 0.0), painted(wave, 0.5), painted(wave, 1.0));
        assert_eq!(figures(&none, wave), (0.0, 0.0));
        let ((half_mean, half), (full_mean, full)) = (figures(&half, wave), figures(&full, wave));
        assert!(half_mean.abs() < 0.1 && full_mean.abs() < 0.15, "{half_mean}, {full_mean}");
        assert!(half > 1.0 && (full - 2.0 * half).abs() < 0.05, "{half}, {full}");
        let contrast = figures(&painted(wave, 1.0), |_, _| 0.5).1 / figures(&none, |_, _| 0.5).1;
        assert!(contrast > 1.5, "{contrast}");
    }

    #[test]
    fn black_white_and_gray_stay() {
        for tone in [0.0, 1.0] {
            let paint: fn(u32, u32) -> f32 = if tone == 0.0 { |_, _| 0.0 } else { |_, _| 1.0 };
            assert!(painted(paint, 1.0).iter().flatten().all(|v| *v == tone), "{tone}");
        }
        let width = SIZE.width as usize;
        for row in painted(wave, 1.0) {
            assert!(row[..width] == row[width..2 * width] && row[..width] == row[2 * width..], "gray stays gray");
        }
    }

    #[test]
    fn an_edge_stays_where_it_is_and_gets_no_halo() {
        let edge: fn(u32, u32) -> f32 = |x, _| 0.5 + 0.3 * ((x as f32 - 59.3) / 1.2).tanh();
        let crossing = |row: &[f32]| {
            let x = row.iter().position(|v| *v >= 0.5).unwrap();
            x as f32 - (row[x] - 0.5) / (row[x] - row[x - 1])
        };
        let width = SIZE.width as usize;
        let rows = painted(edge, 1.0);
        let mean: Vec<f32> = (0..width).map(|x| rows.iter().map(|row| row[x]).sum::<f32>() / 90.0).collect();
        assert!((crossing(&mean) - 59.3).abs() < 0.05, "{}", crossing(&mean));
        let beyond = mean.iter().map(|v| (v - 0.8).max(0.2 - v)).fold(0.0, f32::max);
        assert!(beyond < 1.5 / 255.0, "{}", beyond * 255.0);
    }

    #[test]
    fn a_rectangle_is_that_part_of_the_whole() {
        let whole = textured(Box::new(Numbered::new(SIZE.rect(), 3)), SIZE.rect(), 1.0);
        for wanted in [Rect { x: 40, y: 30, width: 22, height: 18 }, Rect { x: 0, y: 70, width: 120, height: 20 }] {
            let read = wanted.grown(REACH * 2, SIZE);
            let part = textured(Box::new(Numbered::new(read, 3)), wanted, 1.0);
            for (row, y) in part.iter().zip(wanted.y as usize..) {
                for (channel, plane) in row.chunks_exact(wanted.width as usize).enumerate() {
                    let start = channel * SIZE.width as usize + wanted.x as usize;
                    let same = plane.iter().zip(&whole[y][start..]).all(|(a, b)| (a - b).abs() < 1e-6);
                    assert!(same, "row {y} of {wanted:?}");
                }
            }
        }
    }
}
