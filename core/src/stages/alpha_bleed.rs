//! Colour under transparent pixels: they take the colour of visible pixels nearby (alpha bleeding).
//!
//! The colour of a transparent pixel is arbitrary, often black. A network would draw an edge around it, and resampling
//! would mix it into visible pixels as a dark fringe. Colour and alpha of visible pixels must never change here.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// How far colour bleeds, in pixels. Transparent pixels farther from every visible pixel keep their colour: no kernel
/// used here mixes them into a visible pixel at full strength.
pub(crate) const REACH: u32 = 16;

/// The radii of the squares searched for visible pixels, in pixels. The smallest square that contains some decides.
const RADII: [u32; 5] = [1, 2, 4, 8, REACH];

/// Pixels of at most this alpha count as transparent: half a step of 16 bits. Pictures in floating point have such
/// pixels, of any colour, beside visible ones.
const TRANSPARENT: f32 = 0.5 / 65535.0;

/// The index of the alpha plane.
const ALPHA: usize = 3;

/// The stage that fills in colour under transparent pixels. Its input must have an alpha plane; planes after it pass
/// unchanged.
pub(crate) struct AlphaBleed<'a> {
    rows: Window<'a>,
    /// The next row.
    y: u32,
    /// Running sums along the row, of red, green and blue times alpha, and of alpha. Element x is the sum over the
    /// columns left of x, so each vector has one element more than the row has columns.
    sums: [Vec<f64>; 4],
}

impl<'a> AlphaBleed<'a> {
    pub(crate) fn new(stage: BoxStage<'a>) -> Result<Self> {
        let rect = stage.rect();
        let row = || memory::zeros(rect.width as usize + 1);
        let sums = [row()?, row()?, row()?, row()?];
        Ok(AlphaBleed { rows: Window::new(stage), y: rect.y, sums })
    }

    /// Computes the running sums over all rows within `radius` rows of the next row.
    fn sum_rows(&mut self, radius: u32) {
        let rect = self.rows.rect();
        let (top, bottom) = (self.y.saturating_sub(radius).max(rect.y), (self.y + radius + 1).min(rect.bottom()));
        self.sums.iter_mut().for_each(|s| s.fill(0.0));
        for y in top..bottom {
            let alpha = self.rows.plane(y, ALPHA);
            for (c, sums) in self.sums.iter_mut().enumerate() {
                if c == ALPHA {
                    sums[1..].iter_mut().zip(alpha).for_each(|(s, a)| *s += f64::from(*a));
                } else {
                    let colour = self.rows.plane(y, c).iter().zip(alpha);
                    sums[1..].iter_mut().zip(colour).for_each(|(s, (v, a))| *s += f64::from(v * a));
                }
            }
        }
        for sums in &mut self.sums {
            let mut total = 0.0;
            for s in sums {
                total += *s;
                *s = total;
            }
        }
    }
}

impl Stage for AlphaBleed<'_> {
    fn rect(&self) -> Rect {
        self.rows.rect()
    }

    fn channels(&self) -> usize {
        self.rows.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let rect = self.rows.rect();
        let width = rect.width as usize;
        self.rows.fill(run, (self.y + REACH + 1).min(rect.bottom()))?;
        row.copy_from_slice(self.rows.row(self.y));
        let mut transparent: Vec<usize> = memory::collect(0..width)?;
        transparent.retain(|x| self.rows.plane(self.y, ALPHA)[*x] <= TRANSPARENT);
        for radius in RADII {
            if transparent.is_empty() {
                break;
            }
            self.sum_rows(radius);
            let radius = radius as usize;
            transparent.retain(|&x| {
                let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(width));
                let [red, green, blue, alpha] = self.sums.each_ref().map(|s| s[right] - s[left]);
                // Alpha below a thousandth of a pixel in all may be rounding error of the sums.
                if alpha < 1e-3 {
                    return true;
                }
                for (c, sum) in [red, green, blue].into_iter().enumerate() {
                    row[c * width + x] = (sum / alpha) as f32;
                }
                false
            });
        }
        self.y += 1;
        self.rows.release(self.y.saturating_sub(REACH));
        Ok(())
    }
}

/// The rectangle that must be read so that the rows of `rect` equal those of the whole picture.
pub(crate) fn read_rect(rect: Rect, picture: Size) -> Rect {
    rect.grown(REACH, picture)
}
