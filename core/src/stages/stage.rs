//! Rows of planar f32 on their way from the source to the sink.
//!
//! Each step of the pipeline is a stage that makes its next row from rows it pulls out of the stage before it. So a
//! picture flows in bands whose height only the steps themselves decide, and no step knows its neighbours.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;

/// Something that makes rows, from top to bottom.
pub(crate) trait Stage {
    /// The part of the stage's picture that its rows cover.
    fn rect(&self) -> Rect;

    /// Planes in a row.
    fn channels(&self) -> usize;

    /// Fills `row` with the next row: planes of `rect().width` samples after one another.
    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()>;

    /// Samples in a row, all planes together.
    fn row_length(&self) -> usize {
        self.channels() * self.rect().width as usize
    }
}

/// A stage of any kind.
pub(crate) type BoxStage<'a> = Box<dyn Stage + 'a>;

/// Some consecutive rows of a stage, kept while they are needed.
pub(crate) struct Window<'a> {
    stage: BoxStage<'a>,
    rows: VecDeque<Vec<f32>>,
    spare: Vec<Vec<f32>>,
    first: u32,
}

impl<'a> Window<'a> {
    pub(crate) fn new(stage: BoxStage<'a>) -> Self {
        let first = stage.rect().y;
        Window { stage, rows: VecDeque::new(), spare: Vec::new(), first }
    }

    pub(crate) fn rect(&self) -> Rect {
        self.stage.rect()
    }

    pub(crate) fn channels(&self) -> usize {
        self.stage.channels()
    }

    /// The plane `channel` of row `y`, which must be in the window.
    pub(crate) fn plane(&self, y: u32, channel: usize) -> &[f32] {
        let width = self.stage.rect().width as usize;
        &self.row(y)[channel * width..][..width]
    }

    /// Row `y`, which must be in the window.
    pub(crate) fn row(&self, y: u32) -> &[f32] {
        &self.rows[(y - self.first) as usize]
    }

    /// The rows that are here: the first, and the one after the last.
    pub(crate) fn span(&self) -> (u32, u32) {
        (self.first, self.first + self.rows.len() as u32)
    }

    /// Makes sure that the rows before `end` are here.
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

    /// Forgets the rows before `start`.
    pub(crate) fn release(&mut self, start: u32) {
        while self.first < start {
            let Some(row) = self.rows.pop_front() else { break };
            // Kept to be used again, but not at any price.
            if self.spare.try_reserve(1).is_ok() {
                self.spare.push(row);
            }
            self.first += 1;
        }
    }
}

/// One stage, read by several.
///
/// Rows are kept until the slowest reader has had them.
pub(crate) struct Tee<'a>(Rc<RefCell<Shared<'a>>>);

struct Shared<'a> {
    window: Window<'a>,
    /// The next row of each reader.
    positions: Vec<u32>,
}

impl<'a> Tee<'a> {
    pub(crate) fn new(stage: BoxStage<'a>) -> Self {
        Tee(Rc::new(RefCell::new(Shared { window: Window::new(stage), positions: Vec::new() })))
    }

    /// A stage that gives `rect` of these planes. All readers must be made before the first row is read.
    pub(crate) fn reader(&self, rect: Rect, channels: Range<usize>) -> BoxStage<'a> {
        let mut shared = self.0.borrow_mut();
        shared.positions.push(rect.y);
        Box::new(Reader { shared: self.0.clone(), index: shared.positions.len() - 1, rect, channels })
    }
}

struct Reader<'a> {
    shared: Rc<RefCell<Shared<'a>>>,
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
        // A reader that is done keeps nothing back.
        if y + 1 == self.rect.bottom() {
            positions[self.index] = u32::MAX;
        }
        window.release(positions.iter().copied().min().unwrap_or(u32::MAX));
        Ok(())
    }
}

/// Mirrors without repeating the edge: ... 2 1 | 0 1 2 ... as networks are padded.
pub(crate) fn reflect(i: i64, length: u32) -> u32 {
    if length == 1 {
        return 0;
    }
    let period = 2 * (i64::from(length) - 1);
    let m = i.rem_euclid(period);
    m.min(period - m) as u32
}

/// Mirrors with the edge repeated: ... 1 0 | 0 1 ... which keeps means under a symmetric blur.
pub(crate) fn symmetric(i: i64, length: u32) -> u32 {
    let period = 2 * i64::from(length);
    let m = i.rem_euclid(period);
    m.min(period - 1 - m) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors() {
        let row = |f: fn(i64, u32) -> u32, n| (-4..7).map(|i| f(i, n)).collect::<Vec<_>>();
        assert_eq!(row(reflect, 3), [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]);
        assert_eq!(row(symmetric, 3), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        assert_eq!(row(reflect, 1), [0; 11]);
        assert_eq!(row(symmetric, 1), [0; 11]);
    }
}
