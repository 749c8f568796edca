//! The edges of a picture: how wide they are, in which direction, and whether they have haloes.
//!
//! An edge is a run of samples that only rise or only fall. Its width is its height divided by its steepest step, so it
//! is 1 where black meets white without a sample between them, and 2.5 σ where a Gaussian of σ pixels has blurred it.

use crate::advice::sample::{Piece, Sample};

/// The least height of an edge, where white is 1.
const HEIGHT: f32 = 0.12;

/// Steps smaller than this are no part of an edge.
const STEP: f32 = 0.6 / 255.0;

/// The share of the edges that are sharper than the one that decides whether a picture is blurred. In a picture with little
/// depth of field most edges are wide, and those of its subject are not.
const SHARPEST: f64 = 0.05;

/// The same where the edges of the whole picture count.
const USUAL: f64 = 0.25;

/// The share of the haloes that are lower than the one that decides.
const HALO: f64 = 0.75;

/// Samples beyond the end of an edge that are left out, and those that must be even for a halo to be measured.
const BEYOND: std::ops::Range<usize> = 4..8;

/// The fewest edges that say anything.
const FEW: usize = 40;

/// Directions in which edges are looked for: steps right and down.
const DIRECTIONS: [(isize, isize); 4] = [(1, 0), (0, 1), (1, 1), (-1, 1)];

/// Widths in pixels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Widths {
    /// Of the sharpest edges, in the direction in which they are sharpest.
    pub(super) sharpest: f32,
    /// Of the sharpest edges, in the direction in which they are widest.
    pub(super) widest: f32,
    /// Of usual edges, in the direction in which they are sharpest.
    pub(super) usual: f32,
}

#[derive(Default)]
pub(super) struct Edges {
    /// Widths in pixels, by direction.
    widths: [Vec<f32>; DIRECTIONS.len()],
    /// The heights of haloes relative to those of their edges.
    haloes: Vec<f32>,
}

impl Edges {
    pub(super) fn new(sample: &Sample) -> Self {
        let mut edges = Edges::default();
        let mut line = Vec::new();
        for piece in &sample.pieces {
            for (direction, (right, down)) in DIRECTIONS.into_iter().enumerate() {
                let length = ((right * right + down * down) as f32).sqrt();
                for (x, y) in starts(piece, (right, down)) {
                    line.clear();
                    let (mut x, mut y) = (x, y);
                    while (0..piece.width as isize).contains(&x) && y < piece.height as isize {
                        let at = y as usize * piece.width + x as usize;
                        if piece.is_visible(at) {
                            line.push(piece.luminance()[at]);
                        } else {
                            // The outline of what is visible is no edge of the picture.
                            edges.add(direction, length, &line);
                            line.clear();
                        }
                        (x, y) = (x + right, y + down);
                    }
                    edges.add(direction, length, &line);
                }
            }
        }
        edges
    }

    fn add(&mut self, direction: usize, length: f32, line: &[f32]) {
        let mut at = 1;
        while at < line.len() {
            let sign = (line[at] - line[at - 1]).signum();
            let (start, mut steepest) = (at - 1, 0.0f32);
            while at < line.len() && (line[at] - line[at - 1]) * sign > STEP {
                steepest = steepest.max((line[at] - line[at - 1]) * sign);
                at += 1;
            }
            let end = at - 1;
            if end == start {
                at += 1;
                continue;
            }
            let height = (line[end] - line[start]).abs();
            if height < HEIGHT {
                continue;
            }
            self.widths[direction].push(height / steepest * length);
            if direction < 2 {
                let after = line.get(end + BEYOND.start..end + BEYOND.end).map(|beyond| (line[end], beyond));
                let before =
                    start.checked_sub(BEYOND.end - 1).map(|first| (line[start], &line[first..=start - BEYOND.start]));
                for ((top, beyond), sign) in after.into_iter().zip([sign]).chain(before.into_iter().zip([-sign])) {
                    let mean = beyond.iter().sum::<f32>() / beyond.len() as f32;
                    let even = beyond.iter().all(|v| (v - mean).abs() < 0.08 * height);
                    let over = (top - mean) * sign / height;
                    // A thin line returns wholly, and is no halo.
                    if even && over.abs() < 0.6 {
                        self.haloes.push(over);
                    }
                }
            }
        }
    }

    /// The widths of the edges; 0 if there are too few.
    pub(super) fn widths(&mut self) -> Widths {
        let mut ends = |share: f64| {
            let enough = self.widths.iter_mut().filter(|w| w.len() >= FEW);
            let mut found: Vec<f32> = enough.filter_map(|w| quantile(w, share)).collect();
            found.sort_by(f32::total_cmp);
            // One direction alone says nothing of the others.
            if let [sharpest, .., widest] = found.as_slice() { (*sharpest, *widest) } else { (0.0, 0.0) }
        };
        let ((sharpest, widest), (usual, _)) = (ends(SHARPEST), ends(USUAL));
        Widths { sharpest, widest, usual }
    }

    /// The share of edges without a sample between their ends.
    pub(super) fn hard(&self) -> f64 {
        let straight = || self.widths[..2].iter().flatten();
        let count = straight().count();
        if count < FEW { 0.0 } else { straight().filter(|w| **w < 1.05).count() as f64 / count as f64 }
    }

    /// The height of the higher haloes relative to their edges; 0 if there are too few.
    pub(super) fn halo(&mut self) -> f32 {
        if self.haloes.len() < FEW { 0.0 } else { quantile(&mut self.haloes, HALO).unwrap_or(0.0) }
    }
}

fn starts(piece: &Piece, (right, down): (isize, isize)) -> Vec<(isize, isize)> {
    let (width, height) = (piece.width as isize, piece.height as isize);
    let top = (0..width).map(|x| (x, 0));
    let left = |from: isize, x: isize| (from..height).map(move |y| (x, y));
    match (right, down) {
        (0, _) => top.collect(),
        (_, 0) => left(0, 0).collect(),
        (1, _) => top.chain(left(1, 0)).collect(),
        _ => top.chain(left(1, width - 1)).collect(),
    }
}

/// The value that this share of the values is below.
fn quantile(values: &mut [f32], share: f64) -> Option<f32> {
    let at = (values.len().checked_sub(1)? as f64 * share) as usize;
    Some(*values.select_nth_unstable_by(at, f32::total_cmp).1)
}
