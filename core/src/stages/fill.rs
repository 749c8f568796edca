//! The stage that fills scratches from what is around them, block of rows by block of rows.
//!
//! `damaged_rows.rs` does the filling. What a pixel becomes depends on what lies within [`REACH`] of it and on nothing else: a rectangle is
//! filled as the whole is. The stage must not touch sound pixels.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::damaged_rows::{DamagedRows, LAYERS, LEAST, REACH};
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// Rows that are filled at once.
const ROWS: u32 = 64;

/// The stage that fills scratches.
pub(crate) struct Fill<'a> {
    rows: Window<'a>,
    mask: Window<'a>,
    /// Whether the rows have alpha.
    alpha: bool,
    /// The next row.
    y: u32,
    /// Filled rows from `y` on, unless the block has no damage.
    block: Vec<f32>,
    /// The number after the last row of the block.
    end: u32,
    /// Pixels that were too thick to be filled.
    left: u64,
}

impl<'a> Fill<'a> {
    /// Fills the rows of `stage` where `mask`, which covers the same rectangle, is not black.
    pub(crate) fn new(stage: BoxStage<'a>, mask: BoxStage<'a>, alpha: bool) -> Self {
        let y = stage.rect().y;
        Fill { rows: Window::new(stage), mask: Window::new(mask), alpha, y, block: Vec::new(), end: y, left: 0 }
    }

    /// The bytes that the stage needs for rows of this width and so many planes.
    pub(crate) fn memory(width: u32, planes: u32) -> u128 {
        let rows = u128::from(2 * REACH + ROWS);
        // The rows and their mask in windows, a copy, and the layers.
        rows * u128::from(width) * u128::from(8 * planes + 4 + 1)
    }

    /// Fills the block of rows that begins with the next one.
    fn fill_block(&mut self, run: &mut Run<'_>) -> Result<()> {
        let rect = self.rows.rect();
        self.end = (self.y + ROWS).min(rect.bottom());
        let (top, bottom) = (self.y.saturating_sub(REACH).max(rect.y), (self.end + REACH).min(rect.bottom()));
        self.rows.release(top);
        self.mask.release(top);
        self.rows.fill(run, bottom)?;
        self.mask.fill(run, bottom)?;
        self.block.clear();
        let damaged = |y: u32| self.mask.row(y).iter().any(|v| *v >= LEAST);
        if !(self.y..self.end).any(damaged) {
            return Ok(());
        }
        let damaged_rows = DamagedRows::filled((&self.rows, &self.mask), top..bottom, self.alpha, run)?;
        let from = (self.y - top) as usize;
        let count = (self.end - self.y) as usize;
        self.left += damaged_rows.left(from..from + count);
        let filled = damaged_rows.samples(from..from + count);
        memory::reserve(&mut self.block, filled.len())?;
        self.block.extend_from_slice(filled);
        Ok(())
    }
}

impl Stage for Fill<'_> {
    fn rect(&self) -> Rect {
        self.rows.rect()
    }

    fn channels(&self) -> usize {
        self.rows.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        if self.y == self.end {
            self.fill_block(run)?;
        }
        let original = self.rows.row(self.y);
        row.copy_from_slice(original);
        if !self.block.is_empty() {
            let first = self.end - (self.block.len() / row.len()) as u32;
            let filled = &self.block[(self.y - first) as usize * row.len()..][..row.len()];
            let shares = self.mask.row(self.y);
            for (plane, filled) in row.chunks_exact_mut(shares.len()).zip(filled.chunks_exact(shares.len())) {
                for ((v, filled), share) in plane.iter_mut().zip(filled).zip(shares) {
                    if *share >= LEAST {
                        *v += share * (filled - *v);
                    }
                }
            }
        }
        self.y += 1;
        if self.y == self.rows.rect().bottom() && self.left > 0 {
            run.note(format!(
                "{} pixels of damage were left as they are: damage of more than {} pixels in thickness is not repaired; paint out thinner parts, or repair it by hand",
                self.left,
                2 * LAYERS
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Painted, with_run};

    const SIZE: Size = Size { width: 120, height: 300 };

    /// A slope, with damage of this value where `is_damaged`.
    fn filled(rect: Rect, is_damaged: fn(u32, u32) -> bool) -> (Vec<f32>, Vec<String>) {
        let slope = |x: u32, y: u32| 0.2 + 0.002 * x as f32 + 0.001 * y as f32;
        let picture = move |x: u32, y: u32| if is_damaged(x, y) { 1.0 } else { slope(x, y) };
        let mask = move |x: u32, y: u32| f32::from(u8::from(is_damaged(x, y)));
        let mut fill =
            Fill::new(Box::new(Painted::new(rect, 3, picture)), Box::new(Painted::new(rect, 1, mask)), false);
        let mut all = Vec::new();
        let (result, notes) = with_run(&Cancel::new(), |run| {
            let mut row = vec![0.0; fill.row_length()];
            (0..rect.height).try_for_each(|_| -> Result<()> {
                fill.next(run, &mut row)?;
                all.extend_from_slice(&row);
                Ok(())
            })
        });
        result.unwrap();
        (all, notes)
    }

    fn error(values: &[f32], rect: Rect) -> f32 {
        let length = 3 * rect.width as usize;
        let rows = values.chunks_exact(length).enumerate();
        let all = rows.flat_map(|(y, row)| row[..rect.width as usize].iter().enumerate().map(move |(x, v)| (x, y, *v)));
        all.map(|(x, y, v)| (v - 0.2 - 0.002 * (x as u32 + rect.x) as f32 - 0.001 * (y as u32 + rect.y) as f32).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_scratch_is_filled_and_sound_pixels_stay() {
        let scratch = |x: u32, y: u32| (57..63).contains(&x) || (150..153).contains(&y);
        let (values, notes) = filled(SIZE.rect(), scratch);
        assert!(error(&values, SIZE.rect()) < 0.01, "{}", error(&values, SIZE.rect()));
        assert!(notes.is_empty());
        let (sound, _) = filled(SIZE.rect(), |_, _| false);
        assert!(error(&sound, SIZE.rect()) < 1e-6);
    }

    #[test]
    fn a_rectangle_is_filled_as_the_whole_is() {
        let damage = |x: u32, y: u32| (40 + y / 9..52 + y / 7).contains(&x);
        let (whole, _) = filled(SIZE.rect(), damage);
        let inner = Rect { x: 50, y: 120, width: 20, height: 90 };
        let read = inner.grown(REACH, SIZE);
        let (part, _) = filled(read, damage);
        for y in inner.y..inner.bottom() {
            for x in inner.x..inner.right() {
                let at = |values: &[f32], rect: Rect| values[((y - rect.y) * 3 * rect.width + x - rect.x) as usize];
                assert_eq!(at(&whole, SIZE.rect()), at(&part, read), "{x},{y}");
            }
        }
    }

    #[test]
    fn damage_that_is_too_thick_stays_and_is_told() {
        let thick = |x: u32, y: u32| (20..80).contains(&x) && (100..180).contains(&y);
        let (values, notes) = filled(SIZE.rect(), thick);
        assert_eq!(values[140 * 3 * 120 + 50], 1.0);
        assert!(notes[0].contains("4800 pixels") && notes[0].contains("24 pixels"), "{notes:?}");
    }
}
