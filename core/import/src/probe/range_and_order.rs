//! Finds how a network encodes pixels: the values of black and white, and the order of the channels.
//!
//! It relies on one property: the output of a network that enlarges, reduced to the input's size, is close to the input, but
//! only if the input is encoded as in the network's training.

use enlarger::Result;

use super::pixel_encoding::PixelEncoding;
use super::runner::Runner;
use super::test_picture::TestPicture;
use crate::errors::invalid;
use crate::findings::MAX_DIFFERENCE;

/// The ranges that networks are trained on, the usual one first.
const RANGES: [[f32; 2]; 3] = [[0.0, 1.0], [0.0, 255.0], [-1.0, 1.0]];

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

/// How well an encoding that is known fits.
pub(super) fn known(runner: &Runner<'_>, encoding: PixelEncoding) -> Result<Fit> {
    let picture = runner.picture_near(SIDE);
    Ok(Fit { order_known: true, ..fit(runner, &picture, encoding)? })
}

/// The side of the picture.
const SIDE: u32 = 64;

fn fit(runner: &Runner<'_>, picture: &TestPicture, encoding: PixelEncoding) -> Result<Fit> {
    // Outside the picture networks see zeros, which are black in one range and gray in another, so the border is left out.
    let border = |side: usize| (side / 8).min(8);
    let inner = |picture: &TestPicture| {
        let (x, y) = (border(picture.width), border(picture.height));
        picture.columns(x, picture.width - x).transposed().columns(y, picture.height - y)
    };
    let reduced = runner.run_with(&encoding, picture)?.reduced(runner.scale());
    Ok(Fit { encoding, order_known: false, fidelity: inner(&reduced).distance(&inner(picture)) })
}

pub(super) fn find(runner: &Runner<'_>) -> Result<Fit> {
    let picture = runner.picture_near(SIDE);
    let fit = |range: [f32; 2], bgr: bool| fit(runner, &picture, PixelEncoding { range, bgr });
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
