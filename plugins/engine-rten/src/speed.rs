//! How large a tile may be on this machine.
//!
//! An engine that cannot be interrupted answers a cancel only after its tile, so it must know its own speed.
//! It must never take long itself: it begins with the smallest tile and stops as soon as the time can be read.

use std::time::{Duration, Instant};

use enlarger::{Manifest, Result, Tensor};

/// The side of a tile beyond which nothing is gained.
pub(crate) const BEST_SIDE: u32 = 512;

/// How long a tile may take. Two seconds are promised; a machine can be busier later than it is now.
const TILE_TIME: Duration = Duration::from_millis(1500);

/// A measurement as long as this one is good enough.
const READABLE: Duration = Duration::from_millis(60);

/// Below this, a tile is nearly all halo.
const FEWEST_PIXELS: u64 = 64 * 64;

/// The sides to try. The first one also warms the engine.
const SIDES: [u32; 4] = [32, 48, 96, 192];

/// The most pixels that a tile may have, from runs of growing tiles.
pub(crate) fn tile_pixels(manifest: &Manifest, mut run: impl FnMut(&[Tensor<'_>]) -> Result<()>) -> Result<u64> {
    let mut pixels_per_second = 0.0f64;
    for side in SIDES.map(|side| usable(side, manifest)) {
        let pixels = noise(3 * side * side, manifest.input.range);
        let mut inputs =
            vec![Tensor { name: &manifest.input.name, shape: [1, 3, side, side], data: pixels.as_slice() }];
        inputs.extend(manifest.extra.iter().map(|extra| Tensor {
            name: &extra.name,
            shape: [1; 4],
            data: std::slice::from_ref(&extra.default),
        }));
        let start = Instant::now();
        run(&inputs)?;
        let time = start.elapsed();
        // The largest tile tried is nearest to those to come, so its rate is the one that counts.
        pixels_per_second = (side * side) as f64 / time.as_secs_f64().max(1e-6);
        if time >= READABLE {
            break;
        }
    }
    Ok(((pixels_per_second * TILE_TIME.as_secs_f64()) as u64).max(FEWEST_PIXELS))
}

/// The nearest side that the network takes.
fn usable(side: u32, manifest: &Manifest) -> usize {
    side.max(manifest.input.minimum).next_multiple_of(manifest.input.multiple) as usize
}

/// Grey with noise: denormal or constant values would run at another speed than a picture.
fn noise(count: usize, [black, white]: [f32; 2]) -> Vec<f32> {
    let mut state = 1u32;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            black + (white - black) * (0.4 + 0.2 * (state >> 8) as f32 / (1 << 24) as f32)
        })
        .collect()
}
