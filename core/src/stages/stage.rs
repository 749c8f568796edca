//! A stage of the pipeline: rows of planar f32 on their way from the source to the sink.
//!
//! Each stage makes its next row from rows that it pulls from the stage before it, so only the stages themselves decide
//! how many rows are in memory. A stage must not know which stages come before and after it.

use crate::error::Result;
use crate::geometry::Rect;
use crate::run::run::Run;

/// Makes the rows of one rectangle of a picture, from top to bottom.
///
/// A row holds `channels()` planes of `rect().width` samples each, one plane after another. Colour samples are
/// sRGB-encoded, 0 to 1; [`decode`](crate::stages::decode) describes the other planes.
pub(crate) trait Stage {
    /// The rectangle that the rows cover, in pixels of the stage's own picture (the enlarged one, if the stage
    /// enlarges).
    fn rect(&self) -> Rect;

    /// The number of planes in a row.
    fn channels(&self) -> usize;

    /// Fills `row`, which has [`Stage::row_length`] samples, with the next row. The first call gives row `rect().y`.
    /// Must be called at most `rect().height` times.
    ///
    /// # Errors
    /// Any error ends the run; the stage must not be used after it.
    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()>;

    /// The number of samples in a row, all planes together.
    fn row_length(&self) -> usize {
        self.channels() * self.rect().width as usize
    }
}

/// A stage of any type.
pub(crate) type BoxStage<'a> = Box<dyn Stage + 'a>;
