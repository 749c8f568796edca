//! The noise of a picture, in luminance and in colour.

use crate::advice::sample::Sample;
use crate::error::Result;
use crate::presets::roughness::Roughness;

/// Standard deviations in encoded values, where white is 1: of luminance, and of the stronger of the two differences of
/// colour. Coarse noise is measured on every second pixel.
pub(super) fn noise(sample: &Sample) -> Result<[f32; 2]> {
    let mut found = [0.0; 3];
    for (plane, noise) in found.iter_mut().enumerate() {
        let Some(first) = sample.pieces.first() else { break };
        let step = if sample.wear.coarse { 2 } else { 1 };
        let mut roughness = Roughness::new(first.width.div_ceil(step))?;
        for piece in &sample.pieces {
            let samples = |row: &[f32]| row.iter().step_by(step).copied().collect::<Vec<_>>();
            let row = |y: usize| samples(&piece.plane(plane)[y * step * piece.width..][..piece.width]);
            let height = piece.height.div_ceil(step);
            for y in 2..height {
                let here = row(y - 1);
                roughness.add(&row(y - 2), &here, &row(y), &here);
                if y % 8 == 0 || y + 1 == height {
                    roughness.finish_row()?;
                }
            }
        }
        *noise = roughness.noise();
    }
    Ok([found[0], found[1].max(found[2])])
}
