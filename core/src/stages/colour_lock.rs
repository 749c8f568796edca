//! Colour lock: corrects the network's colours from the source.
//!
//! Networks drift: flat gray 128 becomes 131, a gray photo gets a tint, white becomes 254. This stage restores the low
//! frequencies of the source and keeps gray pixels gray and flat colours exact. It must not change detail.
//!
//! It works on sRGB-encoded values, because networks were trained on them: there a source pixel is, nearly, the average
//! of the result's pixels that cover it. Let S be the source, R the result and D the average of R over each source
//! pixel. Then R + blur(S - D) has the low frequencies and the mean of S. Where the source is flat ([`FLAT`],
//! [`FLAT_REACH`]) the enlarged source replaces the result; where it is gray ([`GRAY`], [`GRAY_REACH`]) the mean of the
//! three channels does.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::plan::pass::{PIXEL_BYTES, Pass};
use crate::run::run::Run;
use crate::stages::mirror::symmetric;
use crate::stages::row_buffer::RowBuffer;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// The reach of the triangle t, in source pixels. The blur is 2 t - t * t, where * is convolution (Tukey's twicing): it
/// passes low frequencies with an error of the fourth order instead of the second.
const TRIANGLE_REACH: u32 = 5;
/// The reach of the blur, in source pixels.
const BLUR_REACH: u32 = 2 * TRIANGLE_REACH;
/// How far around a source pixel the source must be flat, in source pixels.
const FLAT_REACH: u32 = 2;
/// The spread (largest value less smallest, in the channel where it is largest): flat up to the first bound, not flat
/// from the second on.
const FLAT: (f32, f32) = (0.5 / 255.0, 2.0 / 255.0);
/// How far around a source pixel the source must be gray, in source pixels.
const GRAY_REACH: u32 = 1;
/// The chroma (largest channel less smallest): gray up to the first bound, not gray from the second on.
pub(crate) const GRAY: (f32, f32) = (0.5 / 255.0, 2.0 / 255.0);

/// How far around a source pixel the stage needs the source and the result, in source pixels: the blur, and one pixel
/// to interpolate corrections.
pub(crate) const REACH: u32 = BLUR_REACH + 1;

/// The stage that corrects colours. All rows are three planes, sRGB-encoded; the result may go beyond 0 to 1.
pub(crate) struct ColourLock<'a> {
    /// R: the network's result, `scale` times the source's rectangle.
    result: Window<'a>,
    /// S: the source, over the wanted pixels and at least [`REACH`] around them, where the picture does not end before.
    source: Window<'a>,
    /// The size of the whole source.
    picture: Size,
    /// The source pixels whose enlargement is wanted.
    wanted: Rect,
    scale: usize,
    /// S - D for source rows, blurred along the row but not yet down the columns: three planes.
    differences: RowBuffer,
    /// The corrections of source rows: [`CORRECTION_PLANES`] planes.
    corrections: RowBuffer,
    /// The next output row.
    y: u32,
    /// The weights of the blur, from -[`BLUR_REACH`] to [`BLUR_REACH`].
    blur: Vec<f32>,
}

/// The planes of a row of corrections: blur(S - D), three planes; S, three planes; the flatness and the grayness of the
/// source, 0 to 1, one plane each.
const ADD: usize = 0;
const SOURCE: usize = 3;
const FLATNESS: usize = 6;
const GRAYNESS: usize = 7;
const CORRECTION_PLANES: usize = 8;

impl<'a> ColourLock<'a> {
    /// Corrects `result` from `source`, which covers the same area at 1 / `scale` of its size. The rows made are those
    /// of `wanted`, a rectangle of the source, times `scale`. `picture` is the size of the whole source.
    pub(crate) fn new(result: BoxStage<'a>, source: BoxStage<'a>, picture: Size, wanted: Rect, scale: u32) -> Self {
        let area = source.rect();
        ColourLock {
            result: Window::new(result),
            source: Window::new(source),
            picture,
            wanted,
            scale: scale as usize,
            differences: RowBuffer::new(area.y),
            corrections: RowBuffer::new(wanted.y.saturating_sub(1).max(area.y)),
            y: wanted.y * scale,
            blur: blur(),
        }
    }

    /// Row or column `i`, mirrored into a picture of `length` rows or columns and clamped to those from `start` to
    /// before `end`.
    fn inside(i: i64, length: u32, start: u32, end: u32) -> u32 {
        symmetric(i, length).clamp(start, end - 1)
    }

    /// Computes S - D for the next source row and blurs it along the row.
    fn add_difference(&mut self, run: &mut Run<'_>) -> Result<()> {
        let (y, scale) = (self.differences.end(), self.scale);
        let area = self.source.rect();
        self.source.fill(run, y + 1)?;
        self.result.fill(run, (y + 1) * scale as u32)?;
        let width = area.width as usize;
        let mut row = memory::collect(self.source.row(y).iter().copied())?;
        let share = 1.0 / (scale * scale) as f32;
        for line in 0..scale {
            for (channel, out) in row.chunks_exact_mut(width).enumerate() {
                let plane = self.result.plane(y * scale as u32 + line as u32, channel);
                for (v, pixels) in out.iter_mut().zip(plane.chunks_exact(scale)) {
                    *v -= pixels.iter().sum::<f32>() * share;
                }
            }
        }
        let mut blurred: Vec<f32> = memory::zeros(row.len())?;
        let reach = i64::from(BLUR_REACH);
        let column = |i: i64| (Self::inside(i, self.picture.width, area.x, area.right()) - area.x) as usize;
        let mut padded: Vec<f32> = memory::zeros(width + 2 * reach as usize)?;
        for (out, plane) in blurred.chunks_exact_mut(width).zip(row.chunks_exact(width)) {
            padded[reach as usize..][..width].copy_from_slice(plane);
            for i in 0..reach as usize {
                padded[i] = plane[column(i64::from(area.x) + i as i64 - reach)];
                padded[width + reach as usize + i] = plane[column(i64::from(area.right()) + i as i64)];
            }
            for (k, weight) in self.blur.iter().enumerate() {
                out.iter_mut().zip(&padded[k..]).for_each(|(v, p)| *v += weight * p);
            }
        }
        self.differences.push(blurred)
    }

    /// Computes the corrections of the next source row.
    fn add_correction(&mut self, run: &mut Run<'_>) -> Result<()> {
        let (y, area) = (self.corrections.end(), self.source.rect());
        let bottom = (y + BLUR_REACH + 1).min(area.bottom());
        while self.differences.end() < bottom {
            self.add_difference(run)?;
        }
        let width = area.width as usize;
        let mut row: Vec<f32> = memory::zeros(CORRECTION_PLANES * width)?;
        for (k, weight) in self.blur.iter().enumerate() {
            let i = i64::from(y) + k as i64 - i64::from(BLUR_REACH);
            let from = self.differences.get(Self::inside(i, self.picture.height, area.y, area.bottom()));
            row.iter_mut().zip(from).for_each(|(v, d)| *v += weight * d);
        }
        row[SOURCE * width..][..3 * width].copy_from_slice(self.source.row(y));
        self.flatness(y, &mut row[FLATNESS * width..][..width])?;
        self.grayness(y, &mut row[GRAYNESS * width..][..width])?;
        self.corrections.push(row)?;
        self.differences.release(y.saturating_sub(BLUR_REACH));
        Ok(())
    }

    /// Writes to `out` how flat the source is around each pixel of row `y`: 1 flat, 0 not flat. `out` must be zero.
    fn flatness(&self, y: u32, out: &mut [f32]) -> Result<()> {
        let area = self.source.rect();
        let width = area.width as usize;
        let (top, bottom) = (y.saturating_sub(FLAT_REACH).max(area.y), (y + FLAT_REACH + 1).min(area.bottom()));
        let (mut low, mut high): (Vec<f32>, Vec<f32>) = (memory::zeros(width)?, memory::zeros(width)?);
        for channel in 0..3 {
            low.fill(f32::INFINITY);
            high.fill(f32::NEG_INFINITY);
            for y in top..bottom {
                let plane = self.source.plane(y, channel);
                low.iter_mut().zip(plane).for_each(|(l, v)| *l = l.min(*v));
                high.iter_mut().zip(plane).for_each(|(h, v)| *h = h.max(*v));
            }
            let reach = FLAT_REACH as usize;
            for (x, out) in out.iter_mut().enumerate() {
                let near = x.saturating_sub(reach)..(x + reach + 1).min(width);
                let least = low[near.clone()].iter().fold(f32::INFINITY, |a, b| a.min(*b));
                let most = high[near].iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b));
                *out = out.max(most - least);
            }
        }
        out.iter_mut().for_each(|v| *v = fall(*v, FLAT));
        Ok(())
    }

    /// Writes to `out` how gray the source is around each pixel of row `y`: 1 gray, 0 not gray.
    fn grayness(&self, y: u32, out: &mut [f32]) -> Result<()> {
        let area = self.source.rect();
        let width = area.width as usize;
        let (top, bottom) = (y.saturating_sub(GRAY_REACH).max(area.y), (y + GRAY_REACH + 1).min(area.bottom()));
        let mut chroma: Vec<f32> = memory::zeros(width)?;
        for y in top..bottom {
            let [red, green, blue] = [0, 1, 2].map(|c| self.source.plane(y, c));
            for (x, v) in chroma.iter_mut().enumerate() {
                let (r, g, b) = (red[x], green[x], blue[x]);
                *v = v.max(r.max(g).max(b) - r.min(g).min(b));
            }
        }
        let reach = GRAY_REACH as usize;
        for (x, out) in out.iter_mut().enumerate() {
            let near = &chroma[x.saturating_sub(reach)..(x + reach + 1).min(width)];
            *out = fall(near.iter().fold(0.0, |a, b| a.max(*b)), GRAY);
        }
        Ok(())
    }

    /// The most bytes of the rows that wait for the corrections of a pass: rows of the result and of the source.
    pub(crate) fn memory(pass: &Pass) -> u128 {
        let (scale, reach) = (u128::from(pass.scale), u128::from(REACH));
        let enlarged = u128::from(pass.grid.area.width) * PIXEL_BYTES * scale * scale * (reach + 2);
        let source = 4 * PIXEL_BYTES * u128::from(pass.grid.read_rect().width) * reach;
        enlarged + source
    }
}

/// The weights of the blur, from -[`BLUR_REACH`] to [`BLUR_REACH`].
fn blur() -> Vec<f32> {
    let reach = TRIANGLE_REACH as i32;
    let triangle = |i: i32| f64::from((reach + 1 - i.abs()).max(0)) / f64::from((reach + 1) * (reach + 1));
    let twice = |i: i32| (-reach..=reach).map(|j| triangle(j) * triangle(i - j)).sum::<f64>();
    (-2 * reach..=2 * reach).map(|i| (2.0 * triangle(i) - twice(i)) as f32).collect()
}

/// 1 up to the first bound, 0 from the second on, linear between them.
pub(crate) fn fall(v: f32, (from, to): (f32, f32)) -> f32 {
    ((to - v) / (to - from)).clamp(0.0, 1.0)
}

impl Stage for ColourLock<'_> {
    fn rect(&self) -> Rect {
        self.wanted.times(self.scale as u32)
    }

    fn channels(&self) -> usize {
        3
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let scale = self.scale;
        let area = self.source.rect();
        let y = self.y / scale as u32;
        while self.corrections.end() < (y + 2).min(area.bottom()) {
            self.add_correction(run)?;
        }
        // Corrections are interpolated between the two source rows whose centres are nearest to this output row.
        let (below, t) = between((self.y as usize) % scale, scale);
        let near = |offset: i64| {
            let i = Self::inside(i64::from(y) + offset, self.picture.height, area.y, area.bottom());
            self.corrections.get(i.max(self.corrections.first()))
        };
        let (above, under) = (near(i64::from(below) - 1), near(i64::from(below)));
        let source_width = area.width as usize;
        let mixed = memory::collect(above.iter().zip(under).map(|(a, b)| a + (b - a) * t))?;
        let plane = |p: usize| &mixed[p * source_width..][..source_width];
        let start = (self.wanted.x - area.x) as usize;
        let width = self.wanted.width as usize * scale;
        let some = |p: usize| plane(p)[start.saturating_sub(1)..].iter().any(|&v| v > 0.0);
        for (channel, out) in row.chunks_exact_mut(width).enumerate() {
            out.copy_from_slice(&self.result.plane(self.y, channel)[start * scale..][..width]);
            widen(plane(ADD + channel), start, scale, out, |out, v| *out += v);
        }
        if some(FLATNESS) {
            let mut flat: Vec<f32> = memory::zeros(width)?;
            widen(plane(FLATNESS), start, scale, &mut flat, |out, v| *out = v);
            let mut source: Vec<f32> = memory::zeros(width)?;
            for (channel, out) in row.chunks_exact_mut(width).enumerate() {
                widen(plane(SOURCE + channel), start, scale, &mut source, |out, v| *out = v);
                for ((out, source), flat) in out.iter_mut().zip(&source).zip(&flat) {
                    *out += (source - *out) * flat;
                }
            }
        }
        if some(GRAYNESS) {
            let mut gray: Vec<f32> = memory::zeros(width)?;
            widen(plane(GRAYNESS), start, scale, &mut gray, |out, v| *out = v);
            let (red, rest) = row.split_at_mut(width);
            let (green, blue) = rest.split_at_mut(width);
            for (x, gray) in gray.iter().enumerate() {
                let mean = (red[x] + green[x] + blue[x]) / 3.0;
                for v in [&mut red[x], &mut green[x], &mut blue[x]] {
                    *v += (mean - *v) * gray;
                }
            }
        }
        row.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
        self.y += 1;
        let y = self.y / scale as u32;
        self.corrections.release(y.saturating_sub(1));
        self.source.release(y.saturating_sub(FLAT_REACH));
        self.result.release(self.y);
        Ok(())
    }
}

/// Where the centre of output row or column `line` of a source pixel, 0 to `scale` - 1, lies between the centres of two
/// source pixels. Returns (`below`, `t`): it lies at fraction `t` of the way from source pixel `below - 1` to source
/// pixel `below`, both relative to its own.
fn between(line: usize, scale: usize) -> (u32, f32) {
    let position = (line as f32 + 0.5) / scale as f32 - 0.5;
    if position < 0.0 { (0, position + 1.0) } else { (1, position) }
}

/// Enlarges a row by `scale` with linear interpolation between the centres of pixels, from source pixel `start` on.
/// Calls `put` with each sample of `out` and its value.
fn widen(plane: &[f32], start: usize, scale: usize, out: &mut [f32], mut put: impl FnMut(&mut f32, f32)) {
    let last = plane.len() - 1;
    let steps: Vec<(u32, f32)> = (0..scale).map(|line| between(line, scale)).collect();
    for (x, out) in (start..).zip(out.chunks_exact_mut(scale)) {
        let near = [plane[x.saturating_sub(1)], plane[x], plane[(x + 1).min(last)]];
        for (out, &(below, t)) in out.iter_mut().zip(&steps) {
            let (a, b) = (near[below as usize], near[below as usize + 1]);
            put(out, a + (b - a) * t);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blur_sums_to_one_and_is_symmetric() {
        let blur = blur();
        assert_eq!(blur.len(), 2 * BLUR_REACH as usize + 1);
        assert!((blur.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(blur.iter().zip(blur.iter().rev()).all(|(a, b)| (a - b).abs() < 1e-7));
    }

    #[test]
    fn widening_interpolates_between_centres_and_keeps_a_ramp() {
        let mut out = [0.0; 4];
        widen(&[0.0, 1.0, 2.0, 3.0], 1, 2, &mut out, |out, v| *out = v);
        assert_eq!(out, [0.75, 1.25, 1.75, 2.25]);
        // At the edge the outermost value is repeated.
        widen(&[0.0, 1.0], 0, 2, &mut out, |out, v| *out = v);
        assert_eq!(out, [0.0, 0.25, 0.75, 1.0]);
    }
}
