//! What the measures look at: pieces of the picture, and everything that needs whole rows.
//!
//! The picture is read once, from top to bottom. Pieces lie on a lattice and are limited in number, and so are the rows of a
//! high picture, so that memory and time grow with its width only.

use std::ops::Range;

use crate::advice::lines::Lines;
use crate::error::Result;
use crate::geometry::Size;
use crate::machine::memory;
use crate::pixels::rows::Source;
use crate::presets::wear::{self, Gauge, Wear};
use crate::run::cancel::Cancel;

/// The side of a piece in pixels; a power of two.
pub(super) const PIECE: usize = 64;

/// The most pieces in a row and in a column.
const MOST: usize = 16;

/// The most rows that the traces of an enlargement are looked for in, once a picture has twice as many.
const ROWS: u32 = 1024;

/// The planes of a piece: luminance and the two differences of colour, as JFIF defines them.
const PLANES: usize = 3;

/// A part of the picture, as encoded values from 0 to 1. Where the picture is transparent, it is black.
pub(super) struct Piece {
    pub(super) width: usize,
    pub(super) height: usize,
    planes: [Vec<f32>; PLANES],
    /// Whether each pixel can be seen; empty for a picture without transparency.
    visible: Vec<bool>,
}

impl Piece {
    fn new(width: usize, height: usize, alpha: bool) -> Result<Self> {
        let plane = || memory::zeros(width * height);
        let mut visible = Vec::new();
        if alpha {
            memory::reserve(&mut visible, width * height)?;
            visible.resize(width * height, false);
        }
        Ok(Piece { width, height, planes: [plane()?, plane()?, plane()?], visible })
    }

    /// Whether pixel `at` is not transparent altogether.
    pub(super) fn is_visible(&self, at: usize) -> bool {
        self.visible.get(at).copied().unwrap_or(true)
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
    /// Reads a picture; of a high one, parts.
    ///
    /// # Errors
    /// `Cancelled`, `Memory`, or the error that stopped the reading.
    pub(super) fn read(source: &mut dyn Source, cancel: &Cancel) -> Result<Self> {
        let size = source.size();
        let alpha = source.format().has_alpha();
        let stripes = wear::stripes(size.height);
        let middle = middle(size.height);
        let lefts = places(size.width as usize);
        let tops = match stripes.as_slice() {
            [all] => places(all.len()),
            stripes => stripes.iter().map(|stripe| stripe.start as usize).collect(),
        };
        let (wide, high) = (PIECE.min(size.width as usize), PIECE.min(size.height as usize));
        let mut pieces = Vec::new();
        memory::reserve(&mut pieces, lefts.len() * tops.len())?;
        for _ in 0..lefts.len() * tops.len() {
            pieces.push(Piece::new(wide, high, alpha)?);
        }
        let mut gauge = Gauge::new(size.width)?;
        let mut lines = Lines::new(Size { height: middle.end - middle.start, ..size })?;
        let row = || memory::zeros(size.width as usize);
        let mut planes = [row()?, row()?, row()?];
        wear::look(source, cancel, &joined(&stripes, &middle), &mut |rows, y| {
            gauge.add(&stripes, y, |y, channel| rows.plane(y, channel))?;
            let colours = [0, 1, 2].map(|channel| rows.plane(y, channel));
            let opacity = alpha.then(|| rows.plane(y, 3));
            luminance_and_colour(colours, opacity, &mut planes);
            if middle.contains(&y) {
                lines.add((y - middle.start) as usize, &planes[0]);
            }
            let y = y as usize;
            for (down, top) in tops.iter().enumerate().filter(|(_, top)| (**top..**top + high).contains(&y)) {
                for (across, left) in lefts.iter().enumerate() {
                    let piece = &mut pieces[down * lefts.len() + across];
                    for (to, from) in piece.planes.iter_mut().zip(&planes) {
                        to[(y - top) * wide..][..wide].copy_from_slice(&from[*left..*left + wide]);
                    }
                    if let Some(opacity) = opacity {
                        let seen = opacity[*left..*left + wide].iter().map(|opacity| *opacity > 0.0);
                        piece.visible[(y - top) * wide..][..wide]
                            .iter_mut()
                            .zip(seen)
                            .for_each(|(to, seen)| *to = seen);
                    }
                }
            }
            Ok(())
        })?;
        Ok(Sample { size, pieces, lines, wear: gauge.wear() })
    }
}

/// The rows in which the traces of an enlargement are looked for. They must follow each other.
fn middle(height: u32) -> Range<u32> {
    match height.checked_sub(ROWS) {
        Some(rest) if height > 2 * ROWS => rest / 2..rest / 2 + ROWS,
        _ => 0..height,
    }
}

/// The parts that hold all these rows, from top to bottom.
fn joined(stripes: &[Range<u32>], middle: &Range<u32>) -> Vec<Range<u32>> {
    let mut all: Vec<Range<u32>> = stripes.iter().chain([middle]).cloned().collect();
    all.sort_by_key(|part| part.start);
    let mut joined: Vec<Range<u32>> = Vec::new();
    for part in all {
        match joined.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => joined.push(part),
        }
    }
    joined
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

    #[test]
    fn parts_that_touch_are_read_as_one() {
        assert_eq!((middle(2048), middle(3000)), (0..2048, 988..2012));
        let whole = std::slice::from_ref(&(0..2048));
        assert_eq!(joined(whole, &whole[0]), whole);
        assert_eq!(
            joined(&[0..65, 900..965, 1100..1165, 2000..2065, 2500..2565], &(965..2012)),
            [0..65, 900..2065, 2500..2565]
        );
    }
}
