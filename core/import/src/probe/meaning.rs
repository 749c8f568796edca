//! What a network's values mean: which are black and white, and which channel is red.
//!
//! A network that enlarges gives back, made small again, about what it was given: but only if it was given what it
//! was trained on.

use enlarger::Result;

use super::Subject;
use super::picture::Picture;
use crate::invalid;

/// Ranges that networks are trained on, the usual one first.
const RANGES: [[f32; 2]; 3] = [[0.0, 1.0], [0.0, 255.0], [-1.0, 1.0]];

/// Beyond this, of 1, a result is not the picture.
const FAR: f32 = 0.12;

/// A range other than the usual one must fit so much better: many networks work as well in a range that is not theirs.
const BETTER: f32 = 3.0;

/// What a network's values mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meaning {
    pub(super) range: [f32; 2],
    pub(super) bgr: bool,
    pub(super) order_told: bool,
    pub(super) fidelity: f32,
}

impl Default for Meaning {
    fn default() -> Self {
        Meaning { range: RANGES[0], bgr: false, order_told: false, fidelity: 0.0 }
    }
}

impl Meaning {
    /// Pixels as the network wants them.
    pub(super) fn give(&self, planes: &[f32]) -> Vec<f32> {
        let [black, white] = self.range;
        let mut given: Vec<f32> = planes.iter().map(|value| black + value * (white - black)).collect();
        self.swap(&mut given);
        given
    }

    /// Pixels as the network made them, into ours.
    pub(super) fn take(&self, planes: &mut [f32]) {
        let [black, white] = self.range;
        planes.iter_mut().for_each(|value| *value = (*value - black) / (white - black));
        self.swap(planes);
    }

    fn swap(&self, planes: &mut [f32]) {
        if self.bgr {
            let plane = planes.len() / 3;
            let (first, rest) = planes.split_at_mut(plane);
            first.swap_with_slice(&mut rest[plane..]);
        }
    }
}

pub(super) fn find(subject: &Subject<'_>) -> Result<Meaning> {
    let side = subject.minimum.max(64).next_multiple_of(subject.multiple) as usize;
    let picture = Picture::new(side, side);
    // Where the picture ends, networks see zeros, which are black in one range and grey in another.
    let seen = |picture: &Picture| picture.columns(8, picture.width - 8).transposed().columns(8, picture.height - 8);
    let fit = |range: [f32; 2], bgr: bool| -> Result<Meaning> {
        let mut meaning = Meaning { range, bgr, ..Meaning::default() };
        let made = subject.with_meaning(&meaning).run(&picture)?.reduced(subject.scale());
        meaning.fidelity = seen(&made).distance(&seen(&picture));
        Ok(meaning)
    };
    let mut best = fit(if subject.ends_in_tanh() { RANGES[2] } else { RANGES[0] }, false)?;
    for range in RANGES {
        if range != best.range {
            let other = fit(range, false)?;
            if other.fidelity * BETTER < best.fidelity {
                best = other;
            }
        }
    }
    let turned = fit(best.range, true)?;
    let (better, worse) = if turned.fidelity < best.fidelity { (&turned, &best) } else { (&best, &turned) };
    if better.fidelity > FAR {
        return Err(invalid(format!(
            "what the network makes is not the picture it was given, {:.0} of 255 off in the best of {} ranges and both orders; it may be for another task",
            255.0 * better.fidelity,
            RANGES.len()
        )));
    }
    let told = worse.fidelity > 1.5 * better.fidelity + 1e-4;
    Ok(if told { Meaning { order_told: true, ..better.clone() } } else { best })
}
