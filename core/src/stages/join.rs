//! A join: the planes of two stages in one row, such as colour and the planes that were resampled in another light.

use crate::error::Result;
use crate::geometry::Rect;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

/// The stage that puts the planes of the second stage after those of the first.
pub(crate) struct Join<'a> {
    first: BoxStage<'a>,
    second: BoxStage<'a>,
}

impl<'a> Join<'a> {
    /// Both stages must give the same rectangle.
    pub(crate) fn new(first: BoxStage<'a>, second: BoxStage<'a>) -> Self {
        debug_assert_eq!(first.rect(), second.rect());
        Join { first, second }
    }
}

impl Stage for Join<'_> {
    fn rect(&self) -> Rect {
        self.first.rect()
    }

    fn channels(&self) -> usize {
        self.first.channels() + self.second.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let (first, second) = row.split_at_mut(self.first.row_length());
        self.first.next(run, first)?;
        self.second.next(run, second)
    }
}
