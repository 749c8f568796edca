//! What a run takes: time, measured here, and memory, counted.

use std::time::Instant;

use enlarger::Result;

use super::Subject;
use super::picture::Picture;

/// A picture large enough that what does not grow with it hardly counts.
const SIDE: u32 = 128;

/// Seconds for a megapixel of input.
pub(super) fn seconds(subject: &Subject<'_>) -> Result<f64> {
    let side = SIDE.max(subject.minimum).next_multiple_of(subject.multiple) as usize;
    let picture = Picture::new(side, side);
    // The first run is slower than those that follow.
    subject.run(&picture)?;
    let started = Instant::now();
    subject.run(&picture)?;
    Ok(started.elapsed().as_secs_f64() * 1e6 / (side * side) as f64)
}
