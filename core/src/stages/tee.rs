//! A tee: one stage read by several others.
//!
//! The colour lock needs what the network saw, and alpha goes its own way from the same source rows. A tee must never
//! pull a row twice: rows are kept until the slowest reader has read them.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use crate::error::Result;
use crate::geometry::Rect;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// Lets several readers read one stage.
pub(crate) struct Tee<'a>(Rc<RefCell<Shared<'a>>>);

struct Shared<'a> {
    window: Window<'a>,
    /// For each reader, the row that it reads next; `u32::MAX` once it has read all of its rows.
    positions: Vec<u32>,
}

impl<'a> Tee<'a> {
    pub(crate) fn new(stage: BoxStage<'a>) -> Self {
        Tee(Rc::new(RefCell::new(Shared { window: Window::new(stage), positions: Vec::new() })))
    }

    /// Creates a stage that gives the planes `channels` of `rect`, which must lie inside the rectangle of the tee's
    /// stage. All readers must be created before the first row is read.
    pub(crate) fn reader(&self, rect: Rect, channels: Range<usize>) -> BoxStage<'a> {
        let mut shared = self.0.borrow_mut();
        shared.positions.push(rect.y);
        Box::new(Reader { shared: self.0.clone(), index: shared.positions.len() - 1, rect, channels })
    }
}

struct Reader<'a> {
    shared: Rc<RefCell<Shared<'a>>>,
    /// Its index in [`Shared::positions`].
    index: usize,
    rect: Rect,
    channels: Range<usize>,
}

impl Stage for Reader<'_> {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        self.channels.len()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let Shared { window, positions } = &mut *self.shared.borrow_mut();
        let y = positions[self.index];
        window.fill(run, y + 1)?;
        let start = (self.rect.x - window.rect().x) as usize;
        let width = self.rect.width as usize;
        for (out, channel) in row.chunks_exact_mut(width).zip(self.channels.clone()) {
            out.copy_from_slice(&window.plane(y, channel)[start..start + width]);
        }
        positions[self.index] = y + 1;
        // A reader that has read all of its rows must not hold back the others'.
        if y + 1 == self.rect.bottom() {
            positions[self.index] = u32::MAX;
        }
        window.release(positions.iter().copied().min().unwrap_or(u32::MAX));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Numbered, with_run};

    #[test]
    fn readers_at_different_rows_get_their_own_rectangles() {
        let tee = Tee::new(Box::new(Numbered::new(Rect { x: 0, y: 0, width: 8, height: 8 }, 3)));
        let mut all = tee.reader(Rect { x: 0, y: 0, width: 8, height: 8 }, 0..3);
        let mut part = tee.reader(Rect { x: 3, y: 2, width: 2, height: 3 }, 1..2);
        with_run(&Cancel::new(), |run| {
            let (mut row, mut few) = (vec![0.0; all.row_length()], vec![0.0; part.row_length()]);
            for y in 2..5 {
                part.next(run, &mut few).unwrap();
                assert_eq!(few, [Numbered::sample(3, y, 1), Numbered::sample(4, y, 1)]);
            }
            assert_eq!(tee.0.borrow().window.span(), (0, 5), "rows wait for the slower reader");
            for y in 0..8 {
                all.next(run, &mut row).unwrap();
                assert_eq!(row[8 + 7], Numbered::sample(7, y, 1));
            }
            assert_eq!(tee.0.borrow().window.span(), (8, 8), "no row is kept after all readers are done");
        });
    }
}
