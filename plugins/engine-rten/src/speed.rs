//! How fast this machine runs a network, and what follows from that for its tiles.
//!
//! RTen answers a cancel only between the parts of a tile, so it must know how long they take.
//! Measuring must never take long itself: it begins with a tiny tile and stops as soon as the time can be read.

use std::iter::once;
use std::time::{Duration, Instant};

use enlarger::{Manifest, Result, Tensor};

/// The side of a tile beyond which little is gained.
const BEST_SIDE: u64 = 640;

/// How long a part should take.
const PART_TIME: Duration = Duration::from_millis(500);

/// How long a part may take. Two seconds are promised; a machine can be busier later than it is now.
const LONGEST_TIME: Duration = Duration::from_millis(1500);

/// More parts than these cost more than they give.
const MOST_PARTS: usize = 64;

/// A measurement as long as this one is good enough. All cores work on it, so a longer one would make opening a model dear.
const READABLE: Duration = Duration::from_millis(20);

/// Below this, a tile is nearly all halo.
const FEWEST_PIXELS: u64 = 64 * 64;

/// The sides to try. The first one also warms the engine.
const SIDES: [u32; 4] = [32, 48, 96, 192];

/// Tiles to measure with.
pub(crate) struct Probe<'a>(&'a Manifest);

impl<'a> Probe<'a> {
    pub(crate) fn new(manifest: &'a Manifest) -> Self {
        Probe(manifest)
    }

    /// The names of the network's inputs.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        once(self.0.input.name.as_str()).chain(self.0.extra.iter().map(|extra| extra.name.as_str()))
    }

    /// A square tile of about this side: grey with noise, because constant or tiny values run at another speed.
    pub(crate) fn pixels(&self, side: u32) -> Vec<f32> {
        let side = side.max(self.0.input.minimum).next_multiple_of(self.0.input.multiple) as usize;
        let [black, white] = self.0.input.range;
        let mut state = 1u32;
        (0..3 * side * side)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                black + (white - black) * (0.4 + 0.2 * (state >> 8) as f32 / (1 << 24) as f32)
            })
            .collect()
    }

    /// All inputs for such a tile.
    pub(crate) fn inputs<'b>(&self, pixels: &'b [f32]) -> Vec<Tensor<'b>>
    where
        'a: 'b,
    {
        let side = (pixels.len() / 3).isqrt();
        let pixels = Tensor { name: &self.0.input.name, shape: [1, 3, side, side], data: pixels };
        let extra = |extra: &'a enlarger::ExtraInput| Tensor {
            name: &extra.name,
            shape: [1; 4],
            data: std::slice::from_ref(&extra.default),
        };
        once(pixels).chain(self.0.extra.iter().map(extra)).collect()
    }
}

/// What was measured.
pub(crate) struct Speed {
    pixels_per_second: f64,
}

impl Speed {
    pub(crate) fn measure(probe: &Probe<'_>, mut run: impl FnMut(&[Tensor<'_>]) -> Result<()>) -> Result<Self> {
        let mut pixels_per_second = 0.0;
        for side in SIDES {
            let pixels = probe.pixels(side);
            let inputs = probe.inputs(&pixels);
            let start = Instant::now();
            run(&inputs)?;
            let time = start.elapsed();
            // The largest tile tried is nearest to those to come, so its rate is the one that counts.
            pixels_per_second = (pixels.len() / 3) as f64 / time.as_secs_f64().max(1e-6);
            if time >= READABLE {
                break;
            }
        }
        Ok(Speed { pixels_per_second })
    }

    /// In how many parts a tile of the best size should run.
    pub(crate) fn parts(&self) -> usize {
        let time = (BEST_SIDE * BEST_SIDE) as f64 / self.pixels_per_second;
        ((time / PART_TIME.as_secs_f64()).ceil() as usize).clamp(1, MOST_PARTS)
    }

    /// The most pixels of a tile whose longest part takes this share of its time.
    pub(crate) fn pixels(&self, share: f64) -> u64 {
        ((self.pixels_per_second * LONGEST_TIME.as_secs_f64() / share) as u64).max(FEWEST_PIXELS)
    }

    /// The side of a tile, likewise.
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
        assert_eq!(side(8_000.0).0, MOST_PARTS);
        assert!((300..640).contains(&side(1_000.0).1));
        assert_eq!(side(1.0).1, 64);
    }
}
