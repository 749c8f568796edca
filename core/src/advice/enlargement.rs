//! By which factor a picture was enlarged before.
//!
//! The period of the traces gives the factor, except that a period of three pixels, say, is left by a factor of 3 and by
//! one of 1.5. The spectrum tells these apart: it ends where the old picture's ended.

use crate::advice::edges::Widths;
use crate::advice::lines::Lines;
use crate::advice::spectrum::Spectrum;

/// How far a frequency must stand out in the first and in the third differences, as the ratio of its power to that of its
/// neighbours.
const TRACE: [f32; 2] = [50.0, 150.0];

/// The blocks of JPEG leave traces at all multiples of this frequency, also where the picture was reduced afterwards.
const BLOCK: f64 = 1.0 / 8.0;
/// What stands out at three or four times this frequency comes from an enlargement if it stands out so far in the third
/// differences, and so much more than what blocks would leave beside it.
const CLEAR: f32 = 250.0;
const STRONGER: f32 = 4.0;

/// Factors that are found.
const LEAST: f64 = 1.15;
const MOST: f64 = 6.0;

/// The fall of the spectrum in decibels from which on it has an end.
const END: f64 = 4.0;
/// The same where a grid of blocks may have left the traces.
const SHARP_END: f64 = 17.0;

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
    let Some(spectrum) = spectrum.filter(|_| widths.usual >= LEAST_WIDTH) else { return 1.0 };
    let Some(Trace { frequency, is_block }) = lines.periods().and_then(|periods| trace(&periods)) else { return 1.0 };
    let (small, large) = (1.0 / (1.0 - frequency), 1.0 / frequency);
    let is_possible = |factor: f64| f64::from(widths.usual) >= WIDTH * factor && (LEAST..MOST).contains(&factor);
    // Around a factor of 2 both are nearly the same, and the spectrum is compared up to its end.
    let upper = if large < 2.1 { 0.5 } else { 0.5 / small };
    let end = if is_block { SHARP_END } else { END };
    if is_possible(large) && spectrum.fall(0.5 / large, upper) > end {
        return large;
    }
    if is_possible(small) && !is_block { small } else { 1.0 }
}

/// What stands out.
struct Trace {
    /// In cycles per pixel, at most 1/2.
    frequency: f64,
    /// Whether the blocks of JPEG may have left it.
    is_block: bool,
}

/// The strongest trace; one that blocks may have left only if there is no other.
fn trace([first, third]: &[Vec<f32>; 2]) -> Option<Trace> {
    let length = 2 * first.len().checked_sub(1)?;
    let bin = |frequency: f64| (frequency * length as f64).round() as usize;
    let near = |at: usize| at.saturating_sub(1)..(at + 2).min(first.len());
    let strength = |at: usize| (first[at] / TRACE[0]).max(third[at] / TRACE[1]);
    let multiple = |at: usize| (at as f64 / (BLOCK * length as f64)).round();
    let on_grid = |at: usize| at.abs_diff(bin(multiple(at) * BLOCK)) <= 1;
    // Blocks leave as much at one and three times their frequency; those of a reduced picture at the double of theirs.
    let beside = |at: usize| {
        let others = [1.0, 3.0].into_iter().chain((multiple(at) == 3.0).then_some(2.0));
        others.filter(|other| *other != multiple(at)).map(|other| bin(other * BLOCK)).collect::<Vec<_>>()
    };
    let stands_alone = |at: usize, value: &dyn Fn(usize) -> f32| {
        beside(at).into_iter().flat_map(near).all(|other| value(at) >= STRONGER * value(other))
    };
    let is_clear = |at: usize| multiple(at) > 2.0 && third[at] > CLEAR && stands_alone(at, &|at| third[at]);
    let found = (bin(1.0 / MOST)..first.len()).filter(|at| strength(*at) > 1.0);
    let found = found.map(|at| (at, on_grid(at) && !is_clear(at)));
    let (at, is_block) = found
        .filter(|(at, is_block)| !is_block || stands_alone(*at, &strength))
        .max_by(|(a, a_block), (b, b_block)| b_block.cmp(a_block).then(strength(*a).total_cmp(&strength(*b))))?;
    let (mut sum, mut weight) = (0.0, 0.0);
    for at in near(at) {
        sum += f64::from(strength(at)) * at as f64;
        weight += f64::from(strength(at));
    }
    Some(Trace { frequency: (sum / weight / length as f64).min(0.5), is_block })
}
