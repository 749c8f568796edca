//! Whether what a network made can be right.
//!
//! Broken drivers and overflowing half floats give black, constant or wild tiles, and most programs write them to the
//! file. Each tile is looked at before it is used. The bounds are wide: a false alarm costs a user his picture too.

use crate::geometry::Rect;
use crate::models::manifest::Verify;

/// An input this uneven cannot have a constant output.
const UNEVEN: f64 = 4.0 / 255.0;
/// An output that varies less than this is constant.
const CONSTANT: f32 = 1e-5;

/// A part of three planes.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    pub(crate) data: &'a [f32],
    /// Samples of a row and of a plane.
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// The part, inside a plane.
    pub(crate) part: Rect,
}

impl<'a> Block<'a> {
    fn rows(self) -> impl Iterator<Item = &'a [f32]> {
        let Rect { x, y, width, height } = self.part;
        self.data.chunks_exact(self.width * self.height).flat_map(move |plane| {
            let rows = plane.chunks_exact(self.width).skip(y as usize).take(height as usize);
            rows.map(move |row| &row[x as usize..][..width as usize])
        })
    }
}

/// Standard errors of a small tile's mean that are forgiven.
const ERRORS: f64 = 3.0;

/// Checks an output against its input, both with black at 0 and white at 1, before clipping.
///
/// `rules` say how far the means may be apart and how far samples may go. The mean over few pixels of an uneven picture is
/// uncertain by itself (a network that calms noise moves it), so [`ERRORS`] standard errors come on top, judged by all that the
/// network saw of the picture, and the way to the mean of that, where a network takes pixels that stand alone. For a tile
/// of usual size both are next to nothing.
pub(crate) fn verify(input: Block<'_>, output: Block<'_>, rules: &Verify) -> Result<(), String> {
    let (mut sum, mut count) = (0.0f64, 0usize);
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for row in output.rows() {
        let stats = Stats::of(row);
        if !stats.sum.is_finite() {
            return Err("has values that are not numbers".into());
        }
        (low, high) = (low.min(stats.low), high.max(stats.high));
        sum += f64::from(stats.sum);
        count += row.len();
    }
    if low < -rules.overshoot || high > 1.0 + rules.overshoot {
        return Err(format!("has values from {low:.2} to {high:.2}, where 0 to 1 is right"));
    }
    let mean = sum / count as f64;
    let (input_mean, deviation) = moments(input.rows());
    if high - low < CONSTANT && deviation > UNEVEN {
        return Err(format!("is one flat colour ({:.0} of 255), the source is not", mean * 255.0));
    }
    let (around_mean, around) = moments(std::iter::once(input.data));
    let pixels = f64::from(input.part.width) * f64::from(input.part.height);
    let uncertain = (ERRORS * around + (input_mean - around_mean).abs()) / pixels.sqrt();
    if (mean - input_mean).abs() > f64::from(rules.mean_tolerance) / 255.0 + uncertain {
        return Err(format!("has a mean of {:.0} of 255, the source one of {:.0}", mean * 255.0, input_mean * 255.0));
    }
    Ok(())
}

/// Mean and standard deviation.
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

struct Stats {
    sum: f32,
    low: f32,
    high: f32,
}

impl Stats {
    /// In lanes, so that the compiler can use vectors: this runs over every sample that a network makes.
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

    fn check(input: &[f32], output: &[f32]) -> Result<(), String> {
        check_by(&Verify::default(), input, output)
    }

    fn check_by(rules: &Verify, input: &[f32], output: &[f32]) -> Result<(), String> {
        fn block(data: &[f32]) -> Block<'_> {
            let width = data.len() / 3;
            Block { data, width, height: 1, part: Rect { x: 0, y: 0, width: width as u32, height: 1 } }
        }
        verify(block(input), block(output), rules)
    }

    #[test]
    fn what_can_be_right_passes_and_what_cannot_does_not() {
        let ramp: Vec<f32> = (0..120).map(|i| (i % 40) as f32 / 39.0).collect();
        let with = |i: usize, v: f32| {
            let mut ramp = ramp.clone();
            ramp[i] = v;
            ramp
        };
        assert_eq!(check(&ramp, &ramp), Ok(()));
        assert_eq!(check(&ramp, &with(3, 1.4)), Ok(()));
        // The last sample of a plane lies in no full vector.
        for i in [0, 39, 119] {
            assert!(check(&ramp, &with(i, f32::NAN)).unwrap_err().contains("not numbers"));
            assert!(check(&ramp, &with(i, f32::INFINITY)).unwrap_err().contains("not numbers"));
            assert!(check(&ramp, &with(i, 1.6)).unwrap_err().contains("1.60"));
            assert!(check(&ramp, &with(i, -0.6)).unwrap_err().contains("-0.60"));
        }
        assert!(check(&ramp, &with(3, -0.5)).is_ok());
        // A model may say that its samples go further.
        let further = Verify { overshoot: 0.75, ..Verify::default() };
        assert!(check_by(&further, &ramp, &with(3, -0.74)).is_ok());
        assert!(check_by(&further, &ramp, &with(3, -0.76)).unwrap_err().contains("-0.76"));
        assert!(check(&ramp, &[0.5; 120]).unwrap_err().contains("flat"));
        assert!(check(&[0.5; 120], &[0.5; 120]).is_ok());
        // 40 pixels of a ramp: the mean is uncertain by 0.14.
        let shifted: Vec<f32> = ramp.iter().map(|v| v + 0.25).collect();
        assert!(check(&ramp, &shifted).unwrap_err().contains("mean"));
    }
}
