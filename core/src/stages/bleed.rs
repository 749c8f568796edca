//! Colour under transparent pixels.
//!
//! A pixel that nobody sees has any colour at all, often black. A network would draw an edge there, and enlarging would
//! mix it into the rim of what is seen: the dark fringe. So it takes on the colour of the visible pixels near it.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage, Window};

/// How far colour bleeds, in pixels. Beyond it lies only what no kernel of ours mixes into a visible pixel at full
/// strength; what is there stays as it is.
pub(crate) const REACH: u32 = 16;

/// The nearest ring that has something visible decides.
const RADII: [u32; 5] = [1, 2, 4, 8, REACH];

/// Alpha that nobody sees: half a step of 16 bits. Float pictures have such pixels, of any colour, beside visible ones.
const UNSEEN: f32 = 0.5 / 65535.0;

/// The plane of alpha.
const ALPHA: usize = 3;

pub(crate) struct Bleed<'a> {
    rows: Window<'a>,
    y: u32,
    /// Sums over columns of alpha times red, green, blue, and of alpha; one more than the columns.
    sums: [Vec<f64>; 4],
}

impl<'a> Bleed<'a> {
    pub(crate) fn new(stage: BoxStage<'a>) -> Result<Self> {
        let rect = stage.rect();
        let row = || memory::zeros(rect.width as usize + 1);
        let sums = [row()?, row()?, row()?, row()?];
        Ok(Bleed { rows: Window::new(stage), y: rect.y, sums })
    }

    /// Running sums along the row of everything within `radius` rows of `y`.
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

impl Stage for Bleed<'_> {
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
        let mut bare: Vec<usize> = memory::collect(0..width)?;
        bare.retain(|x| self.rows.plane(self.y, ALPHA)[*x] <= UNSEEN);
        for radius in RADII {
            if bare.is_empty() {
                break;
            }
            self.sum_rows(radius);
            let radius = radius as usize;
            bare.retain(|&x| {
                let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(width));
                let [red, green, blue, alpha] = self.sums.each_ref().map(|s| s[right] - s[left]);
                // Less than a thousandth of a pixel is rounding, not colour.
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

/// The rectangle that must be read so that `rect` bleeds as in the whole picture.
pub(crate) fn read_rect(rect: Rect, picture: Size) -> Rect {
    rect.grown(REACH, picture)
}
