//! The wear of a picture: its noise, and the blocks that JPEG compression left. Some presets choose a noise level from
//! it.
//!
//! Only the pixels count, not the name or the header of a file: a PNG may have been a JPEG before.

use std::ops::Range;

use crate::colour::conversion::Conversion;
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::models::noise::NoiseLevel;
use crate::pixels::rows::Source;
use crate::presets::camera_noise::CameraNoise;
use crate::presets::roughness::{self, Roughness};
use crate::run::cancel::Cancel;
use crate::run::run::Run;
use crate::stages::decode::Decode;
use crate::stages::stage::BoxStage;
use crate::stages::window::Window;

/// The side of the blocks of JPEG, in pixels.
const BLOCK: u32 = roughness::PIECE;

/// The wear of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Wear {
    /// The standard deviation of the noise in encoded values, where white is 1.
    pub noise: f32,
    /// Whether the noise is coarse, as a camera's is: it differs little between direct neighbours.
    pub coarse: bool,
    /// How much stronger second differences are at the edges of 8×8 blocks than elsewhere; 1 if there are no blocks.
    pub blocks: f32,
}

impl Wear {
    /// Measures a picture, reading it once from top to bottom. Of a picture of more than 2080 rows, stripes are read.
    ///
    /// # Errors
    /// `Cancelled`, or the error that stopped the reading.
    pub fn measure(source: &mut dyn Source, cancel: &Cancel) -> Result<Self> {
        let Size { width, height } = source.size();
        let mut gauge = Gauge::new(width)?;
        // Nothing can be measured in fewer than three rows.
        let stripes = if height < 3 { Vec::new() } else { stripes(height) };
        look(source, cancel, &stripes, &mut |rows, y| gauge.add(&stripes, y, |y, channel| rows.plane(y, channel)))?;
        Ok(gauge.wear())
    }

    /// Whether the blocks that JPEG compression left stand out.
    pub fn has_blocks(&self) -> bool {
        self.blocks > BLOCKY
    }

    /// The noise level in percent that removes this wear and little else.
    pub fn level(&self) -> u8 {
        let blocks = if self.has_blocks() { BLOCKS_LEVEL } else { 0.0 };
        let level = self.noise_level().max(blocks).round();
        // So little noise is hardly visible, and may be texture.
        if level < LEAST { 0 } else { level.min(f64::from(NoiseLevel::MAX_PERCENT)) as u8 }
    }

    /// The noise level in percent for the noise alone. A level of 100 stands for a standard deviation of 75/255.
    pub(crate) fn noise_level(&self) -> f64 {
        f64::from(self.noise) * 255.0 / 75.0 * 100.0
    }
}

/// Levels below this count as 0.
const LEAST: f64 = 4.0;

/// The value of [`Wear::blocks`] above which a picture counts as blocky.
const BLOCKY: f32 = 1.055;

/// How much stronger noise must be between pixels two apart than between direct neighbours to be coarse.
const COARSE: f32 = 1.5;

/// The noise level that removes the blocks.
const BLOCKS_LEVEL: f64 = 10.0;

/// The rows that are measured: all rows of usual pictures, and of higher ones these many stripes of these many rows. A stripe
/// holds whole rows of blocks, and the row that ends the last of them.
const STRIPES: u32 = 16;
const STRIPE: u32 = 64 + 1;

/// The parts of a picture of this height in which wear is measured, from top to bottom.
pub(crate) fn stripes(height: u32) -> Vec<Range<u32>> {
    if height <= 2 * STRIPES * STRIPE {
        let whole = 0..height;
        return vec![whole];
    }
    let start = |i: u32| (u64::from(i) * u64::from(height - STRIPE) / u64::from(STRIPES - 1)) as u32 / BLOCK * BLOCK;
    (0..STRIPES).map(start).map(|start| start..start + STRIPE).collect()
}

/// Reads parts of a picture from top to bottom, and calls `each` for every row. The two rows above it can be read, too, where
/// they lie in the same part.
pub(crate) fn look(
    source: &mut dyn Source,
    cancel: &Cancel,
    parts: &[Range<u32>],
    each: &mut dyn FnMut(&Window<'_>, u32) -> Result<()>,
) -> Result<()> {
    let Size { width, height } = source.size();
    let conversion = Conversion::new(&source.colour(), source.format().is_gray())?;
    let mut silent = |_| {};
    let mut run = Run::new(cancel, &mut silent, 0, height);
    for part in parts {
        let rect = Rect { x: 0, y: part.start, width, height: part.end - part.start };
        let decoded: BoxStage<'_> = Box::new(Decode::new(&mut *source, conversion.clone(), rect)?);
        let mut rows = Window::new(decoded);
        for y in part.clone() {
            rows.fill(&mut run, y + 1)?;
            each(&rows, y)?;
            rows.release(y.saturating_sub(1).max(part.start));
        }
    }
    Ok(())
}

/// Measures wear row by row, for readers that measure other things as well.
pub(crate) struct Gauge {
    roughness: Roughness,
    camera: CameraNoise,
    differences: [Differences; 2],
}

impl Gauge {
    /// For a picture that is `width` pixels wide.
    pub(crate) fn new(width: u32) -> Result<Self> {
        Ok(Gauge {
            roughness: Roughness::new(width as usize)?,
            camera: CameraNoise::new(width)?,
            differences: [Differences::default(); 2],
        })
    }

    /// Adds row `y`, if it and the two rows above it lie in one of the stripes. `plane` gives a colour plane of these rows.
    pub(crate) fn add<'a>(
        &mut self,
        stripes: &[Range<u32>],
        y: u32,
        plane: impl Fn(u32, usize) -> &'a [f32],
    ) -> Result<()> {
        let Some(stripe) = stripes.iter().find(|stripe| stripe.contains(&y)) else { return Ok(()) };
        self.camera.add(y - stripe.start, [0, 1, 2].map(|channel| plane(y, channel)))?;
        if y < stripe.start + 2 {
            return Ok(());
        }
        for channel in 0..3 {
            let [above, here, below] = [y - 2, y - 1, y].map(|y| plane(y, channel));
            self.roughness.add(above, here, below, here);
            self.differences[0].add_along(here);
            self.differences[1].add_across(y, above, here, below);
        }
        if y.is_multiple_of(BLOCK) { self.roughness.finish_row() } else { Ok(()) }
    }

    /// The wear of the rows.
    pub(crate) fn wear(mut self) -> Wear {
        // Blocks have edges in both directions; what stands out in one direction only belongs to the picture.
        let blocks = (self.differences[0].blocks() * self.differences[1].blocks()).sqrt().max(1.0);
        let fine = self.roughness.noise();
        let camera = self.camera.noise(fine);
        // Noise that differs from pixel to pixel is measured by both alike.
        let coarse = camera > COARSE * fine;
        Wear { noise: if coarse { camera } else { fine }, coarse, blocks }
    }
}

/// The limit for second differences, where white is 1. Those that JPEG leaves are smaller, and an edge of the picture
/// must not outweigh a hundred of them.
const MAX_DIFFERENCE: f32 = 12.0 / 255.0;

/// The second difference of three neighbouring samples, limited.
fn difference(a: f32, b: f32, c: f32) -> f32 {
    (a - 2.0 * b + c).abs().min(MAX_DIFFERENCE)
}

/// Second differences by their position within blocks of 8.
#[derive(Clone, Copy, Default)]
struct Differences {
    sums: [f64; BLOCK as usize],
    counts: [f64; BLOCK as usize],
}

impl Differences {
    /// Adds the differences along a row. Each belongs to the place of its last sample.
    fn add_along(&mut self, row: &[f32]) {
        let mut sums = [0.0f32; BLOCK as usize];
        // Whole blocks in a loop that compilers turn into vectors; what is left at both ends, one by one.
        let whole = BLOCK as usize..row.len() / BLOCK as usize * BLOCK as usize;
        for start in whole.clone().step_by(BLOCK as usize) {
            let near: &[f32] = &row[start - 2..start + BLOCK as usize];
            for (place, sum) in sums.iter_mut().enumerate() {
                *sum += difference(near[place], near[place + 1], near[place + 2]);
            }
        }
        for x in (2..row.len().min(BLOCK as usize)).chain(whole.end.max(BLOCK as usize)..row.len()) {
            sums[x % BLOCK as usize] += difference(row[x - 2], row[x - 1], row[x]);
            self.counts[x % BLOCK as usize] += 1.0;
        }
        for (place, sum) in sums.iter().enumerate() {
            self.sums[place] += f64::from(*sum);
            self.counts[place] += whole.len() as f64 / f64::from(BLOCK);
        }
    }

    /// Adds the differences across rows, of which the last one has the number `y`.
    fn add_across(&mut self, y: u32, above: &[f32], here: &[f32], below: &[f32]) {
        if below.len() < 3 {
            return;
        }
        let [above, here, below] = [above, here, below].map(|row| row[2..].as_chunks::<{ BLOCK as usize }>());
        let mut sums = [0.0f32; BLOCK as usize];
        for ((a, b), c) in above.0.iter().zip(here.0).zip(below.0) {
            for (place, sum) in sums.iter_mut().enumerate() {
                *sum += difference(a[place], b[place], c[place]);
            }
        }
        let rest: f32 = above.1.iter().zip(here.1).zip(below.1).map(|((a, b), c)| difference(*a, *b, *c)).sum();
        let place = (y % BLOCK) as usize;
        self.sums[place] += f64::from(sums.iter().sum::<f32>() + rest);
        self.counts[place] += (above.0.len() * BLOCK as usize + above.1.len()) as f64;
    }

    /// The block measure along one direction. An edge between blocks raises the second differences at the two positions
    /// beside it only. For each pair of neighbouring positions, the smaller of the two is compared with the largest of
    /// the other six; the pair that stands out most counts.
    fn blocks(&self) -> f32 {
        const PLACES: usize = BLOCK as usize;
        let mean = |place: usize| self.sums[place % PLACES] / self.counts[place % PLACES].max(1.0);
        let standing_out = |place: usize| {
            let others = (place + 2..place + PLACES).map(mean).fold(0.0, f64::max);
            if others > 0.0 { (mean(place).min(mean(place + 1)) / others) as f32 } else { 1.0 }
        };
        (0..PLACES).map(standing_out).fold(0.0, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_of_high_pictures_lie_on_blocks_and_reach_both_ends() {
        for height in [1, 2080] {
            let whole = 0..height;
            assert_eq!(stripes(height), std::slice::from_ref(&whole));
        }
        let of_high = stripes(3000);
        assert_eq!((of_high.len(), of_high[0].clone(), of_high[15].clone()), (16, 0..65, 2928..2993));
        for (stripe, next) in of_high.iter().zip(&of_high[1..]) {
            assert!(stripe.end <= next.start && stripe.start % BLOCK == 0, "{stripe:?}, {next:?}");
        }
    }
}
