//! By which factor a picture was enlarged before.
//!
//! The period of the traces gives the factor, except that a period of three pixels, say, is left by a factor of 3 and by
//! one of 1.5. The spectrum tells these apart: it ends where the old picture's ended.

use crate::advice::edges::Widths;
use crate::advice::lines::Lines;
use crate::advice::spectrum::Spectrum;

/// How far a frequency must stand out, as the ratio of its power to that of its neighbours.
const TRACE: f32 = 50.0;

/// JPEG leaves traces at all multiples of this frequency. One of them counts only if it is so much stronger than the others.
const BLOCK: f64 = 1.0 / 8.0;
const STRONGER: f32 = 4.0;

/// Factors that are found.
const LEAST: f64 = 1.15;
const MOST: f64 = 6.0;

/// The fall of the spectrum in decibels from which on it has an end.
const END: f64 = 4.0;
/// The same where a grid of blocks may have left the traces.
const SHARP_END: f64 = 8.0;

/// An enlargement widens edges: the sharper ones are at least this wide, in pixels of the old picture.
const WIDTH: f64 = 0.85;
/// The width in pixels that the sharper edges have after any enlargement that does not repeat pixels.
const LEAST_WIDTH: f32 = 1.45;

/// The factor; 1 if nothing shows that the picture was enlarged.
pub(super) fn factor(lines: &Lines, spectrum: Option<&Spectrum>, widths: Widths) -> f64 {
    let repeated = lines.repeated();
    if repeated > LEAST {
        return repeated;
    }
    let Some(spectrum) = spectrum.filter(|_| widths.sharpest >= LEAST_WIDTH) else { return 1.0 };
    let Some(frequency) = trace(&lines.periods()) else { return 1.0 };
    let (small, large) = (1.0 / (1.0 - frequency), 1.0 / frequency);
    let is_possible = |factor: f64| f64::from(widths.sharpest) >= WIDTH * factor && (LEAST..MOST).contains(&factor);
    // A JPEG that was reduced by a whole number has a grid of blocks with such a frequency, and was not enlarged.
    let is_grid = (frequency / BLOCK - (frequency / BLOCK).round()).abs() < 0.03;
    // Around a factor of 2 both are nearly the same, and the spectrum is compared up to its end.
    let upper = if large < 2.1 { 0.5 } else { 0.5 / small };
    let end = if is_grid { SHARP_END } else { END };
    if is_possible(large) && spectrum.fall(0.5 / large, upper) > end {
        return large;
    }
    if is_possible(small) && !is_grid { small } else { 1.0 }
}

/// The frequency of the traces, at most 1/2.
fn trace(periods: &[f32]) -> Option<f64> {
    let length = 2 * periods.len().checked_sub(1)?;
    let bin = |frequency: f64| (frequency * length as f64).round() as usize;
    let near = |at: usize| &periods[at.saturating_sub(1)..(at + 2).min(periods.len())];
    let strongest = |at: usize| near(at).iter().copied().fold(0.0, f32::max);
    let is_block = |at: usize| {
        let multiple = (at as f64 / (BLOCK * length as f64)).round();
        at.abs_diff(bin(multiple * BLOCK)) <= 1
            && [1.0, 3.0]
                .iter()
                .filter(|odd| **odd != multiple)
                .any(|odd| periods[at] < STRONGER * strongest(bin(odd * BLOCK)))
    };
    let (at, _) = (bin(1.0 / MOST)..periods.len())
        .filter(|at| periods[*at] > TRACE && !is_block(*at))
        .map(|at| (at, periods[at]))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (mut sum, mut weight) = (0.0, 0.0);
    for (offset, power) in near(at).iter().enumerate() {
        sum += f64::from(*power) * (at - 1 + offset) as f64;
        weight += f64::from(*power);
    }
    Some((sum / weight / length as f64).min(0.5))
}
