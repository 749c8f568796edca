//! The noise of the source around each of its pixels, as a standard deviation of encoded luminance.
//!
//! It is measured locally, so that a rectangle, a band and a row stream find what the whole picture finds, and so that dark and bright
//! areas have their own. The measure is Immerkær's: a mask that is zero for level and slanting areas and keeps noise (J.
//! Immerkær, *Fast Noise Variance Estimation*, 1996). Texture and edges raise it, so the smoothest place nearby
//! decides. Nothing here may change the source.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::plan::pass::PIXEL_BYTES;
use crate::run::run::Run;
use crate::stages::mask::luminance;
use crate::stages::row_buffer::RowBuffer;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// How far around a pixel the measure is averaged, in pixels: over squares of 7×7.
const MEAN_REACH: u32 = 3;
/// How far away the smoothest place may be, in pixels.
const LEAST_REACH: u32 = 6;
/// How far the places found are averaged again, in pixels, so that their borders do not show.
const SMOOTH_REACH: u32 = 4;
/// Immerkær's factor: the mean of absolute values of the mask, times this, is the standard deviation of normal noise.
const SCALE: f32 = 0.208_886; // sqrt(pi / 2) / 6
/// What the smallest of neighbouring means must be multiplied by, because it is below their mean. Measured on white noise.
const SMALLEST: f32 = 1.52;
/// The most noise that counts. What is stronger is texture that fills the surroundings.
const MOST: f32 = 14.0 / 255.0;
/// The most that one pixel counts for, so that a few edges do not outweigh the rest.
const MOST_OF_ONE: f32 = 2.5 * MOST;

/// How far around a pixel the stage needs the source, in pixels.
pub(crate) const REACH: u32 = 1 + MEAN_REACH + LEAST_REACH + SMOOTH_REACH;

/// The stage that measures: one plane.
pub(crate) struct SourceNoise<'a> {
    source: Window<'a>,
    /// The luminance of source rows.
    luminance: RowBuffer,
    /// The absolute values of the mask.
    differences: RowBuffer,
    means: RowBuffer,
    least: RowBuffer,
    wanted: Rect,
    /// The next row.
    y: u32,
}

impl<'a> SourceNoise<'a> {
    /// The noise around the pixels of `wanted`. `source` must give three planes of them, and of [`REACH`] pixels around
    /// them where the picture does not end before.
    pub(crate) fn new(source: BoxStage<'a>, wanted: Rect) -> Self {
        let buffer = || RowBuffer::new(source.rect().y);
        let (luminance, differences, means, least) = (buffer(), buffer(), buffer(), buffer());
        SourceNoise { source: Window::new(source), luminance, differences, means, least, wanted, y: wanted.y }
    }

    /// The rows within `reach` of row `y` that there are: from the first to before the second.
    fn around(&self, y: u32, reach: u32) -> (u32, u32) {
        let area = self.source.rect();
        (y.saturating_sub(reach).max(area.y), (y + reach + 1).min(area.bottom()))
    }

    fn width(&self) -> usize {
        self.source.rect().width as usize
    }

    fn add_luminance(&mut self, run: &mut Run<'_>) -> Result<()> {
        let y = self.luminance.end();
        self.source.fill(run, y + 1)?;
        let mut row = memory::zeros(self.width())?;
        luminance(self.source.row(y), &mut row);
        self.source.release(y + 1);
        self.luminance.push(row)
    }

    fn add_difference(&mut self, run: &mut Run<'_>) -> Result<()> {
        let y = self.differences.end();
        let (top, bottom) = self.around(y, 1);
        while self.luminance.end() < bottom {
            self.add_luminance(run)?;
        }
        // Beyond the border, the outermost row or column repeats.
        let (above, here, below) = (self.luminance.get(top), self.luminance.get(y), self.luminance.get(bottom - 1));
        let down = memory::collect(here.iter().zip(above).zip(below).map(|((v, a), b)| a + b - 2.0 * v))?;
        let last = down.len() - 1;
        let across = |x: usize| down[x.saturating_sub(1)] + down[(x + 1).min(last)] - 2.0 * down[x];
        let row = memory::collect((0..down.len()).map(|x| (SCALE * across(x).abs()).min(MOST_OF_ONE)))?;
        self.differences.push(row)
    }

    fn add_mean(&mut self, run: &mut Run<'_>) -> Result<()> {
        let y = self.means.end();
        let (top, bottom) = self.around(y, MEAN_REACH);
        while self.differences.end() < bottom {
            self.add_difference(run)?;
        }
        let row = mean(self.differences.range(top, bottom), self.width(), MEAN_REACH)?;
        self.means.push(row)
    }

    fn add_least(&mut self, run: &mut Run<'_>) -> Result<()> {
        let y = self.least.end();
        let (top, bottom) = self.around(y, LEAST_REACH);
        while self.means.end() < bottom {
            self.add_mean(run)?;
        }
        let mut down: Vec<f32> = memory::zeros(self.width())?;
        down.fill(f32::INFINITY);
        for row in self.means.range(top, bottom) {
            down.iter_mut().zip(row).for_each(|(v, other)| *v = v.min(*other));
        }
        let row = memory::collect(
            (0..down.len()).map(|x| near(&down, x, LEAST_REACH).iter().fold(f32::INFINITY, |a, b| a.min(*b))),
        )?;
        self.least.push(row)
    }

    /// The most bytes of the rows that wait.
    pub(crate) fn memory(width: u32) -> u128 {
        PIXEL_BYTES * u128::from(width) * 2 * u128::from(REACH)
    }
}

/// The values within `reach` of place `x`.
fn near(row: &[f32], x: usize, reach: u32) -> &[f32] {
    let reach = reach as usize;
    &row[x.saturating_sub(reach)..(x + reach + 1).min(row.len())]
}

/// For each place of a row, the mean over `rows` and the values within `reach`.
fn mean<'r>(rows: impl Iterator<Item = &'r [f32]>, width: usize, reach: u32) -> Result<Vec<f32>> {
    let mut down: Vec<f32> = memory::zeros(width)?;
    let mut count = 0.0;
    for row in rows {
        down.iter_mut().zip(row).for_each(|(v, other)| *v += other);
        count += 1.0;
    }
    memory::collect((0..width).map(|x| {
        let near = near(&down, x, reach);
        near.iter().sum::<f32>() / (count * near.len() as f32)
    }))
}

impl Stage for SourceNoise<'_> {
    fn rect(&self) -> Rect {
        self.wanted
    }

    fn channels(&self) -> usize {
        1
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let y = self.y;
        let (top, bottom) = self.around(y, SMOOTH_REACH);
        while self.least.end() < bottom {
            self.add_least(run)?;
        }
        let smooth = mean(self.least.range(top, bottom), self.width(), SMOOTH_REACH)?;
        let start = (self.wanted.x - self.source.rect().x) as usize;
        row.iter_mut().zip(&smooth[start..]).for_each(|(out, v)| *out = (SMALLEST * v).min(MOST));
        self.y += 1;
        self.least.release((y + 1).saturating_sub(SMOOTH_REACH));
        self.means.release(self.least.end().saturating_sub(LEAST_REACH));
        self.differences.release(self.means.end().saturating_sub(MEAN_REACH));
        self.luminance.release(self.differences.end().saturating_sub(1));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::run::cancel::Cancel;
    use crate::stages::grain_noise::normal;
    use crate::stages::test_rows::{Painted, with_run};

    const SIZE: Size = Size { width: 72, height: 64 };

    fn measured(paint: fn(u32, u32) -> f32, wanted: Rect) -> Vec<Vec<f32>> {
        let area = wanted.grown(REACH, SIZE);
        let mut stage = SourceNoise::new(Box::new(Painted::new(area, 3, paint)), wanted);
        let mut rows = vec![vec![0.0; wanted.width as usize]; wanted.height as usize];
        with_run(&Cancel::new(), |run| rows.iter_mut().for_each(|row| stage.next(run, row).unwrap()));
        rows
    }

    fn mean_of(rows: &[Vec<f32>]) -> f32 {
        rows.iter().flatten().sum::<f32>() / rows.iter().map(Vec::len).sum::<usize>() as f32
    }

    #[test]
    fn white_noise_is_found_with_its_deviation() {
        let found = [
            measured(|x, y| 0.5 + 2.0 / 255.0 * normal(x, y), SIZE.rect()),
            measured(|x, y| 0.5 + 5.0 / 255.0 * normal(x, y), SIZE.rect()),
            measured(|x, y| 0.2 + 0.005 * x as f32 + 5.0 / 255.0 * normal(x, y), SIZE.rect()),
        ];
        for (found, deviation) in found.iter().zip([2.0, 5.0, 5.0]) {
            let mean = 255.0 * mean_of(found);
            assert!((mean / deviation - 1.0).abs() < 0.15, "{mean} instead of {deviation}");
        }
    }

    #[test]
    fn level_areas_and_edges_have_none() {
        for paint in
            [(|_, _| 0.3) as fn(u32, u32) -> f32, |x, _| if x < 30 { 0.2 } else { 0.8 }, |x, y| (x + y) as f32 / 200.0]
        {
            let most = measured(paint, SIZE.rect()).into_iter().flatten().fold(0.0, f32::max);
            assert!(most < 0.1 / 255.0, "{most}");
        }
    }

    #[test]
    fn a_rectangle_has_the_noise_of_the_whole() {
        let paint: fn(u32, u32) -> f32 = |x, y| 0.5 + 0.001 * (y as f32) * normal(x, y);
        let whole = measured(paint, SIZE.rect());
        let rect = Rect { x: 20, y: 17, width: 9, height: 30 };
        for (row, y) in measured(paint, rect).iter().zip(rect.y..) {
            for (v, whole) in row.iter().zip(&whole[y as usize][rect.x as usize..]) {
                assert!((v - whole).abs() < 1e-6, "row {y}");
            }
        }
    }
}
