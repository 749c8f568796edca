//! How worn a picture is: its noise, and the blocks that JPEG left. From this a preset chooses its noise level.
//!
//! Only the picture is looked at, never the file's name or header: a PNG may have been a JPEG once. Fine texture must not
//! be taken for noise, so the smoothest parts decide.

use crate::colour::conversion::Conversion;
use crate::error::Result;
use crate::machine::memory;
use crate::models::noise::NoiseLevel;
use crate::pixels::rows::Source;
use crate::run::cancel::Cancel;
use crate::run::run::Run;
use crate::stages::decode::Decode;
use crate::stages::stage::{BoxStage, Window};

/// The side of JPEG's blocks, and of the pieces that are looked at.
const BLOCK: u32 = 8;

/// Of the pieces, the part that is smoother than the one that decides.
const SMOOTHEST: f64 = 0.1;

/// What is left of the slowest slopes in the smoothest pieces of a clean photo, of 1.
const TEXTURE: f32 = 1.5 / 255.0;

/// Pieces with values outside are cut off, and tell nothing.
const SEEN: [f32; 2] = [0.04, 0.96];

/// How worn a picture is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Wear {
    /// The standard deviation of the noise, of 1, in encoded values.
    pub noise: f32,
    /// How much more the picture bends at the edges of blocks than anywhere else; 1 where there are no blocks.
    pub blocks: f32,
}

impl Wear {
    /// Looks at a whole picture, once from top to bottom.
    ///
    /// # Errors
    /// Whatever stopped the reading.
    pub fn measure(source: &mut dyn Source, cancel: &Cancel) -> Result<Self> {
        let size = source.size();
        let conversion = Conversion::new(&source.colour(), source.format().is_gray())?;
        let decoded: BoxStage<'_> = Box::new(Decode::new(source, conversion, size.rect())?);
        let mut rows = Window::new(decoded);
        let mut silent = |_| {};
        let mut run = Run::new(cancel, &mut silent, 0, size.height);
        let (width, across) = (size.width as usize, (size.width / BLOCK) as usize);
        let mut pieces = Pieces { found: Vec::new(), row: memory::zeros(3 * across)?, wide: across };
        let mut steps = [Steps::default(), Steps::default()];
        for y in 2..size.height {
            rows.fill(&mut run, y + 1)?;
            rows.release(y - 2);
            for channel in 0..3 {
                let [above, here, below] = [y - 2, y - 1, y].map(|y| rows.plane(y, channel));
                pieces.add(above, here, below);
                for x in 2..width.max(2) {
                    steps[0].add(x as u32, here[x - 2], here[x - 1], here[x]);
                    steps[1].add(y, above[x], here[x], below[x]);
                }
            }
            if y % BLOCK == 0 {
                pieces.finish_row()?;
            }
        }
        // Blocks have edges both ways; what stands out one way only is the picture's own.
        let blocks = (steps[0].blocks() * steps[1].blocks()).sqrt().max(1.0);
        Ok(Wear { noise: pieces.noise(), blocks })
    }

    /// The noise level in percent that removes this wear and little else.
    pub fn level(&self) -> u8 {
        // A level of 100 stands for a deviation of 75/255.
        let noise = f64::from(self.noise) * 255.0 / 75.0 * 100.0;
        let blocks = if self.blocks > BLOCKY { BLOCKS_LEVEL } else { 0.0 };
        let level = noise.max(blocks).round();
        // So little is hardly seen, and may as well be texture.
        if level < LEAST { 0 } else { level.min(f64::from(NoiseLevel::MAX_PERCENT)) as u8 }
    }
}

/// A level below is none.
const LEAST: f64 = 4.0;

/// From here on there are blocks.
const BLOCKY: f32 = 1.055;

/// The level that calms them.
const BLOCKS_LEVEL: f64 = 10.0;

/// The roughness of pieces of 8×8 pixels.
struct Pieces {
    found: Vec<f32>,
    /// For each piece of the row that is under way: the sum of squares, the number of them, and of those outside.
    row: Vec<f32>,
    wide: usize,
}

impl Pieces {
    /// Adds one row: what a second difference both ways leaves, which is nothing of slopes.
    fn add(&mut self, above: &[f32], here: &[f32], below: &[f32]) {
        for (at, piece) in self.row.chunks_exact_mut(3).enumerate() {
            for x in (at * BLOCK as usize).max(1)..((at + 1) * BLOCK as usize).min(here.len() - 1) {
                let line = |row: &[f32]| row[x - 1] - 2.0 * row[x] + row[x + 1];
                let rough = line(above) - 2.0 * line(here) + line(below);
                piece[0] += rough * rough;
                piece[1] += 1.0;
                piece[2] += f32::from(u8::from(here[x] < SEEN[0] || here[x] > SEEN[1]));
            }
        }
    }

    fn finish_row(&mut self) -> Result<()> {
        memory::reserve(&mut self.found, self.wide)?;
        for piece in self.row.chunks_exact_mut(3) {
            // The weights' squares sum to 36. A flat piece is drawn, not photographed, and tells nothing either.
            if piece[1] > 0.0 && piece[2] < piece[1] * 0.1 && piece[0] > 0.0 {
                self.found.push((piece[0] / piece[1] / 36.0).sqrt());
            }
            piece.fill(0.0);
        }
        Ok(())
    }

    fn noise(mut self) -> f32 {
        if self.found.is_empty() {
            return 0.0;
        }
        let at = ((self.found.len() - 1) as f64 * SMOOTHEST) as usize;
        let (_, deviation, _) = self.found.select_nth_unstable_by(at, f32::total_cmp);
        (deviation.powi(2) - TEXTURE.powi(2)).max(0.0).sqrt()
    }
}

/// Bends are counted up to this, of 1: those that JPEG leaves are smaller, and one edge of the picture's own must not outweigh a
/// hundred of them.
const BEND: f32 = 12.0 / 255.0;

/// How much the picture bends, by the place in a lattice of 8.
#[derive(Clone, Copy, Default)]
struct Steps {
    sums: [f64; BLOCK as usize],
    counts: [f64; BLOCK as usize],
}

impl Steps {
    /// Three neighbours; the last is at `at`.
    fn add(&mut self, at: u32, a: f32, b: f32, c: f32) {
        let place = (at % BLOCK) as usize;
        self.sums[place] += f64::from((a - 2.0 * b + c).abs().min(BEND));
        self.counts[place] += 1.0;
    }

    /// An edge of blocks bends the picture at the two places beside it, and nowhere else: the lesser of two neighbours
    /// against the largest of the other six, for the two that stand out most.
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
