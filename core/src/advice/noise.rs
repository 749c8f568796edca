//! The noise of a picture, in luminance and in colour.

use std::borrow::Cow;

use crate::advice::sample::Sample;
use crate::error::Result;
use crate::presets::roughness::Roughness;

/// Standard deviations in encoded values, where white is 1: of luminance, and of the stronger of the two differences of
/// colour. Coarse noise is measured on every second pixel.
pub(super) fn noise(sample: &Sample) -> Result<[f32; 2]> {
    let step = if sample.wear.coarse { 2 } else { 1 };
    let mut found = [0.0; 3];
    for (plane, noise) in found.iter_mut().enumerate() {
        let Some(first) = sample.pieces.first() else { break };
        let width = first.width.div_ceil(step);
        let mut roughness = Roughness::new(width)?;
        for piece in &sample.pieces {
            let plane = thinned(piece.plane(plane), piece.width, step);
            let (row, height) = (|y: usize| &plane[y * width..][..width], plane.len() / width);
            for y in 2..height {
                roughness.add(row(y - 2), row(y - 1), row(y), row(y - 1));
                if y % 8 == 0 || y + 1 == height {
                    roughness.finish_row()?;
                }
            }
        }
        *noise = roughness.noise();
    }
    Ok([found[0], found[1].max(found[2])])
}

/// Every second sample of every second row for a step of 2; the plane itself for 1.
fn thinned(plane: &[f32], width: usize, step: usize) -> Cow<'_, [f32]> {
    if step == 1 {
        return Cow::Borrowed(plane);
    }
    plane.chunks_exact(width).step_by(step).flat_map(|row| row.iter().step_by(step).copied()).collect()
}
