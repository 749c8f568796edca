//! The roughness of pieces of 8×8 pixels, and the noise that follows from it.
//!
//! Fine texture must not be mistaken for noise, so the smoothest parts of the picture decide.

use crate::error::Result;
use crate::machine::memory;

/// The side of the pieces, in pixels. It is also that of the blocks of JPEG.
pub(crate) const PIECE: u32 = 8;

/// The share of the pieces that are smoother than the one that decides.
const SMOOTHEST: f64 = 0.1;

/// The shares of the pieces between which [`Roughness::spread`] is measured.
const SPREAD: [f64; 2] = [0.01, 0.2];

/// The roughness of the smoothest pieces of a clean photo, where white is 1.
const TEXTURE: f32 = 1.5 / 255.0;

/// Pieces with many values outside this range may be clipped, and are ignored.
const UNCLIPPED: [f32; 2] = [0.04, 0.96];

/// The roughness of the pieces that have been read.
pub(crate) struct Roughness {
    found: Vec<f32>,
    /// The number of pieces without any roughness.
    flat: usize,
    /// For each piece of the current row of pieces: the sum of squares, the number of samples, and the number of
    /// samples outside [`UNCLIPPED`].
    row: Vec<f32>,
    wide: usize,
}

impl Roughness {
    /// For a plane that is `width` samples wide.
    pub(crate) fn new(width: usize) -> Result<Self> {
        let wide = width / PIECE as usize;
        Ok(Roughness { found: Vec::new(), flat: 0, row: memory::zeros(3 * wide)?, wide })
    }

    /// Adds a row: the second differences in both directions, which are 0 on slopes. `tones` are the values of that row that show
    /// whether it is clipped; usually those of `here`.
    pub(crate) fn add(&mut self, above: &[f32], here: &[f32], below: &[f32], tones: &[f32]) {
        const SIDE: usize = PIECE as usize;
        let rough = |row: [&[f32]; 3], x: usize| {
            let [above, here, below] = row.map(|row| row[x] - 2.0 * row[x + 1] + row[x + 2]);
            (above - 2.0 * here + below).powi(2)
        };
        let clipped = |value: f32| f32::from(u8::from(!(UNCLIPPED[0]..=UNCLIPPED[1]).contains(&value)));
        for (at, piece) in self.row.chunks_exact_mut(3).enumerate() {
            // The samples that have neighbours. Only pieces at the border have fewer than 8, and the loop for 8 becomes
            // vectors.
            let (first, end) = ((at * SIDE).max(1), ((at + 1) * SIDE).min(here.len() - 1));
            let near = [above, here, below].map(|row| &row[first - 1..end + 1]);
            let tones = &tones[first..end];
            let (mut squares, mut outside) = ([0.0f32; SIDE], [0.0f32; SIDE]);
            if end - first == SIDE {
                let near = near.map(|row| row.first_chunk::<{ SIDE + 2 }>().unwrap_or(&[0.0; SIDE + 2]));
                let tones = tones.first_chunk::<SIDE>().unwrap_or(&[0.0; SIDE]);
                for x in 0..SIDE {
                    squares[x] = rough(near.map(|row| row.as_slice()), x);
                    outside[x] = clipped(tones[x]);
                }
            } else {
                for x in 0..end - first {
                    squares[x] = rough(near, x);
                    outside[x] = clipped(tones[x]);
                }
            }
            piece[0] += squares.iter().sum::<f32>();
            piece[1] += (end - first) as f32;
            piece[2] += outside.iter().sum::<f32>();
        }
    }

    /// Ends a row of pieces.
    pub(crate) fn finish_row(&mut self) -> Result<()> {
        memory::reserve(&mut self.found, self.wide)?;
        for piece in self.row.chunks_exact_mut(3) {
            // The squares of the weights sum to 36. A perfectly flat piece is drawn, not photographed, and is ignored
            // too.
            let is_clipped = piece[2] >= piece[1] * 0.1;
            if piece[1] > 0.0 && !is_clipped && piece[0] > 0.0 {
                self.found.push((piece[0] / piece[1] / 36.0).sqrt());
            } else if piece[0] == 0.0 && !is_clipped {
                self.flat += 1;
            }
            piece.fill(0.0);
        }
        Ok(())
    }

    /// The standard deviation of the noise, where white is 1.
    pub(crate) fn noise(&mut self) -> f32 {
        (self.quantile(SMOOTHEST).powi(2) - TEXTURE.powi(2)).max(0.0).sqrt()
    }

    /// How many times rougher the piece at the upper end of [`SPREAD`] is than the one at its lower end; at least 1.
    pub(crate) fn spread(&mut self) -> f32 {
        let [smoothest, rougher] = SPREAD.map(|share| self.quantile(share));
        if smoothest > 0.0 { rougher / smoothest } else { f32::INFINITY }
    }

    /// The share of perfectly flat pieces.
    pub(crate) fn flat(&self) -> f32 {
        self.flat as f32 / (self.flat + self.found.len()).max(1) as f32
    }

    /// The roughness that this share of the pieces does not reach; 0 without pieces.
    fn quantile(&mut self, share: f64) -> f32 {
        if self.found.is_empty() {
            return 0.0;
        }
        let at = ((self.found.len() - 1) as f64 * share) as usize;
        *self.found.select_nth_unstable_by(at, f32::total_cmp).1
    }
}
