//! Verification: whether a network's output for a tile can be right.
//!
//! Broken drivers and overflowing 16-bit floats produce black, constant or wild tiles, and most programs write them to
//! the file. So every tile is verified before it is used. The bounds are wide and must stay wide: a false alarm also
//! costs the user a result.

use std::fmt;

use crate::geometry::Rect;
use crate::models::manifest::Verify;

/// An input whose standard deviation exceeds this cannot have a constant output.
const UNEVEN: f64 = 4.0 / 255.0;

/// An output whose largest and smallest sample differ by less than this is constant.
const CONSTANT: f32 = 1e-5;

/// How many standard errors of the mean are tolerated on top of the manifest's tolerance.
const STANDARD_ERRORS: f64 = 3.0;

/// A rectangle of three planes of samples, with black at 0 and white at 1.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    /// Three planes of `width * height` samples, one after another.
    pub(crate) data: &'a [f32],
    /// Samples in a row of a plane.
    pub(crate) width: usize,
    /// Rows of a plane.
    pub(crate) height: usize,
    /// The rectangle, in samples of a plane.
    pub(crate) part: Rect,
}

impl<'a> Block<'a> {
    /// The rows of the rectangle, plane by plane.
    fn rows(self) -> impl Iterator<Item = &'a [f32]> {
        let Rect { x, y, width, height } = self.part;
        self.data.chunks_exact(self.width * self.height).flat_map(move |plane| {
            let rows = plane.chunks_exact(self.width).skip(y as usize).take(height as usize);
            rows.map(move |row| &row[x as usize..][..width as usize])
        })
    }
}

/// Why an output is rejected. Displayed as a clause whose subject is "the result".
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rejection {
    /// A sample is not a number or infinite.
    NotFinite,
    /// The smallest or the largest sample is outside the range that the manifest allows.
    OutOfRange {
        /// The smallest sample.
        low: f32,
        /// The largest sample.
        high: f32,
    },
    /// All samples are the same, but those of the input are not.
    Constant {
        /// The mean of the output, 0 to 1.
        mean: f64,
    },
    /// The means of output and input are too far apart.
    MeanShifted {
        /// The mean of the output.
        output: f64,
        /// The mean of the input.
        input: f64,
    },
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Rejection::NotFinite => f.write_str("the result has values that are not finite numbers"),
            Rejection::OutOfRange { low, high } => {
                write!(f, "the result has values from {low:.2} to {high:.2}, but 0 to 1 is expected")
            }
            Rejection::Constant { mean } => {
                write!(f, "the result is one flat colour ({:.0} of 255), but the source is not", mean * 255.0)
            }
            Rejection::MeanShifted { output, input } => write!(
                f,
                "the result has a mean of {:.0} of 255, but the source has a mean of {:.0}",
                output * 255.0,
                input * 255.0
            ),
        }
    }
}

/// Verifies a network's output against its input, both before clipping.
///
/// `rules` is the manifest's: how far the means may be apart and how far samples may go beyond 0 and 1. The mean over a
/// few pixels of an uneven picture is uncertain by itself, because a network that removes noise moves it. So two terms
/// are added to the tolerance of the mean: [`STANDARD_ERRORS`] standard errors, from the standard deviation of all that
/// the network saw, and the distance of the input's mean from the mean of all that the network saw, for networks that
/// remove pixels unlike their surroundings. Both are divided by the square root of the number of pixels, so for a tile
/// of usual size they are next to nothing.
pub(crate) fn verify(input: Block<'_>, output: Block<'_>, rules: &Verify) -> Result<(), Rejection> {
    let (mut sum, mut count) = (0.0f64, 0usize);
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for row in output.rows() {
        let stats = Stats::of(row);
        if !stats.sum.is_finite() {
            return Err(Rejection::NotFinite);
        }
        (low, high) = (low.min(stats.low), high.max(stats.high));
        sum += f64::from(stats.sum);
        count += row.len();
    }
    if !rules.changes_colours && (low < -rules.overshoot || high > 1.0 + rules.overshoot) {
        return Err(Rejection::OutOfRange { low, high });
    }
    let mean = sum / count as f64;
    let (input_mean, deviation) = moments(input.rows());
    if high - low < CONSTANT && deviation > UNEVEN {
        return Err(Rejection::Constant { mean });
    }
    if rules.changes_colours {
        return Ok(());
    }
    let (seen_mean, seen_deviation) = moments(std::iter::once(input.data));
    let pixels = f64::from(input.part.width) * f64::from(input.part.height);
    let uncertainty = (STANDARD_ERRORS * seen_deviation + (input_mean - seen_mean).abs()) / pixels.sqrt();
    if (mean - input_mean).abs() > f64::from(rules.mean_tolerance) / 255.0 + uncertainty {
        return Err(Rejection::MeanShifted { output: mean, input: input_mean });
    }
    Ok(())
}

/// The mean and the standard deviation of all samples.
fn moments<'a>(rows: impl Iterator<Item = &'a [f32]>) -> (f64, f64) {
    let (mut sum, mut squares, mut count) = (0.0f64, 0.0f64, 0usize);
    for row in rows {
        for &v in row {
            sum += f64::from(v);
            squares += f64::from(v) * f64::from(v);
        }
        count += row.len();
    }
    let mean = sum / count as f64;
    (mean, (squares / count as f64 - mean * mean).max(0.0).sqrt())
}

/// The sum, the smallest and the largest of some samples.
struct Stats {
    sum: f32,
    low: f32,
    high: f32,
}

impl Stats {
    /// Works in lanes so that the compiler can use vector instructions: this runs over every sample that a network
    /// makes.
    fn of(row: &[f32]) -> Self {
        const LANES: usize = 16;
        let (mut sum, mut low, mut high) = ([0.0f32; LANES], [f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let (chunks, rest) = row.as_chunks::<LANES>();
        for chunk in chunks {
            for i in 0..LANES {
                sum[i] += chunk[i];
                low[i] = if chunk[i] < low[i] { chunk[i] } else { low[i] };
                high[i] = if chunk[i] > high[i] { chunk[i] } else { high[i] };
            }
        }
        for (i, &v) in rest.iter().enumerate() {
            sum[i] += v;
            low[i] = low[i].min(v);
            high[i] = high[i].max(v);
        }
        Stats {
            sum: sum.iter().sum(),
            low: low.into_iter().fold(f32::INFINITY, f32::min),
            high: high.into_iter().fold(f32::NEG_INFINITY, f32::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXELS: usize = 40;

    /// Three planes of one row, each a ramp from 0 to 1: an uneven input.
    fn ramp() -> Vec<f32> {
        (0..3 * PIXELS).map(|i| (i % PIXELS) as f32 / (PIXELS - 1) as f32).collect()
    }

    /// The ramp with sample `i` set to `v`.
    fn ramp_with(i: usize, v: f32) -> Vec<f32> {
        let mut ramp = ramp();
        ramp[i] = v;
        ramp
    }

    fn check(input: &[f32], output: &[f32]) -> Result<(), Rejection> {
        check_by(&Verify::default(), input, output)
    }

    fn check_by(rules: &Verify, input: &[f32], output: &[f32]) -> Result<(), Rejection> {
        fn block(data: &[f32]) -> Block<'_> {
            let width = data.len() / 3;
            Block { data, width, height: 1, part: Rect { x: 0, y: 0, width: width as u32, height: 1 } }
        }
        verify(block(input), block(output), rules)
    }

    /// Samples in a full vector, at its end, and the last of a plane, which lies in no full vector.
    const POSITIONS: [usize; 4] = [0, 15, 39, 119];

    #[test]
    fn an_output_like_its_input_is_accepted() {
        assert_eq!(check(&ramp(), &ramp()), Ok(()));
        assert_eq!(check(&[0.5; 120], &[0.5; 120]), Ok(()), "a flat input may have a flat output");
    }

    #[test]
    fn values_that_are_not_finite_are_rejected() {
        for i in POSITIONS {
            for v in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                assert_eq!(check(&ramp(), &ramp_with(i, v)), Err(Rejection::NotFinite), "{v} at {i}");
            }
        }
        assert_eq!(check(&ramp(), &[f32::NAN; 120]), Err(Rejection::NotFinite), "a tile of NaN");
        let mut infinities = ramp_with(3, f32::INFINITY);
        infinities[4] = f32::NEG_INFINITY;
        assert_eq!(check(&ramp(), &infinities), Err(Rejection::NotFinite), "infinities of both signs");
    }

    #[test]
    fn values_beyond_the_overshoot_are_rejected() {
        for i in POSITIONS {
            let below = check(&ramp(), &ramp_with(i, -0.6));
            assert_eq!(below, Err(Rejection::OutOfRange { low: -0.6, high: 1.0 }));
            let above = check(&ramp(), &ramp_with(i, 1.6));
            assert_eq!(above, Err(Rejection::OutOfRange { low: 0.0, high: 1.6 }));
        }
        assert_eq!(check(&ramp(), &ramp_with(3, 1.4)), Ok(()));
        assert_eq!(check(&ramp(), &ramp_with(3, -0.5)), Ok(()));
    }

    #[test]
    fn a_manifest_may_allow_more_overshoot() {
        let rules = Verify { overshoot: 0.75, ..Verify::default() };
        assert_eq!(check_by(&rules, &ramp(), &ramp_with(3, -0.74)), Ok(()));
        let rejection = Rejection::OutOfRange { low: -0.76, high: 1.0 };
        assert_eq!(check_by(&rules, &ramp(), &ramp_with(3, -0.76)), Err(rejection));
    }

    #[test]
    fn a_constant_output_of_an_uneven_input_is_rejected() {
        assert_eq!(check(&ramp(), &[0.5; 120]), Err(Rejection::Constant { mean: 0.5 }));
        assert_eq!(check(&ramp(), &[0.0; 120]), Err(Rejection::Constant { mean: 0.0 }));
    }

    #[test]
    fn a_shifted_mean_is_rejected() {
        // The mean of 40 pixels of a ramp is uncertain by 0.14, and the tolerance is 16 of 255.
        let shifted: Vec<f32> = ramp().iter().map(|v| v + 0.25).collect();
        match check(&ramp(), &shifted) {
            Err(Rejection::MeanShifted { output, input }) => {
                assert!((output - 0.75).abs() < 1e-5 && (input - 0.5).abs() < 1e-5, "{output} from {input}");
            }
            other => panic!("{other:?}"),
        }
        let nearly: Vec<f32> = ramp().iter().map(|v| v + 0.15).collect();
        assert_eq!(check(&ramp(), &nearly), Ok(()));
        // A flat input has no uncertainty.
        assert_eq!(check(&[0.5; 120], &[0.5625; 120]), Ok(()));
        let rejection = Rejection::MeanShifted { output: 0.625, input: 0.5 };
        assert_eq!(check(&[0.5; 120], &[0.625; 120]), Err(rejection));
    }

    #[test]
    fn only_the_part_is_verified() {
        let (input, mut output) = (ramp(), ramp());
        fn block(data: &[f32]) -> Block<'_> {
            Block { data, width: PIXELS, height: 1, part: Rect { x: 10, y: 0, width: 20, height: 1 } }
        }
        output[9] = f32::NAN;
        output[30] = 7.0;
        assert_eq!(verify(block(&input), block(&output), &Verify::default()), Ok(()));
        output[10] = f32::NAN;
        assert_eq!(verify(block(&input), block(&output), &Verify::default()), Err(Rejection::NotFinite));
    }

    #[test]
    fn each_rejection_is_a_sentence_with_its_figures() {
        let sentences = [
            (Rejection::NotFinite, "the result has values that are not finite numbers"),
            (
                Rejection::OutOfRange { low: -0.6, high: 1.6 },
                "the result has values from -0.60 to 1.60, but 0 to 1 is expected",
            ),
            (Rejection::Constant { mean: 0.0 }, "the result is one flat colour (0 of 255), but the source is not"),
            (
                Rejection::MeanShifted { output: 0.75, input: 0.5 },
                "the result has a mean of 191 of 255, but the source has a mean of 128",
            ),
        ];
        for (rejection, sentence) in sentences {
            assert_eq!(rejection.to_string(), sentence);
        }
    }
}
