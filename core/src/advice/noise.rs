//! The noise of a picture, in luminance and in colour.

use crate::advice::sample::Sample;
use crate::error::Result;
use crate::presets::roughness::Roughness;

/// Standard deviations in encoded values, where white is 1: of luminance, and of the stronger of the two differences of
/// colour.
pub(super) fn noise(sample: &Sample) -> Result<[f32; 2]> {
    let mut found = [0.0; 3];
    for (plane, noise) in found.iter_mut().enumerate() {
        let Some(first) = sample.pieces.first() else { break };
        let mut roughness = Roughness::new(first.width)?;
        for piece in &sample.pieces {
            let row = |y: usize| &piece.plane(plane)[y * piece.width..][..piece.width];
            for y in 2..piece.height {
                roughness.add(row(y - 2), row(y - 1), row(y));
                if y % 8 == 0 || y + 1 == piece.height {
                    roughness.finish_row()?;
                }
            }
        }
        *noise = roughness.noise();
    }
    Ok([found[0], found[1].max(found[2])])
}
