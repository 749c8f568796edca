//! Measures the halo: how far from the edge of a tile its result differs from that of the whole picture.
//!
//! Measured at all four edges, because a network need not be symmetric.

use enlarger::Result;

use super::runner::Runner;
use super::test_picture::TestPicture;
use crate::findings::Support;

/// The length of the test picture: enough for the largest halo with which tiles still pay.
const LENGTH: u32 = 208;
/// The width of the test picture.
const WIDTH: u32 = 48;
/// The length of the part that is cut off.
const CUT: u32 = 32;

/// The largest difference that comes from rounding, in a range from 0 to 1.
const ROUNDING: f32 = 2e-5;

/// Half a step of 8 bits. It is not a whole step, because other pictures may need more halo than the test picture.
const INVISIBLE: f32 = 0.5 / 255.0;

/// The largest halo for exact tiles. A larger one costs more time than it saves.
const MAX_EXACT_HALO: usize = 64;

/// The width over which tiles are blended.
const OVERLAP: u32 = 16;

/// The differences between the results of a part and of the whole picture, by distance from the cut.
pub(super) struct Differences {
    /// The largest difference at each distance.
    worst: Vec<f32>,
    /// At each distance: how many samples differ by more than 1/255, and how many were compared.
    wrong: Vec<(usize, usize)>,
    /// A halo must be a multiple of this.
    step: usize,
}

/// The share of the side by which two parts of a picture differ, for a network that takes only one size.
const SHIFT: u32 = 4;

pub(super) fn measure(runner: &Runner<'_>) -> Result<Differences> {
    if let Some([width, height]) = runner.size {
        return measure_one_size(runner, width as usize, height as usize);
    }
    let fit = |length: u32| length.max(runner.minimum).next_multiple_of(runner.multiple);
    let cut = CUT.next_multiple_of(runner.multiple);
    let length = fit(LENGTH).max(fit(cut + runner.minimum));
    let (cut, length, width, scale) = (cut as usize, length as usize, fit(WIDTH) as usize, runner.scale());
    let mut differences = Differences {
        worst: vec![0.0; length - cut],
        wrong: vec![(0, 0); length - cut],
        step: runner.multiple as usize,
    };
    let picture = TestPicture::new(width, length);
    for upright in [false, true] {
        // The comparison is always along rows; for the upright case only the network sees the picture transposed.
        let turn = |picture: &TestPicture| if upright { picture.transposed() } else { picture.clone() };
        let whole = turn(&runner.run(&turn(&picture))?);
        let right = turn(&runner.run(&turn(&picture.columns(cut, length)))?);
        let left = turn(&runner.run(&turn(&picture.columns(0, length - cut)))?);
        for distance in 0..length - cut {
            for step in 0..scale {
                differences.compare(distance, &whole, &right, scale * (cut + distance) + step, scale * distance + step);
                let at = scale * (length - cut - distance) - 1 - step;
                differences.compare(distance, &whole, &left, at, at);
            }
        }
    }
    Ok(differences)
}

/// Two parts of a picture, of the only size that the network takes, overlap. Far from their edges their results must agree.
fn measure_one_size(runner: &Runner<'_>, width: usize, height: usize) -> Result<Differences> {
    let scale = runner.scale();
    let reach = width.min(height) * 3 / (2 * SHIFT as usize * 2);
    let mut differences = Differences { worst: vec![0.0; reach], wrong: vec![(0, 0); reach], step: 1 };
    for upright in [false, true] {
        let turn = |picture: TestPicture| if upright { picture.transposed() } else { picture };
        let (across, along) = if upright { (width, height) } else { (height, width) };
        let shift = along / SHIFT as usize;
        let picture = TestPicture::new(across, along + shift);
        let first = turn(runner.run(&turn(picture.columns(0, along)))?);
        let second = turn(runner.run(&turn(picture.columns(shift, along + shift)))?);
        for distance in 0..reach {
            for step in 0..scale {
                let (left, right) = (scale * distance + step, scale * (along - shift - distance) - 1 - step);
                for at in [left, right] {
                    differences.compare(distance, &first, &second, at + scale * shift, at);
                }
            }
        }
    }
    Ok(differences)
}

impl Differences {
    /// Compares a column of the whole picture's result with a column of a part's result.
    fn compare(&mut self, distance: usize, whole: &TestPicture, part: &TestPicture, column: usize, other: usize) {
        for (a, b) in whole.planes.chunks(whole.width).zip(part.planes.chunks(part.width)) {
            let off = (a[column] - b[other]).abs();
            self.worst[distance] = self.worst[distance].max(off);
            self.wrong[distance].0 += usize::from(off > 1.0 / 255.0);
            self.wrong[distance].1 += 1;
        }
    }

    /// The smallest halo beyond which no difference is larger than `off`; `None` if there is none.
    fn halo(&self, off: f32) -> Option<usize> {
        let last = self.worst.iter().rposition(|worst| *worst > off).map_or(0, |last| last + 1);
        // If differences reach nearly to the far end, the picture is too short to tell.
        (last < self.worst.len() * 7 / 8).then(|| last.next_multiple_of(self.step))
    }

    /// The smallest halo beyond which 999 of 1000 samples are within 1/255 and all are within 4/255; `None` if there is none.
    fn blended(&self) -> Option<usize> {
        let most = self.halo(4.0 / 255.0)?;
        let mut beyond = (0, 0);
        let mut halo = self.wrong.len();
        for (wrong, of) in self.wrong.iter().rev() {
            beyond = (beyond.0 + wrong, beyond.1 + of);
            if beyond.0 * 1000 > beyond.1 {
                break;
            }
            halo -= 1;
        }
        let halo = halo.max(most);
        (halo < self.wrong.len() * 7 / 8).then(|| halo.next_multiple_of(self.step))
    }

    /// How pictures may be divided into tiles: the support, the halo, the overlap. `whole`: the network is known to look at
    /// the whole picture.
    pub(super) fn judge(&self, whole: bool) -> (Support, u32, u32) {
        let exact = self.halo(ROUNDING).filter(|halo| *halo <= MAX_EXACT_HALO);
        let nearly = exact.or(self.halo(INVISIBLE).filter(|halo| *halo <= MAX_EXACT_HALO));
        match (whole, nearly, self.blended()) {
            (false, Some(halo), _) => (Support::Exact, halo as u32, 0),
            (false, None, Some(halo)) => (Support::Blend, halo as u32, OVERLAP),
            // This halo is used when a picture does not fit into memory as a whole.
            (_, _, Some(halo)) => (Support::Whole, halo as u32, 0),
            _ => (Support::Whole, MAX_EXACT_HALO as u32, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differences up to the distance `length`, given by distance.
    fn differences(length: usize, off: impl Fn(usize) -> f32) -> Differences {
        let worst: Vec<f32> = (0..length).map(off).collect();
        let wrong = worst.iter().map(|off| (usize::from(*off > 1.0 / 255.0), 1)).collect();
        Differences { worst, wrong, step: 1 }
    }

    #[test]
    fn support_and_halo_follow_from_the_differences() {
        let sharp = differences(160, |distance| if distance < 34 { 0.1 } else { 0.0 });
        assert_eq!(sharp.judge(false), (Support::Exact, 34, 0));
        let slow = differences(160, |distance| 0.5 * 0.94f32.powi(distance as i32));
        let (support, halo, overlap) = slow.judge(false);
        assert_eq!((support, overlap), (Support::Blend, 16));
        assert!((70..90).contains(&halo), "{halo}");
        let flat = differences(160, |_| 0.01);
        assert_eq!(flat.judge(false).0, Support::Whole);
        assert_eq!(sharp.judge(true), (Support::Whole, 34, 0));
        let stepped = Differences { step: 4, ..sharp };
        assert_eq!(stepped.judge(false).1, 36);
    }
}
