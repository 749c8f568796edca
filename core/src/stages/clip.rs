//! Clips values to 0 to 1: colour to black and white, which replaces the colour lock if it is off, and the share of a mask.

use crate::error::Result;
use crate::geometry::Rect;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

/// The stage that clips.
pub(crate) struct Clip<'a>(pub(crate) BoxStage<'a>);

impl Stage for Clip<'_> {
    fn rect(&self) -> Rect {
        self.0.rect()
    }

    fn channels(&self) -> usize {
        self.0.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.0.next(run, row)?;
        row.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
        Ok(())
    }
}
