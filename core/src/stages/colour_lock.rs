//! Colour lock: what a network must not change comes from the source.
//!
//! Networks drift: flat grey 128 becomes 131, a grey photo gets a tint, white becomes 254. This stage puts the low
//! frequencies of the source back, keeps grey grey and flat colours exact. It must leave detail alone.
//!
//! All of it works on sRGB-encoded values, as networks were trained: there the source is, nearly, the average of the
//! result over each source pixel. With S the source, R the result and D its average over each source pixel:
//! R + blur(S - D) has the low frequencies and the mean of S. Where the source is flat (a spread of at most
//! [`FLAT`] within [`FLAT_REACH`]) the enlarged source itself is taken; where it is grey, the mean of the channels.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::plan::pass::{PIXEL_BYTES, Pass};
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage, Window, symmetric};

/// The blur: with t a triangle that reaches this far, in source pixels, it is 2 t - t * t (Tukey's twicing), which
/// passes low frequencies with an error of the fourth order instead of the second.
const TRIANGLE_REACH: u32 = 5;
const BLUR_REACH: u32 = 2 * TRIANGLE_REACH;
/// How far around a source pixel the source must be flat.
const FLAT_REACH: u32 = 2;
/// Spreads, of 1: up to the first the source is flat, from the second on it is not.
const FLAT: (f32, f32) = (0.5 / 255.0, 2.0 / 255.0);
/// How far around a source pixel the source must be grey.
const GREY_REACH: u32 = 1;
/// Chroma (largest channel less smallest), of 1: up to the first a pixel is grey, from the second on it is not.
const GREY: (f32, f32) = (0.5 / 255.0, 2.0 / 255.0);

/// How many source pixels around its own one the lock looks at.
pub(crate) const REACH: u32 = BLUR_REACH + 1;

pub(crate) struct ColourLock<'a> {
    /// What the network made, over the area and around it.
    result: Window<'a>,
    /// The source, over the same area.
    source: Window<'a>,
    picture: Size,
    /// The source pixels that are wanted.
    wanted: Rect,
    scale: usize,
    /// S - D for source rows, oldest first, blurred along the row; and the row of the first.
    difference: Rows,
    /// What is put onto each source row.
    corrections: Rows,
    /// The next output row.
    y: u32,
    blur: Vec<f32>,
}

/// Some consecutive rows.
struct Rows {
    first: u32,
    rows: std::collections::VecDeque<Vec<f32>>,
}

impl Rows {
    fn new(first: u32) -> Self {
        Rows { first, rows: std::collections::VecDeque::new() }
    }

    fn end(&self) -> u32 {
        self.first + self.rows.len() as u32
    }

    fn get(&self, y: u32) -> &[f32] {
        &self.rows[(y - self.first) as usize]
    }

    fn release(&mut self, start: u32) {
        while self.first < start && self.rows.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// Planes of a correction: three to add, the source, how flat, how grey.
const ADD: usize = 0;
const SOURCE: usize = 3;
const FLATNESS: usize = 6;
const GREYNESS: usize = 7;
const PLANES: usize = 8;

impl<'a> ColourLock<'a> {
    /// Locks `result` to `source`, which covers the same area at 1 / `scale` of the size, inside `wanted`.
    pub(crate) fn new(result: BoxStage<'a>, source: BoxStage<'a>, picture: Size, wanted: Rect, scale: u32) -> Self {
        let area = source.rect();
        ColourLock {
            result: Window::new(result),
            source: Window::new(source),
            picture,
            wanted,
            scale: scale as usize,
            difference: Rows::new(area.y),
            corrections: Rows::new(wanted.y.saturating_sub(1).max(area.y)),
            y: wanted.y * scale,
            blur: blur(),
        }
    }

    /// The row or column `i`, mirrored into the picture and held inside what is here.
    fn inside(i: i64, length: u32, start: u32, end: u32) -> u32 {
        symmetric(i, length).clamp(start, end - 1)
    }

    /// Makes S - D of the next source row.
    fn add_difference(&mut self, run: &mut Run<'_>) -> Result<()> {
        let (y, scale) = (self.difference.end(), self.scale);
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
        memory::push(&mut self.difference.rows, blurred)
    }

    /// Makes the correction of the next source row.
    fn add_correction(&mut self, run: &mut Run<'_>) -> Result<()> {
        let (y, area) = (self.corrections.end(), self.source.rect());
        let bottom = (y + BLUR_REACH + 1).min(area.bottom());
        while self.difference.end() < bottom {
            self.add_difference(run)?;
        }
        let width = area.width as usize;
        let mut row: Vec<f32> = memory::zeros(PLANES * width)?;
        for (k, weight) in self.blur.iter().enumerate() {
            let i = i64::from(y) + k as i64 - i64::from(BLUR_REACH);
            let from = self.difference.get(Self::inside(i, self.picture.height, area.y, area.bottom()));
            row.iter_mut().zip(from).for_each(|(v, d)| *v += weight * d);
        }
        row[SOURCE * width..][..3 * width].copy_from_slice(self.source.row(y));
        self.flatness(y, &mut row[FLATNESS * width..][..width])?;
        self.greyness(y, &mut row[GREYNESS * width..][..width])?;
        memory::push(&mut self.corrections.rows, row)?;
        self.difference.release(y.saturating_sub(BLUR_REACH));
        Ok(())
    }

    /// How flat the source is around each pixel of row `y`: 1 flat, 0 not.
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

    /// How grey the source is around each pixel of row `y`: 1 grey, 0 not.
    fn greyness(&self, y: u32, out: &mut [f32]) -> Result<()> {
        let area = self.source.rect();
        let width = area.width as usize;
        let (top, bottom) = (y.saturating_sub(GREY_REACH).max(area.y), (y + GREY_REACH + 1).min(area.bottom()));
        let mut chroma: Vec<f32> = memory::zeros(width)?;
        for y in top..bottom {
            let [red, green, blue] = [0, 1, 2].map(|c| self.source.plane(y, c));
            for (x, v) in chroma.iter_mut().enumerate() {
                let (r, g, b) = (red[x], green[x], blue[x]);
                *v = v.max(r.max(g).max(b) - r.min(g).min(b));
            }
        }
        let reach = GREY_REACH as usize;
        for (x, out) in out.iter_mut().enumerate() {
            let near = &chroma[x.saturating_sub(reach)..(x + reach + 1).min(width)];
            *out = fall(near.iter().fold(0.0, |a, b| a.max(*b)), GREY);
        }
        Ok(())
    }

    /// The most bytes of rows that wait here for a pass's corrections: enlarged rows, and those of the source.
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

/// 1 up to the first bound, falling to 0 at the second.
fn fall(v: f32, (from, to): (f32, f32)) -> f32 {
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
        // Between the two source rows that this one lies between.
        let (below, t) = between((self.y as usize) % scale, scale);
        let near = |offset: i64| {
            let i = Self::inside(i64::from(y) + offset, self.picture.height, area.y, area.bottom());
            self.corrections.get(i.max(self.corrections.first))
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
        if some(GREYNESS) {
            let mut grey: Vec<f32> = memory::zeros(width)?;
            widen(plane(GREYNESS), start, scale, &mut grey, |out, v| *out = v);
            let (red, rest) = row.split_at_mut(width);
            let (green, blue) = rest.split_at_mut(width);
            for (x, grey) in grey.iter().enumerate() {
                let mean = (red[x] + green[x] + blue[x]) / 3.0;
                for v in [&mut red[x], &mut green[x], &mut blue[x]] {
                    *v += (mean - *v) * grey;
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

/// Line `line` of `scale` in a source pixel lies `t` of the way between source pixel `below - 1` and `below`, counted
/// from its own.
fn between(line: usize, scale: usize) -> (u32, f32) {
    let position = (line as f32 + 0.5) / scale as f32 - 0.5;
    if position < 0.0 { (0, position + 1.0) } else { (1, position) }
}

/// Enlarges a row by `scale`, straight lines between the centres of pixels, from source pixel `start` on.
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
