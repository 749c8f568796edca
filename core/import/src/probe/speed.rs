//! Measures how long a network takes. Its memory is not measured but counted, in `enlarger_networks`.

use std::time::Instant;

use enlarger::Result;

use super::runner::Runner;

/// The side of the picture, large enough that the constant part of the time hardly counts.
const SIDE: u32 = 128;

/// Seconds for a megapixel of input.
pub(super) fn seconds_per_megapixel(runner: &Runner<'_>) -> Result<f64> {
    let picture = runner.picture_near(SIDE);
    // The first run is slower than later ones.
    runner.run(&picture)?;
    let started = Instant::now();
    runner.run(&picture)?;
    Ok(started.elapsed().as_secs_f64() * 1e6 / (picture.width * picture.height) as f64)
}
