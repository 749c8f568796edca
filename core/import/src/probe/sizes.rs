//! What a network makes of a size: its scale, what it cuts off, and the sizes that it takes.

use enlarger::Result;

use super::Subject;
use crate::invalid;

/// Sides to begin with: many networks want a multiple of something, and each of these is one of much.
const SIDES: [u32; 6] = [64, 96, 120, 56, 128, 256];

/// The largest scale that a manifest may name.
const LARGEST: usize = 16;

/// What was found out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sizes {
    pub(super) scale: u32,
    pub(super) pad: u32,
    pub(super) multiple: u32,
    pub(super) minimum: u32,
}

pub(super) fn find(subject: &Subject<'_>) -> Result<Sizes> {
    let mut reason = String::new();
    for side in SIDES {
        // An engine that tries the network when it opens it may fail with this side and not with another.
        let shapes = match subject.shapes(side) {
            Ok(shapes) => shapes,
            Err(error) => {
                reason = format!(": {error}");
                continue;
            }
        };
        let Some([batch, channels, tall, wide]) = shapes(side, 2 * side) else { continue };
        if (batch, channels) != (1, 3) {
            return Err(invalid(format!(
                "the network makes {batch}×{channels}×{tall}×{wide} values of a picture of {}×{side} pixels, and no picture",
                2 * side
            )));
        }
        let (scale, pad) = law(side as usize, tall, wide)?;
        let fits = |height: u32, width: u32| {
            let out = |side: u32| (scale * side as usize).checked_sub(2 * scale * pad as usize);
            shapes(height, width).is_some_and(|[_, _, tall, wide]| {
                Some(tall) == out(height) && Some(wide) == out(width) && tall > 0 && wide > 0
            })
        };
        // The smallest step that it takes. All of its multiples are taken too, or it would not be one.
        let steps = (1..=side).filter(|step| side.is_multiple_of(*step));
        let multiple = steps.into_iter().find(|step| fits(side + step, side + step)).unwrap_or(side);
        let ladder = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48].map(|times| times * multiple);
        let smallest = ladder.into_iter().filter(|least| *least < side).find(|least| fits(*least, *least));
        // Mirrored pixels must be there to be mirrored.
        let minimum = smallest.unwrap_or(side).max(if pad > 0 { pad + 1 } else { 1 });
        return Ok(Sizes { scale: scale as u32, pad, multiple, minimum: minimum.next_multiple_of(multiple) });
    }
    Err(invalid(format!(
        "the network failed on pictures of all sizes that were tried ({}); it may want one size only{reason}",
        SIDES.map(|side| format!("{side}×{}", 2 * side)).join(", ")
    )))
}

/// The scale, and the pixels cut off at each side of the picture, from what becomes of `side` and of twice as much.
fn law(side: usize, tall: usize, wide: usize) -> Result<(usize, u32)> {
    let odd = || {
        Err(invalid(format!(
            "the network makes {wide}×{tall} pixels of {}×{side}, which is no whole factor; it cannot be used",
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
    if scale > LARGEST {
        return Err(invalid(format!("the network enlarges by {scale}; {LARGEST} is the most")));
    }
    Ok((scale, (lost / (2 * scale)) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_and_loss_follow_from_two_sides() {
        assert_eq!(law(64, 256, 512).unwrap(), (4, 0));
        assert_eq!(law(64, 64, 128).unwrap(), (1, 0));
        // Twice, less 7 pixels of the input at each side.
        assert_eq!(law(64, 100, 228).unwrap(), (2, 7));
        for (tall, wide) in [(224, 224), (32, 64), (100, 200), (63, 127), (0, 0), (300, 556), (2048, 4096)] {
            assert!(law(64, tall, wide).is_err(), "{tall} {wide}");
        }
    }
}
