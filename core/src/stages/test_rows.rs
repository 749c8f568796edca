//! What the unit tests of stages share: a stage whose samples tell where they come from, and a run that reports to no
//! one.

use crate::error::Result;
use crate::geometry::Rect;
use crate::run::cancel::Cancel;
use crate::run::run::Run;
use crate::stages::stage::Stage;

/// Makes rows whose samples are computed from their position.
pub(crate) struct Numbered {
    rect: Rect,
    channels: usize,
    y: u32,
}

impl Numbered {
    pub(crate) fn new(rect: Rect, channels: usize) -> Self {
        Numbered { rect, channels, y: rect.y }
    }

    /// The sample at `x`, `y` in plane `channel`: from 0 to 1, different from its neighbours, the same in every
    /// rectangle.
    pub(crate) fn sample(x: u32, y: u32, channel: usize) -> f32 {
        ((x * 7 + y * 13 + channel as u32 * 5) % 64) as f32 / 63.0
    }
}

impl Stage for Numbered {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        self.channels
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        run.cancel.check()?;
        assert!(self.y < self.rect.bottom(), "row {} lies below the rectangle", self.y);
        for (channel, plane) in row.chunks_exact_mut(self.rect.width as usize).enumerate() {
            for (x, v) in (self.rect.x..).zip(plane) {
                *v = Self::sample(x, self.y, channel);
            }
        }
        self.y += 1;
        Ok(())
    }
}

/// Makes rows whose samples a function computes, the same in all planes.
pub(crate) struct Painted {
    rect: Rect,
    channels: usize,
    paint: Box<dyn Fn(u32, u32) -> f32>,
    y: u32,
}

impl Painted {
    pub(crate) fn new(rect: Rect, channels: usize, paint: impl Fn(u32, u32) -> f32 + 'static) -> Self {
        Painted { rect, channels, paint: Box::new(paint), y: rect.y }
    }
}

impl Stage for Painted {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        self.channels
    }

    fn next(&mut self, _: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        assert!(self.y < self.rect.bottom(), "row {} lies below the rectangle", self.y);
        for plane in row.chunks_exact_mut(self.rect.width as usize) {
            (self.rect.x..).zip(plane).for_each(|(x, v)| *v = (self.paint)(x, self.y));
        }
        self.y += 1;
        Ok(())
    }
}

/// Calls `body` with a run. Returns its result and the notes of the run.
pub(crate) fn with_run<T>(cancel: &Cancel, body: impl FnOnce(&mut Run<'_>) -> T) -> (T, Vec<String>) {
    let mut silent = |_| {};
    let mut run = Run::new(cancel, &mut silent, 0, 0);
    let result = body(&mut run);
    (result, run.into_notes())
}
