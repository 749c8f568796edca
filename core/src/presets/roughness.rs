//! The roughness of pieces of 8×8 pixels, and the noise that follows from it.
//!
//! Fine texture must not be mistaken for noise, so the smoothest parts of the picture decide.

use crate::error::Result;
use crate::machine::memory;

/// The side of the pieces, in pixels. It is also that of the blocks of JPEG.
pub(crate) const PIECE: u32 = 8;

/// The share of the pieces that are smoother than the one that decides.
const SMOOTHEST: f64 = 0.1;

/// The roughness of the smoothest pieces of a clean photo, where white is 1.
const TEXTURE: f32 = 1.5 / 255.0;

/// Pieces with many values outside this range may be clipped, and are ignored.
const UNCLIPPED: [f32; 2] = [0.04, 0.96];

/// The roughness of the pieces that have been read.
pub(crate) struct Roughness {
    found: Vec<f32>,
    /// For each piece of the current row of pieces: the sum of squares, the number of samples, and the number of
    /// samples outside [`UNCLIPPED`].
    row: Vec<f32>,
    wide: usize,
}

impl Roughness {
    /// For a plane that is `width` samples wide.
    pub(crate) fn new(width: usize) -> Result<Self> {
        let wide = width / PIECE as usize;
        Ok(Roughness { found: Vec::new(), row: memory::zeros(3 * wide)?, wide })
    }

    /// Adds a row: the second differences in both directions, which are 0 on slopes.
    pub(crate) fn add(&mut self, above: &[f32], here: &[f32], below: &[f32]) {
        for (at, piece) in self.row.chunks_exact_mut(3).enumerate() {
            for x in (at * PIECE as usize).max(1)..((at + 1) * PIECE as usize).min(here.len() - 1) {
                let line = |row: &[f32]| row[x - 1] - 2.0 * row[x] + row[x + 1];
                let rough = line(above) - 2.0 * line(here) + line(below);
                piece[0] += rough * rough;
                piece[1] += 1.0;
                piece[2] += f32::from(u8::from(here[x] < UNCLIPPED[0] || here[x] > UNCLIPPED[1]));
            }
        }
    }

    /// Ends a row of pieces.
    pub(crate) fn finish_row(&mut self) -> Result<()> {
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

    /// The standard deviation of the noise, where white is 1.
    pub(crate) fn noise(mut self) -> f32 {
        if self.found.is_empty() {
            return 0.0;
        }
        let at = ((self.found.len() - 1) as f64 * SMOOTHEST) as usize;
        let (_, deviation, _) = self.found.select_nth_unstable_by(at, f32::total_cmp);
        (deviation.powi(2) - TEXTURE.powi(2)).max(0.0).sqrt()
    }
}
