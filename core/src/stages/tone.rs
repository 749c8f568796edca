//! The stage that brings back what has faded. It must leave the border of a scan alone, and everything but the three planes of colour.

use crate::colour::tones::Tones;
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

/// The stage that corrects tones.
pub(crate) struct ToneStage<'a> {
    stage: BoxStage<'a>,
    tones: Tones,
    share: f32,
    /// The size of the picture, after which a sheet repeats.
    period: Size,
    /// The next row.
    y: u32,
}

impl<'a> ToneStage<'a> {
    /// Corrects the rows of `stage` by this share.
    pub(crate) fn new(stage: BoxStage<'a>, (tones, share): (Tones, f32), period: Size) -> Self {
        let y = stage.rect().y;
        ToneStage { stage, tones, share, period, y }
    }
}

impl Stage for ToneStage<'_> {
    fn rect(&self) -> Rect {
        self.stage.rect()
    }

    fn channels(&self) -> usize {
        self.stage.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.stage.next(run, row)?;
        let Rect { x: left, width, .. } = self.stage.rect();
        let inside = self.tones.inside;
        let y = self.y % self.period.height;
        self.y += 1;
        if !(inside.y..inside.bottom()).contains(&y) {
            return Ok(());
        }
        let width = width as usize;
        for x in 0..width {
            if (inside.x..inside.right()).contains(&((left + x as u32) % self.period.width)) {
                let places = [x, width + x, 2 * width + x];
                let new = self.tones.correct(places.map(|at| row[at]), self.share);
                places.into_iter().zip(new).for_each(|(at, v)| row[at] = v);
            }
        }
        Ok(())
    }
}
