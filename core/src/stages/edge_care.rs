//! Edge care: limits overshoot, the bright and dark lines that a network draws beside edges.
//!
//! Overshoot lies beyond everything that the source has nearby: brighter than its brightest pixel or darker than its darkest. So does
//! detail that is finer than a source pixel: a star or a hair is brighter in truth than the pixel that contains it. The source
//! tells them apart. Where there is fine detail, the source has a peak or a ridge that is narrower than three pixels; beside an
//! edge it is level. The height of such a peak is the *top-hat* of mathematical morphology: the source less its opening (the
//! largest of the smallest values of 3×3 pixels). For dark detail it is the closing less the source.
//!
//! The limits of a source pixel are the extremes of the 3×3 pixels around it, widened by [`ALLOWED`] times its top-hat and by
//! [`TOLERANCE`]. Between source pixels they are interpolated. A level area lies within its own limits, so that it stays identical.
//! Nothing here may change a value that lies within the limits.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::plan::pass::PIXEL_BYTES;
use crate::run::run::Run;
use crate::stages::row_buffer::RowBuffer;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// How far beyond the extremes of the source a value may always lie: what rounding to 8 bits hides.
const TOLERANCE: f32 = 1.0 / 255.0;

/// How much higher a narrow peak of the source may become, in its own heights. Measured (QUALITY.md): with less, faithful networks lose
/// stars and thin lines; with more, overshoot stays.
const ALLOWED: f32 = 2.0;

/// How far around a source pixel its limits need the source: an opening or a closing is an extreme of extremes.
pub(crate) const REACH: u32 = 2;

/// The planes of a row of limits: the lowest values of red, green and blue, then the highest.
const PLANES: usize = 6;

/// The stage that makes the limits of source pixels, six planes: the lowest values of three channels, then the highest.
pub(crate) struct Limits<'a> {
    source: Window<'a>,
    /// The smallest values of 3×3 source pixels, three planes.
    low: RowBuffer,
    /// The largest values of 3×3 source pixels, three planes.
    high: RowBuffer,
    wanted: Rect,
    /// The next row.
    y: u32,
}

impl<'a> Limits<'a> {
    /// The limits of the pixels of `wanted`. `source` must give three planes of them, and of [`REACH`] pixels around them where
    /// the picture does not end before.
    pub(crate) fn new(source: BoxStage<'a>, wanted: Rect) -> Self {
        let buffer = || RowBuffer::new(source.rect().y);
        let (low, high) = (buffer(), buffer());
        Limits { source: Window::new(source), low, high, wanted, y: wanted.y }
    }

    /// The rows around row `y` that there are: from the first to before the second.
    fn around(&self, y: u32) -> (u32, u32) {
        let area = self.source.rect();
        (y.saturating_sub(1).max(area.y), (y + 2).min(area.bottom()))
    }

    fn add_extremes(&mut self, run: &mut Run<'_>) -> Result<()> {
        let y = self.low.end();
        let (top, bottom) = self.around(y);
        self.source.fill(run, bottom)?;
        let width = self.source.rect().width as usize;
        let near = || (top..bottom).map(|y| self.source.row(y));
        let (low, high) = (around_each(near(), width, f32::min)?, around_each(near(), width, f32::max)?);
        self.low.push(low)?;
        self.high.push(high)
    }

    /// The most bytes of the rows that wait.
    pub(crate) fn memory(width: u32) -> u128 {
        PIXEL_BYTES * u128::from(width) * 3 * u128::from(2 * REACH + 2)
    }
}

/// For each sample of a row, the extreme that `pick` picks among it and its neighbours in `rows`. Beyond the ends of a plane
/// there are none.
fn around_each<'r>(
    mut rows: impl Iterator<Item = &'r [f32]>,
    width: usize,
    pick: fn(f32, f32) -> f32,
) -> Result<Vec<f32>> {
    let mut down = memory::collect(rows.next().unwrap_or_default().iter().copied())?;
    for row in rows {
        down.iter_mut().zip(row).for_each(|(v, other)| *v = pick(*v, *other));
    }
    let mut both = memory::collect(down.iter().copied())?;
    for (both, down) in both.chunks_exact_mut(width).zip(down.chunks_exact(width)) {
        both[1..].iter_mut().zip(down).for_each(|(v, left)| *v = pick(*v, *left));
        both.iter_mut().zip(&down[1..]).for_each(|(v, right)| *v = pick(*v, *right));
    }
    Ok(both)
}

impl Stage for Limits<'_> {
    fn rect(&self) -> Rect {
        self.wanted
    }

    fn channels(&self) -> usize {
        PLANES
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let y = self.y;
        let (top, bottom) = self.around(y);
        while self.low.end() < bottom {
            self.add_extremes(run)?;
        }
        let area = self.source.rect();
        let (all, width) = (area.width as usize, self.wanted.width as usize);
        let start = (self.wanted.x - area.x) as usize;
        let closing = around_each(self.high.range(top, bottom), all, f32::min)?;
        let opening = around_each(self.low.range(top, bottom), all, f32::max)?;
        let source = self.source.row(y);
        let (lowest, highest) = row.split_at_mut(3 * width);
        for (out, extremes, level, away) in
            [(lowest, self.low.get(y), &closing, -1.0), (highest, self.high.get(y), &opening, 1.0)]
        {
            for (channel, out) in out.chunks_exact_mut(width).enumerate() {
                let part = channel * all + start..channel * all + start + width;
                let values = extremes[part.clone()].iter().zip(&level[part.clone()]).zip(&source[part]);
                for (out, ((extreme, level), v)) in out.iter_mut().zip(values) {
                    // `level` is the source without narrow peaks: their height is the distance.
                    *out = extreme + ALLOWED * (v - level) + away * TOLERANCE;
                }
            }
        }
        self.y += 1;
        self.source.release(y.saturating_sub(1));
        self.low.release(y);
        self.high.release(y);
        Ok(())
    }
}

/// The stage that keeps the network's result within limits.
pub(crate) struct EdgeCare<'a> {
    network: BoxStage<'a>,
    limits: BoxStage<'a>,
    /// The share of what lies beyond the limits that is taken away, 0 to 1.
    care: f32,
    /// A row of `limits`.
    row: Vec<f32>,
}

impl<'a> EdgeCare<'a> {
    /// `limits` are [`Limits`], enlarged to the rectangle of `network` without overshoot.
    pub(crate) fn new(network: BoxStage<'a>, limits: BoxStage<'a>, care: f32) -> Result<Self> {
        let row = memory::zeros(limits.row_length())?;
        Ok(EdgeCare { network, limits, care, row })
    }
}

impl Stage for EdgeCare<'_> {
    fn rect(&self) -> Rect {
        self.network.rect()
    }

    fn channels(&self) -> usize {
        self.network.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.network.next(run, row)?;
        self.limits.next(run, &mut self.row)?;
        let (low, high) = self.row.split_at(row.len());
        for ((v, low), high) in row.iter_mut().zip(low).zip(high) {
            *v += self.care * (v.max(*low).min(*high) - *v);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Numbered, Painted, with_run};

    const SIDE: u32 = 16;

    fn limits(paint: fn(u32, u32) -> f32, wanted: Rect) -> Vec<Vec<f32>> {
        let area = wanted.grown(REACH, Rect { x: 0, y: 0, width: SIDE, height: SIDE }.size());
        let mut limits = Limits::new(Box::new(Painted::new(area, 3, paint)), wanted);
        let mut rows = vec![vec![0.0; limits.row_length()]; wanted.height as usize];
        with_run(&Cancel::new(), |run| rows.iter_mut().for_each(|row| limits.next(run, row).unwrap()));
        rows
    }

    /// The lowest and the highest value that the first channel may have at `x`, `y`.
    fn at(paint: fn(u32, u32) -> f32, x: u32, y: u32) -> (f32, f32) {
        let rows = limits(paint, Rect { x, y, width: 1, height: 1 });
        (rows[0][0], rows[0][3])
    }

    #[test]
    fn beside_an_edge_the_source_is_the_limit() {
        let edge: fn(u32, u32) -> f32 = |x, _| if x < 8 { 0.2 } else { 0.7 };
        assert_eq!(at(edge, 9, 8), (0.7 - TOLERANCE, 0.7 + TOLERANCE), "level beside it");
        assert_eq!(at(edge, 8, 8), (0.2 - TOLERANCE, 0.7 + TOLERANCE), "on it");
        let corner: fn(u32, u32) -> f32 = |x, y| if x + y < 16 { 0.2 } else { 0.7 };
        assert_eq!(at(corner, 9, 9), (0.7 - TOLERANCE, 0.7 + TOLERANCE), "a slanting edge is no detail");
    }

    #[test]
    fn detail_finer_than_a_pixel_may_become_stronger() {
        let star: fn(u32, u32) -> f32 = |x, y| if (x, y) == (8, 8) { 0.5 } else { 0.1 };
        let (low, high) = at(star, 8, 8);
        assert!((high - (0.5 + ALLOWED * 0.4 + TOLERANCE)).abs() < 1e-6, "{high}");
        assert!((low - (0.1 - TOLERANCE)).abs() < 1e-6, "but no dark ring: {low}");
        let hair: fn(u32, u32) -> f32 = |x, y| if x == y { 0.1 } else { 0.5 };
        let (low, high) = at(hair, 8, 8);
        assert!(low < 0.1 - 0.4 && (high - (0.5 + TOLERANCE)).abs() < 1e-6, "{low}, {high}");
        let (low, _) = at(hair, 8, 9);
        assert!((low - (0.1 - TOLERANCE)).abs() < 1e-6, "beside the hair: {low}");
    }

    #[test]
    fn a_rectangle_has_the_limits_of_the_whole() {
        let paint: fn(u32, u32) -> f32 = |x, y| Numbered::sample(x, y, 0);
        let whole = limits(paint, Rect { x: 0, y: 0, width: SIDE, height: SIDE });
        let rect = Rect { x: 5, y: 6, width: 4, height: 7 };
        for (row, y) in limits(paint, rect).iter().zip(rect.y..) {
            for plane in 0..PLANES {
                let whole = &whole[y as usize][plane * SIDE as usize..];
                assert_eq!(row[plane * 4..][..4], whole[5..9]);
            }
        }
    }

    #[test]
    fn only_what_lies_beyond_the_limits_moves() {
        let rect = Rect { x: 0, y: 0, width: 4, height: 1 };
        let network = Painted::new(rect, 3, |x, _| [0.1, 0.3, 0.5, 0.9][x as usize]);
        struct Fixed(Rect);
        impl Stage for Fixed {
            fn rect(&self) -> Rect {
                self.0
            }
            fn channels(&self) -> usize {
                PLANES
            }
            fn next(&mut self, _: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
                let (low, high) = row.split_at_mut(12);
                low.fill(0.2);
                high.fill(0.7);
                Ok(())
            }
        }
        let mut stage = EdgeCare::new(Box::new(network), Box::new(Fixed(rect)), 0.5).unwrap();
        let mut row = vec![0.0; 12];
        with_run(&Cancel::new(), |run| stage.next(run, &mut row).unwrap());
        let expected = [0.15, 0.3, 0.5, 0.8];
        assert!(row[..4].iter().zip(expected).all(|(v, e)| (v - e).abs() < 1e-6), "{row:?}");
        assert_eq!(row[1..3], [0.3, 0.5]);
    }
}
