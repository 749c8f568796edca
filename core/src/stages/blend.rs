//! Strength: what the network made, mixed with a faithful enlargement of the source.
//!
//! Encoded values are mixed: both have the source's low frequencies in them, so the mixture has them too, and no colour
//! drifts. (Half of each light would be brighter than both wherever one is sharper than the other.) At full strength this stage
//! must not exist.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

pub(crate) struct Blend<'a> {
    made: BoxStage<'a>,
    faithful: BoxStage<'a>,
    strength: f32,
    row: Vec<f32>,
}

impl<'a> Blend<'a> {
    /// Both stages give sRGB-encoded rows of the same rectangle.
    pub(crate) fn new(made: BoxStage<'a>, faithful: BoxStage<'a>, strength: f32) -> Result<Self> {
        let row = memory::zeros(made.row_length())?;
        Ok(Blend { made, faithful, strength, row })
    }
}

impl Stage for Blend<'_> {
    fn rect(&self) -> Rect {
        self.made.rect()
    }

    fn channels(&self) -> usize {
        self.made.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.made.next(run, row)?;
        self.faithful.next(run, &mut self.row)?;
        row.iter_mut()
            .zip(&self.row)
            .for_each(|(made, faithful)| *made = faithful + (*made - faithful) * self.strength);
        Ok(())
    }
}
