//! The traces of an earlier enlargement: how much neighbours differ, by column and by row.
//!
//! An enlargement computes pixels at places that repeat with a period, and those between two old pixels are smoother
//! than those on one. So the mean difference of neighbours repeats with the same period (A. C. Gallagher, "Detection of
//! linear and cubic interpolation in JPEG compressed images", 2005). Third differences show it most clearly: the curves
//! between old pixels have next to none, and the edges of JPEG's blocks leave none with a period of two pixels.

use crate::advice::fourier::Fourier;
use crate::error::Result;
use crate::geometry::Size;
use crate::machine::memory;

/// The largest first and third difference that count, where white is 1. Strong edges must not outweigh everything else.
const MAX_FIRST: f32 = 0.1;
const MAX_THIRD: f32 = 0.02;

/// The longest row that is transformed at once, and the shortest.
const LONGEST: usize = 1024;
const SHORTEST: usize = 64;

/// Columns on each side from which the mean is taken that a column is compared with.
const NEIGHBOURS: usize = 12;

/// Differences summed along the other direction.
#[derive(Default)]
struct Profile {
    first: Vec<f32>,
    third: Vec<f32>,
    /// The largest first difference.
    largest: Vec<f32>,
}

impl Profile {
    fn new(length: usize) -> Result<Self> {
        Ok(Profile { first: memory::zeros(length)?, third: memory::zeros(length)?, largest: memory::zeros(length)? })
    }
}

/// The differences of a whole picture.
pub(super) struct Lines {
    /// By column, and by row.
    columns: Profile,
    rows: Profile,
    /// The three rows before the next one.
    before: [Vec<f32>; 3],
}

impl Lines {
    pub(super) fn new(size: Size) -> Result<Self> {
        let (width, height) = (size.width as usize, size.height as usize);
        Ok(Lines {
            columns: Profile::new(width)?,
            rows: Profile::new(height)?,
            before: [memory::zeros(width)?, memory::zeros(width)?, memory::zeros(width)?],
        })
    }

    /// Adds row `y` of the luminance.
    pub(super) fn add(&mut self, y: usize, row: &[f32]) {
        let Profile { first, third, largest } = &mut self.columns;
        for x in 1..row.len() {
            let difference = (row[x] - row[x - 1]).abs();
            first[x] += difference.min(MAX_FIRST);
            largest[x] = largest[x].max(difference);
        }
        for x in 3..row.len() {
            third[x - 1] += (row[x] - row[x - 3] + 3.0 * (row[x - 2] - row[x - 1])).abs().min(MAX_THIRD);
        }
        let [three, two, one] = &self.before;
        if y >= 1 {
            let differences = || row.iter().zip(one).map(|(a, b)| (a - b).abs());
            self.rows.first[y] = differences().map(|d| d.min(MAX_FIRST)).sum();
            self.rows.largest[y] = differences().fold(0.0, f32::max);
        }
        if y >= 3 {
            let rows = row.iter().zip(one).zip(two).zip(three);
            self.rows.third[y - 1] = rows.map(|(((d, c), b), a)| (d - a + 3.0 * (b - c)).abs().min(MAX_THIRD)).sum();
        }
        self.before.rotate_left(1);
        self.before[2].copy_from_slice(row);
    }

    /// The factor of an enlargement that repeated pixels; 1 if there was none.
    pub(super) fn repeated(&self) -> f64 {
        let (across, down) = (repeats(&self.columns.largest), repeats(&self.rows.largest));
        if (across / down - 1.0).abs() < 0.1 { (across * down).sqrt() } else { 1.0 }
    }

    /// How much each frequency from 0 to a half stands out in the first and in the third differences, in both directions.
    /// `None` for a picture that is too small.
    pub(super) fn periods(&self) -> Option<[Vec<f32>; 2]> {
        let side = self.columns.first.len().min(self.rows.first.len()).saturating_sub(4);
        let length = if side.is_power_of_two() { side } else { side.next_power_of_two() / 2 }.min(LONGEST);
        if length < SHORTEST {
            return None;
        }
        let fourier = Fourier::new(length);
        let of = |columns: &[f32], rows: &[f32]| -> Vec<f32> {
            let (across, down) = (prominence(columns, &fourier), prominence(rows, &fourier));
            across.iter().zip(&down).map(|(a, d)| (a * d).sqrt()).collect()
        };
        Some([of(&self.columns.first, &self.rows.first), of(&self.columns.third, &self.rows.third)])
    }
}

/// By how much pixels of a line repeat: one over the share of lines that differ from the line before, if lines that do
/// not differ are spread evenly.
fn repeats(largest: &[f32]) -> f64 {
    let differs = |d: &f32| *d > 0.0;
    let Some(start) = largest.iter().position(differs) else { return 1.0 };
    let end = largest.iter().rposition(differs).unwrap_or(start);
    let inside = &largest[start..end];
    if inside.len() < 8 {
        return 1.0;
    }
    let changes = inside.iter().filter(|d| differs(d)).count();
    let factor = inside.len() as f64 / changes as f64;
    let longest = inside.split(differs).map(<[f32]>::len).max().unwrap_or(0);
    // Even repetition leaves runs of equal lines of one length, or of two that differ by 1.
    if longest < factor.ceil() as usize + usize::from(factor > 3.0) { factor } else { 1.0 }
}

/// The power of each frequency relative to that of its neighbours.
fn prominence(profile: &[f32], fourier: &Fourier) -> Vec<f32> {
    let length = fourier.length();
    let inside = &profile[2..profile.len() - 2];
    let flattened: Vec<f32> = (0..inside.len())
        .map(|at| {
            let near = &inside[at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(inside.len())];
            let mean = near.iter().sum::<f32>() / near.len() as f32;
            if mean > 0.0 { (inside[at] / mean - 1.0).clamp(-1.0, 2.0) } else { 0.0 }
        })
        .collect();
    let mut power = vec![0.0; length / 2 + 1];
    for start in (0..=flattened.len() - length).step_by(length / 2) {
        fourier.add_power(&flattened[start..start + length], &mut power);
    }
    (0..power.len())
        .map(|at| {
            let mut near: Vec<f64> = power[at.saturating_sub(16).max(2)..(at + 17).min(power.len())].to_vec();
            near.sort_by(f64::total_cmp);
            let median = near.get(near.len() / 2).copied().unwrap_or(0.0);
            if median > 0.0 { (power[at] / median) as f32 } else { 0.0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_lines_are_counted() {
        let lines = |pattern: &[usize]| -> Vec<f32> {
            pattern.iter().flat_map(|n| std::iter::once(0.3).chain(std::iter::repeat_n(0.0, n - 1))).collect()
        };
        assert!((repeats(&lines(&[3; 20])) - 3.0).abs() < 1e-6);
        assert!((repeats(&lines(&[1, 2, 1, 2, 1, 2, 1, 2, 1, 2])) - 1.5).abs() < 0.08);
        // A flat border inside is no repetition.
        assert!((repeats(&lines(&[1, 1, 1, 1, 30, 1, 1, 1, 1])) - 1.0).abs() < 1e-6);
        assert!((repeats(&[0.0; 40]) - 1.0).abs() < 1e-6);
    }
}
