//! Measures how fast this machine runs a network, and derives the size of tiles and the number of their parts.
//!
//! RTen can be cancelled only between the parts of a tile, so a part must not take long. The measurement itself must be
//! short: it starts with a tiny tile and stops as soon as the time is long enough to be reliable.

use std::iter::once;
use std::time::{Duration, Instant};

use enlarger::{Manifest, Result, Size, Tensor};

/// The best side of a tile; larger tiles gain little.
const BEST_SIDE: u64 = 640;

/// The time that a part should take.
const PART_TIME: Duration = Duration::from_millis(500);

/// The most time that a part may take. Two seconds are promised; the difference is for a machine that gets busier later.
const MAX_PART_TIME: Duration = Duration::from_millis(1500);

/// The most parts of a tile. More parts cost more time than they save on cancellation.
const MAX_PARTS: usize = 64;

/// The shortest reliable measurement. A longer one would delay the opening of a model, because it occupies all cores.
const RELIABLE: Duration = Duration::from_millis(20);

/// The fewest pixels of a tile. A smaller one would be nearly all halo.
const MIN_PIXELS: u64 = 64 * 64;

/// The sides of tiles to measure with. The first one also warms up the engine.
const SIDES: [u32; 4] = [32, 48, 96, 192];

/// Makes tiles to measure with.
pub(crate) struct TestTile<'a>(&'a Manifest);

impl<'a> TestTile<'a> {
    pub(crate) fn new(manifest: &'a Manifest) -> Self {
        TestTile(manifest)
    }

    /// The names of the network's inputs.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        once(self.0.input.name.as_str()).chain(self.0.extra.iter().map(|extra| extra.name.as_str()))
    }

    /// The pixels of a square tile with about this side: gray with noise, because constant or tiny values run at another speed.
    pub(crate) fn pixels(&self, side: u32) -> Vec<f32> {
        let size = self.0.input.size_near(side);
        let [black, white] = self.0.input.range;
        let mut state = 1u32;
        (0..3 * size.pixels())
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                black + (white - black) * (0.4 + 0.2 * (state >> 8) as f32 / (1 << 24) as f32)
            })
            .collect()
    }

    /// All inputs of the network for these pixels.
    pub(crate) fn inputs<'b>(&self, pixels: &'b [f32]) -> Vec<Tensor<'b>>
    where
        'a: 'b,
    {
        let side = (pixels.len() / 3).isqrt() as u32;
        let Size { width, height } = self.0.input.size_near(side);
        let shape = [1, 3, height as usize, width as usize];
        let pixels = Tensor { name: &self.0.input.name, shape, data: pixels };
        let extra = |extra: &'a enlarger::ExtraInput| Tensor {
            name: &extra.name,
            shape: [1; 4],
            data: std::slice::from_ref(&extra.default),
        };
        once(pixels).chain(self.0.extra.iter().map(extra)).collect()
    }
}

/// The speed of a network on this machine.
pub(crate) struct Speed {
    pixels_per_second: f64,
}

impl Speed {
    pub(crate) fn measure(tile: &TestTile<'_>, mut run: impl FnMut(&[Tensor<'_>]) -> Result<()>) -> Result<Self> {
        let mut pixels_per_second = 0.0;
        for side in SIDES {
            let pixels = tile.pixels(side);
            let inputs = tile.inputs(&pixels);
            let start = Instant::now();
            run(&inputs)?;
            let time = start.elapsed();
            // Only the last and largest tile counts, because it is the most similar to real tiles.
            pixels_per_second = (pixels.len() / 3) as f64 / time.as_secs_f64().max(1e-6);
            if time >= RELIABLE {
                break;
            }
        }
        Ok(Speed { pixels_per_second })
    }

    /// The number of parts in which a tile of the best size should run.
    pub(crate) fn parts(&self) -> usize {
        let time = (BEST_SIDE * BEST_SIDE) as f64 / self.pixels_per_second;
        ((time / PART_TIME.as_secs_f64()).ceil() as usize).clamp(1, MAX_PARTS)
    }

    /// The most pixels that a tile may have. `share` is the part of a tile's time that its longest part takes.
    pub(crate) fn pixels(&self, share: f64) -> u64 {
        ((self.pixels_per_second * MAX_PART_TIME.as_secs_f64() / share) as u64).max(MIN_PIXELS)
    }

    /// The best side of a tile, at most that of [`Speed::pixels`].
    pub(crate) fn side(&self, share: f64) -> u32 {
        self.pixels(share).isqrt().min(BEST_SIDE) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_machines_get_more_parts_and_then_smaller_tiles() {
        let side = |pixels_per_second: f64| {
            let speed = Speed { pixels_per_second };
            (speed.parts(), speed.side(1.0 / speed.parts() as f64))
        };
        assert_eq!(side(1e6), (1, 640));
        assert_eq!(side(80_000.0), (11, 640));
        assert_eq!(side(8_000.0).0, MAX_PARTS);
        assert!((300..640).contains(&side(1_000.0).1));
        assert_eq!(side(1.0).1, 64);
    }
}
