//! What the measures look at: pieces of the picture, and everything that needs all rows.
//!
//! The picture is read once, from top to bottom. Pieces lie on a lattice and are limited in number, so that memory and time
//! do not grow with the picture.

use crate::advice::lines::Lines;
use crate::colour::conversion::Conversion;
use crate::error::Result;
use crate::geometry::Size;
use crate::machine::memory;
use crate::pixels::rows::Source;
use crate::presets::wear::{Gauge, Wear};
use crate::run::cancel::Cancel;
use crate::run::run::Run;
use crate::stages::decode::Decode;
use crate::stages::stage::BoxStage;
use crate::stages::window::Window;

/// The side of a piece in pixels; a power of two.
pub(super) const PIECE: usize = 64;

/// The most pieces in a row and in a column.
const MOST: usize = 16;

/// The planes of a piece: luminance and the two differences of colour, as JFIF defines them.
const PLANES: usize = 3;

/// A part of the picture, as encoded values from 0 to 1. Where the picture is transparent, it is black.
pub(super) struct Piece {
    pub(super) width: usize,
    pub(super) height: usize,
    planes: [Vec<f32>; PLANES],
}

impl Piece {
    fn new(width: usize, height: usize) -> Result<Self> {
        let plane = || memory::zeros(width * height);
        Ok(Piece { width, height, planes: [plane()?, plane()?, plane()?] })
    }

    pub(super) fn luminance(&self) -> &[f32] {
        &self.planes[0]
    }

    /// A plane: luminance, then the two differences of colour, around 0.5.
    pub(super) fn plane(&self, index: usize) -> &[f32] {
        &self.planes[index]
    }

    /// Row `y` of the luminance.
    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.planes[0][y * self.width..][..self.width]
    }

    /// Whether the piece has the full size, which spectra need.
    pub(super) fn is_full(&self) -> bool {
        (self.width, self.height) == (PIECE, PIECE)
    }
}

/// All that is looked at.
pub(super) struct Sample {
    pub(super) size: Size,
    pub(super) pieces: Vec<Piece>,
    pub(super) lines: Lines,
    pub(super) wear: Wear,
}

impl Sample {
    /// Reads a whole picture.
    ///
    /// # Errors
    /// `Cancelled`, `Memory`, or the error that stopped the reading.
    pub(super) fn read(source: &mut dyn Source, cancel: &Cancel) -> Result<Self> {
        let size = source.size();
        let conversion = Conversion::new(&source.colour(), source.format().is_gray())?;
        let alpha = source.format().has_alpha();
        let decoded: BoxStage<'_> = Box::new(Decode::new(source, conversion, size.rect())?);
        let mut rows = Window::new(decoded);
        let mut silent = |_| {};
        let mut run = Run::new(cancel, &mut silent, 0, size.height);
        let (lefts, tops) = (places(size.width as usize), places(size.height as usize));
        let (wide, high) = (PIECE.min(size.width as usize), PIECE.min(size.height as usize));
        let mut pieces = Vec::new();
        memory::reserve(&mut pieces, lefts.len() * tops.len())?;
        for _ in 0..lefts.len() * tops.len() {
            pieces.push(Piece::new(wide, high)?);
        }
        let mut gauge = Gauge::new(size.width)?;
        let mut lines = Lines::new(size)?;
        let mut planes = [
            memory::zeros(size.width as usize)?,
            memory::zeros(size.width as usize)?,
            memory::zeros(size.width as usize)?,
        ];
        for y in 0..size.height {
            rows.fill(&mut run, y + 1)?;
            rows.release(y.saturating_sub(2));
            if y >= 2 {
                gauge.add(y, |y, channel| rows.plane(y, channel))?;
            }
            let [red, green, blue] = [0, 1, 2].map(|channel| rows.plane(y, channel));
            luminance_and_colour([red, green, blue], alpha.then(|| rows.plane(y, 3)), &mut planes);
            lines.add(y as usize, &planes[0]);
            let y = y as usize;
            for (down, top) in tops.iter().enumerate().filter(|(_, top)| (**top..**top + high).contains(&y)) {
                for (across, left) in lefts.iter().enumerate() {
                    let piece = &mut pieces[down * lefts.len() + across];
                    for (to, from) in piece.planes.iter_mut().zip(&planes) {
                        to[(y - top) * wide..][..wide].copy_from_slice(&from[*left..*left + wide]);
                    }
                }
            }
        }
        Ok(Sample { size, pieces, lines, wear: gauge.wear() })
    }
}

/// Where pieces begin along a side: from one end to the other, at equal distances.
fn places(side: usize) -> Vec<usize> {
    let count = side.div_ceil(PIECE).min(MOST);
    let room = side.saturating_sub(PIECE);
    (0..count).map(|i| if count > 1 { i * room / (count - 1) } else { room / 2 }).collect()
}

/// Luminance and the differences of colour of a row (ITU-T T.871).
fn luminance_and_colour(colours: [&[f32]; 3], alpha: Option<&[f32]>, planes: &mut [Vec<f32>; PLANES]) {
    let [red, green, blue] = colours;
    let [luminance, blueness, redness] = planes;
    for x in 0..luminance.len() {
        let alpha = alpha.map_or(1.0, |alpha| alpha[x]);
        let (r, g, b) = (red[x] * alpha, green[x] * alpha, blue[x] * alpha);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        luminance[x] = y;
        blueness[x] = 0.5 + (b - y) * 0.564;
        redness[x] = 0.5 + (r - y) * 0.713;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_reach_both_ends_and_are_limited() {
        assert_eq!(places(10), [0]);
        assert_eq!(places(64), [0]);
        assert_eq!(places(100), [0, 36]);
        let many = places(100_000);
        assert_eq!((many.len(), many[0], many[MOST - 1]), (MOST, 0, 100_000 - PIECE));
    }
}
