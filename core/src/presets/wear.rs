//! The wear of a picture: its noise, and the blocks that JPEG compression left. Some presets choose a noise level from
//! it.
//!
//! Only the pixels count, not the name or the header of a file: a PNG may have been a JPEG before. Fine texture must
//! not be mistaken for noise, so the smoothest parts of the picture decide.

use crate::colour::conversion::Conversion;
use crate::error::Result;
use crate::machine::memory;
use crate::models::noise::NoiseLevel;
use crate::pixels::rows::Source;
use crate::run::cancel::Cancel;
use crate::run::run::Run;
use crate::stages::decode::Decode;
use crate::stages::stage::BoxStage;
use crate::stages::window::Window;

/// The side of the blocks of JPEG, and of the pieces that are measured, in pixels.
const BLOCK: u32 = 8;

/// The share of the pieces that are smoother than the one that decides.
const SMOOTHEST: f64 = 0.1;

/// The roughness of the smoothest pieces of a clean photo, where white is 1.
const TEXTURE: f32 = 1.5 / 255.0;

/// Pieces with many values outside this range may be clipped, and are ignored.
const UNCLIPPED: [f32; 2] = [0.04, 0.96];

/// The wear of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Wear {
    /// The standard deviation of the noise in encoded values, where white is 1.
    pub noise: f32,
    /// How much stronger second differences are at the edges of 8×8 blocks than elsewhere; 1 if there are no blocks.
    pub blocks: f32,
}

impl Wear {
    /// Measures a whole picture, reading it once from top to bottom.
    ///
    /// # Errors
    /// `Cancelled`, or the error that stopped the reading.
    pub fn measure(source: &mut dyn Source, cancel: &Cancel) -> Result<Self> {
        let size = source.size();
        let conversion = Conversion::new(&source.colour(), source.format().is_gray())?;
        let decoded: BoxStage<'_> = Box::new(Decode::new(source, conversion, size.rect())?);
        let mut rows = Window::new(decoded);
        let mut silent = |_| {};
        let mut run = Run::new(cancel, &mut silent, 0, size.height);
        let (width, across) = (size.width as usize, (size.width / BLOCK) as usize);
        let mut pieces = Pieces { found: Vec::new(), row: memory::zeros(3 * across)?, wide: across };
        let mut differences = [Differences::default(), Differences::default()];
        for y in 2..size.height {
            rows.fill(&mut run, y + 1)?;
            rows.release(y - 2);
            for channel in 0..3 {
                let [above, here, below] = [y - 2, y - 1, y].map(|y| rows.plane(y, channel));
                pieces.add(above, here, below);
                for x in 2..width.max(2) {
                    differences[0].add(x as u32, here[x - 2], here[x - 1], here[x]);
                    differences[1].add(y, above[x], here[x], below[x]);
                }
            }
            if y % BLOCK == 0 {
                pieces.finish_row()?;
            }
        }
        // Blocks have edges in both directions; what stands out in one direction only belongs to the picture.
        let blocks = (differences[0].blocks() * differences[1].blocks()).sqrt().max(1.0);
        Ok(Wear { noise: pieces.noise(), blocks })
    }

    /// Whether the blocks that JPEG compression left stand out.
    pub fn has_blocks(&self) -> bool {
        self.blocks > BLOCKY
    }

    /// The noise level in percent that removes this wear and little else.
    pub fn level(&self) -> u8 {
        // A level of 100 stands for a standard deviation of 75/255.
        let noise = f64::from(self.noise) * 255.0 / 75.0 * 100.0;
        let blocks = if self.has_blocks() { BLOCKS_LEVEL } else { 0.0 };
        let level = noise.max(blocks).round();
        // So little noise is hardly visible, and may be texture.
        if level < LEAST { 0 } else { level.min(f64::from(NoiseLevel::MAX_PERCENT)) as u8 }
    }
}

/// Levels below this count as 0.
const LEAST: f64 = 4.0;

/// The value of [`Wear::blocks`] above which a picture counts as blocky.
const BLOCKY: f32 = 1.055;

/// The noise level that removes the blocks.
const BLOCKS_LEVEL: f64 = 10.0;

/// The roughness of pieces of 8×8 pixels.
struct Pieces {
    found: Vec<f32>,
    /// For each piece of the current row of pieces: the sum of squares, the number of samples, and the number of
    /// samples outside [`UNCLIPPED`].
    row: Vec<f32>,
    wide: usize,
}

impl Pieces {
    /// Adds a row: the second differences in both directions, which are 0 on slopes.
    fn add(&mut self, above: &[f32], here: &[f32], below: &[f32]) {
        for (at, piece) in self.row.chunks_exact_mut(3).enumerate() {
            for x in (at * BLOCK as usize).max(1)..((at + 1) * BLOCK as usize).min(here.len() - 1) {
                let line = |row: &[f32]| row[x - 1] - 2.0 * row[x] + row[x + 1];
                let rough = line(above) - 2.0 * line(here) + line(below);
                piece[0] += rough * rough;
                piece[1] += 1.0;
                piece[2] += f32::from(u8::from(here[x] < UNCLIPPED[0] || here[x] > UNCLIPPED[1]));
            }
        }
    }

    fn finish_row(&mut self) -> Result<()> {
        memory::reserve(&mut self.found, self.wide)?;
        for piece in self.row.chunks_exact_mut(3) {
            // The squares of the weights sum to 36. A perfectly flat piece is drawn, not photographed, and is ignored
            // too.
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

/// The limit for second differences, where white is 1. Those that JPEG leaves are smaller, and an edge of the picture
/// must not outweigh a hundred of them.
const MAX_DIFFERENCE: f32 = 12.0 / 255.0;

/// Second differences by their position within blocks of 8.
#[derive(Clone, Copy, Default)]
struct Differences {
    sums: [f64; BLOCK as usize],
    counts: [f64; BLOCK as usize],
}

impl Differences {
    /// Adds three neighbouring samples, of which the last is at position `at`.
    fn add(&mut self, at: u32, a: f32, b: f32, c: f32) {
        let place = (at % BLOCK) as usize;
        self.sums[place] += f64::from((a - 2.0 * b + c).abs().min(MAX_DIFFERENCE));
        self.counts[place] += 1.0;
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
