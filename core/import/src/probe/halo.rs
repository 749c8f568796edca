//! How far a network looks: by how much a picture's inside changes when a part of it is cut off.
//!
//! Measured on all four sides, for networks need not be the same to the left and to the right.

use enlarger::Result;

use super::picture::Picture;
use super::{Subject, Support};

/// Long enough for the networks that look furthest and are still worth cutting.
const LENGTH: u32 = 208;
const WIDTH: u32 = 48;
const CUT: u32 = 32;

/// What is lost in rounding, of 1.
const ROUNDING: f32 = 2e-5;

/// Half of what a pixel of 8 bits can show: pictures other than the probe's may ask for more.
const INVISIBLE: f32 = 0.5 / 255.0;

/// Beyond this, more halo costs more than it gives.
const LONGEST_EXACT: usize = 64;

/// The width over which tiles are blended.
const OVERLAP: u32 = 16;

/// For each distance from the cut: the largest difference, and how many samples of how many were further than 1/255 off.
pub(super) struct Reach {
    worst: Vec<f32>,
    wrong: Vec<(usize, usize)>,
    /// Cuts are multiples of this.
    step: usize,
}

pub(super) fn measure(subject: &Subject<'_>) -> Result<Reach> {
    let fit = |length: u32| length.max(subject.minimum).next_multiple_of(subject.multiple);
    let cut = CUT.next_multiple_of(subject.multiple);
    let length = fit(LENGTH).max(fit(cut + subject.minimum));
    let (cut, length, width, scale) = (cut as usize, length as usize, fit(WIDTH) as usize, subject.scale());
    let mut reach =
        Reach { worst: vec![0.0; length - cut], wrong: vec![(0, 0); length - cut], step: subject.multiple as usize };
    let picture = Picture::new(width, length);
    for upright in [false, true] {
        // Everything is looked at lying; only the network sees it upright.
        let turn = |picture: &Picture| if upright { picture.transposed() } else { picture.clone() };
        let whole = turn(&subject.run(&turn(&picture))?);
        let right = turn(&subject.run(&turn(&picture.columns(cut, length)))?);
        let left = turn(&subject.run(&turn(&picture.columns(0, length - cut)))?);
        for distance in 0..length - cut {
            for step in 0..scale {
                reach.compare(distance, &whole, &right, scale * (cut + distance) + step, scale * distance + step);
                let at = scale * (length - cut - distance) - 1 - step;
                reach.compare(distance, &whole, &left, at, at);
            }
        }
    }
    Ok(reach)
}

impl Reach {
    /// Compares a column of the whole with one of a part.
    fn compare(&mut self, distance: usize, whole: &Picture, part: &Picture, column: usize, other: usize) {
        for (a, b) in whole.planes.chunks(whole.width).zip(part.planes.chunks(part.width)) {
            let off = (a[column] - b[other]).abs();
            self.worst[distance] = self.worst[distance].max(off);
            self.wrong[distance].0 += usize::from(off > 1.0 / 255.0);
            self.wrong[distance].1 += 1;
        }
    }

    /// The smallest halo from which on the inside is never further off than this; `None` if there is none.
    fn halo(&self, off: f32) -> Option<usize> {
        let last = self.worst.iter().rposition(|worst| *worst > off).map_or(0, |last| last + 1);
        // At the far end nothing more could be seen.
        (last < self.worst.len() * 7 / 8).then(|| last.next_multiple_of(self.step))
    }

    /// The smallest halo from which on 999 of 1000 samples are within 1/255 and none is further off than 4/255.
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

    /// How the network may be cut: the support, the halo, the overlap. `whole`: it is known to look at everything.
    pub(super) fn judge(&self, whole: bool) -> (Support, u32, u32) {
        let exact = self.halo(ROUNDING).filter(|halo| *halo <= LONGEST_EXACT);
        let nearly = exact.or(self.halo(INVISIBLE).filter(|halo| *halo <= LONGEST_EXACT));
        match (whole, nearly, self.blended()) {
            (false, Some(halo), _) => (Support::Exact, halo as u32, 0),
            (false, None, Some(halo)) => (Support::Blend, halo as u32, OVERLAP),
            // For a picture that does not fit into memory as a whole.
            (_, _, Some(halo)) => (Support::Whole, halo as u32, 0),
            _ => (Support::Whole, LONGEST_EXACT as u32, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reach of `length` whose differences are given by distance.
    fn reach(length: usize, off: impl Fn(usize) -> f32) -> Reach {
        let worst: Vec<f32> = (0..length).map(off).collect();
        let wrong = worst.iter().map(|off| (usize::from(*off > 1.0 / 255.0), 1)).collect();
        Reach { worst, wrong, step: 1 }
    }

    #[test]
    fn what_is_measured_is_judged() {
        let sharp = reach(160, |distance| if distance < 34 { 0.1 } else { 0.0 });
        assert_eq!(sharp.judge(false), (Support::Exact, 34, 0));
        let slow = reach(160, |distance| 0.5 * 0.94f32.powi(distance as i32));
        let (support, halo, overlap) = slow.judge(false);
        assert_eq!((support, overlap), (Support::Blend, 16));
        assert!((70..90).contains(&halo), "{halo}");
        let flat = reach(160, |_| 0.01);
        assert_eq!(flat.judge(false).0, Support::Whole);
        assert_eq!(sharp.judge(true), (Support::Whole, 34, 0));
        let stepped = Reach { step: 4, ..sharp };
        assert_eq!(stepped.judge(false).1, 36);
    }
}
