//! Finds how a network encodes pixels: the values of black and white, and the order of the channels.
//!
//! It relies on one property: the output of a network that enlarges, reduced to the input's size, is close to the input, but
//! only if the input is encoded as in the network's training.

use enlarger::Result;

use super::pixel_encoding::PixelEncoding;
use super::runner::Runner;
use super::test_picture::TestPicture;
use crate::errors::invalid;

/// The ranges that networks are trained on, the usual one first.
const RANGES: [[f32; 2]; 3] = [[0.0, 1.0], [0.0, 255.0], [-1.0, 1.0]];

/// The largest difference, in a range from 0 to 1, at which the output still counts as the input picture.
const MAX_DIFFERENCE: f32 = 0.12;

/// How many times better an unusual range must fit than the usual one. The factor is large because many networks work as
/// well in a range other than their own.
const BETTER: f32 = 3.0;

/// An encoding, and how well it fits.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) encoding: PixelEncoding,
    /// Whether the order of the channels makes a difference that shows.
    pub(super) order_known: bool,
    /// The difference between the input and the reduced output: root mean square, in a range from 0 to 1.
    pub(super) fidelity: f32,
}

pub(super) fn find(runner: &Runner<'_>) -> Result<Fit> {
    let side = runner.minimum.max(64).next_multiple_of(runner.multiple) as usize;
    let picture = TestPicture::new(side, side);
    // Outside the picture networks see zeros, which are black in one range and gray in another, so the border is left out.
    let inner =
        |picture: &TestPicture| picture.columns(8, picture.width - 8).transposed().columns(8, picture.height - 8);
    let fit = |range: [f32; 2], bgr: bool| -> Result<Fit> {
        let encoding = PixelEncoding { range, bgr };
        let reduced = runner.run_with(&encoding, &picture)?.reduced(runner.scale());
        Ok(Fit { encoding, order_known: false, fidelity: inner(&reduced).distance(&inner(&picture)) })
    };
    let mut best = fit(if runner.ends_in_tanh() { RANGES[2] } else { RANGES[0] }, false)?;
    for range in RANGES {
        if range != best.encoding.range {
            let other = fit(range, false)?;
            if other.fidelity * BETTER < best.fidelity {
                best = other;
            }
        }
    }
    let swapped = fit(best.encoding.range, true)?;
    let (better, worse) = if swapped.fidelity < best.fidelity { (&swapped, &best) } else { (&best, &swapped) };
    if better.fidelity > MAX_DIFFERENCE {
        return Err(invalid(format!(
            "the network's output is not the picture it was given: it is {:.0} of 255 off, with the best of {} ranges and both channel orders; the network may be for another task, so use another model",
            255.0 * better.fidelity,
            RANGES.len()
        )));
    }
    let order_known = worse.fidelity > 1.5 * better.fidelity + 1e-4;
    Ok(if order_known { Fit { order_known, ..better.clone() } } else { best })
}
