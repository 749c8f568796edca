//! A window onto a stage: some consecutive rows, kept while they are needed.
//!
//! Most stages need several input rows for one output row. A window must never hold rows that its owner has released.

use std::collections::VecDeque;

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::stage::BoxStage;

/// Consecutive rows of a stage. Rows are pulled with [`Window::fill`] and dropped with [`Window::release`]; row numbers
/// are those of the stage's picture.
pub(crate) struct Window<'a> {
    stage: BoxStage<'a>,
    rows: VecDeque<Vec<f32>>,
    /// Buffers of released rows, for the next rows.
    spare: Vec<Vec<f32>>,
    /// The number of the first row in `rows`.
    first: u32,
}

impl<'a> Window<'a> {
    pub(crate) fn new(stage: BoxStage<'a>) -> Self {
        let first = stage.rect().y;
        Window { stage, rows: VecDeque::new(), spare: Vec::new(), first }
    }

    /// The rectangle that the stage's rows cover.
    pub(crate) fn rect(&self) -> Rect {
        self.stage.rect()
    }

    /// The number of planes in a row.
    pub(crate) fn channels(&self) -> usize {
        self.stage.channels()
    }

    /// Plane `channel` of row `y`, which must be in the window: `rect().width` samples.
    pub(crate) fn plane(&self, y: u32, channel: usize) -> &[f32] {
        let width = self.stage.rect().width as usize;
        &self.row(y)[channel * width..][..width]
    }

    /// All planes of row `y`, which must be in the window.
    pub(crate) fn row(&self, y: u32) -> &[f32] {
        &self.rows[(y - self.first) as usize]
    }

    /// The rows in the window: the number of the first, and the number after the last.
    pub(crate) fn span(&self) -> (u32, u32) {
        (self.first, self.first + self.rows.len() as u32)
    }

    /// Pulls rows from the stage until all rows before `end` have been pulled.
    pub(crate) fn fill(&mut self, run: &mut Run<'_>, end: u32) -> Result<()> {
        while self.first + (self.rows.len() as u32) < end {
            let mut row = match self.spare.pop() {
                Some(row) => row,
                None => memory::zeros(self.stage.row_length())?,
            };
            self.stage.next(run, &mut row)?;
            memory::push(&mut self.rows, row)?;
        }
        Ok(())
    }

    /// Drops the rows before `start`.
    pub(crate) fn release(&mut self, start: u32) {
        while self.first < start {
            let Some(row) = self.rows.pop_front() else { break };
            // If there is no memory for the list of spare buffers, the buffer is freed instead.
            if self.spare.try_reserve(1).is_ok() {
                self.spare.push(row);
            }
            self.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Numbered, with_run};

    #[test]
    fn rows_stay_until_they_are_released() {
        let rect = Rect { x: 2, y: 5, width: 3, height: 9 };
        let mut window = Window::new(Box::new(Numbered::new(rect, 2)));
        with_run(&Cancel::new(), |run| {
            window.fill(run, 9).unwrap();
            assert_eq!(window.span(), (5, 9));
            assert_eq!(
                window.plane(6, 1),
                [Numbered::sample(2, 6, 1), Numbered::sample(3, 6, 1), Numbered::sample(4, 6, 1)]
            );
            window.release(8);
            assert_eq!(window.span(), (8, 9));
            // Rows that were pulled before are not pulled again.
            window.fill(run, 8).unwrap();
            window.fill(run, 10).unwrap();
            assert_eq!(window.span(), (8, 10));
            assert_eq!(window.row(9)[0], Numbered::sample(2, 9, 0));
        });
        assert_eq!(window.rect().size(), Size { width: 3, height: 9 });
    }
}
