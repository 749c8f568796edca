//! Finds the scale of a network, how much it cuts off at the edges, and the sizes that it accepts.

use enlarger::Result;

use super::runner::{Runner, Sizes};
use crate::errors::invalid;

/// The sides to start with. Many networks need a multiple of some number; each of these is a multiple of many numbers.
const SIDES: [u32; 6] = [64, 96, 120, 56, 128, 256];

/// The largest scale that a manifest may have.
const MAX_SCALE: usize = 16;

pub(super) fn find(runner: &Runner<'_>) -> Result<Sizes> {
    if let Some(size) = runner.size {
        return of_one_size(runner, size);
    }
    let mut reason = String::new();
    for side in SIDES {
        // An engine that runs the network when it opens it may fail with this side but not with another.
        let shapes = match runner.shapes(side) {
            Ok(shapes) => shapes,
            Err(error) => {
                reason = format!(": {error}");
                continue;
            }
        };
        let Some([batch, channels, tall, wide]) = shapes(side, 2 * side) else { continue };
        if (batch, channels) != (1, 3) {
            return Err(invalid(format!(
                "the network turns a picture of {}×{side} pixels into {batch}×{channels}×{tall}×{wide} values, which are not a picture; use another model",
                2 * side
            )));
        }
        let (scale, pad) = scale_and_pad(side as usize, tall, wide)?;
        let fits = |height: u32, width: u32| {
            let out = |side: u32| (scale * side as usize).checked_sub(2 * scale * pad as usize);
            shapes(height, width).is_some_and(|[_, _, tall, wide]| {
                Some(tall) == out(height) && Some(wide) == out(width) && tall > 0 && wide > 0
            })
        };
        // The smallest step by which a side may grow.
        let steps = (1..=side).filter(|step| side.is_multiple_of(*step));
        let multiple = steps.into_iter().find(|step| fits(side + step, side + step)).unwrap_or(side);
        let ladder = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48].map(|times| times * multiple);
        let smallest = ladder.into_iter().filter(|least| *least < side).find(|least| fits(*least, *least));
        // Mirroring `pad` pixels takes a picture of at least one pixel more.
        let minimum = smallest.unwrap_or(side).max(if pad > 0 { pad + 1 } else { 1 });
        return Ok(Sizes { scale: scale as u32, pad, multiple, minimum: minimum.next_multiple_of(multiple) });
    }
    Err(invalid(format!(
        "the network failed on pictures of all sizes that were tried ({}); it may accept only one size, so export it with dynamic height and width{reason}",
        SIDES.map(|side| format!("{side}×{}", 2 * side)).join(", ")
    )))
}

/// The sizes of a network that takes only one.
fn of_one_size(runner: &Runner<'_>, [width, height]: [u32; 2]) -> Result<Sizes> {
    let shape = runner.shapes(1)?(height, width);
    let Some([1, 3, tall, wide]) = shape else {
        return Err(invalid(format!(
            "the network failed on a picture of {width}×{height} pixels, the only size that it takes; export it again, or use another model"
        )));
    };
    let scale = tall / height as usize;
    if !(1..=MAX_SCALE).contains(&scale) || (tall, wide) != (scale * height as usize, scale * width as usize) {
        return Err(invalid(format!(
            "the network turns {width}×{height} pixels into {wide}×{tall}, which is not a whole factor up to {MAX_SCALE}; use another model"
        )));
    }
    Ok(Sizes { scale: scale as u32, pad: 0, multiple: 1, minimum: 1 })
}

/// The scale, and the input pixels that are missing at each edge of the output, from the output's size (`tall` × `wide`) for
/// an input of `side` rows and twice as many columns.
fn scale_and_pad(side: usize, tall: usize, wide: usize) -> Result<(usize, u32)> {
    let odd = || {
        Err(invalid(format!(
            "the network turns {}×{side} pixels into {wide}×{tall}, which is not a whole factor; use another model",
            2 * side
        )))
    };
    let Some(growth) = wide.checked_sub(tall).filter(|growth| *growth > 0 && growth.is_multiple_of(side)) else {
        return odd();
    };
    let scale = growth / side;
    let Some(lost) = (scale * side).checked_sub(tall).filter(|lost| lost.is_multiple_of(2 * scale)) else {
        return odd();
    };
    if scale > MAX_SCALE {
        return Err(invalid(format!(
            "the network enlarges {scale} times, more than the limit of {MAX_SCALE}; use another model"
        )));
    }
    Ok((scale, (lost / (2 * scale)) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_and_pad_follow_from_the_size_of_the_output() {
        assert_eq!(scale_and_pad(64, 256, 512).unwrap(), (4, 0));
        assert_eq!(scale_and_pad(64, 64, 128).unwrap(), (1, 0));
        // Twice the size, less 7 pixels of the input at each edge.
        assert_eq!(scale_and_pad(64, 100, 228).unwrap(), (2, 7));
        for (tall, wide) in [(224, 224), (32, 64), (100, 200), (63, 127), (0, 0), (300, 556), (2048, 4096)] {
            assert!(scale_and_pad(64, tall, wide).is_err(), "{tall} {wide}");
        }
    }
}
