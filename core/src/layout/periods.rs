//! Pictures that repeat: how many periods of a tile a run must see.
//!
//! A tile that repeats is enlarged as the middle of a sheet of periods, so that what lies beyond its border is its other
//! side. Stages know nothing of it: they see a larger picture, of which only the middle is wanted. Geometry only.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{MAX_SIDE, Rect, Size};

/// Pixels on each side that a network gets if its reach is not known, because it looks at the whole picture.
const UNKNOWN_REACH: u32 = 64;

/// The periods on each side of the middle one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Periods {
    across: u32,
    down: u32,
}

impl Periods {
    /// The picture alone.
    pub(crate) const ALONE: Periods = Periods { across: 0, down: 0 };

    /// The fewest periods of a picture that repeats: one on each side, more if it is tiny.
    pub(crate) fn fewest(picture: Size) -> Self {
        let sides = |side: u32| UNKNOWN_REACH.div_ceil(side);
        Periods { across: sides(picture.width), down: sides(picture.height) }
    }

    pub(crate) fn repeats(self) -> bool {
        self != Periods::ALONE
    }

    /// The size of the sheet for a period of this size.
    ///
    /// # Errors
    /// `Limit` if it is too large.
    pub(crate) fn sheet(self, period: Size) -> Result<Size> {
        let side = |side: u32, around: u32| side.checked_mul(2 * around + 1).filter(|side| *side <= MAX_SIDE);
        match (side(period.width, self.across), side(period.height, self.down)) {
            (Some(width), Some(height)) => Ok(Size { width, height }),
            _ => Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "a picture or result of {period} pixels is too large to be wrapped, because it is laid out at least three times along each side, and a side may have at most {MAX_SIDE} pixels; turn off 'wrap', or choose a smaller size"
                ),
            )),
        }
    }

    /// The size of one period of a sheet of this size.
    pub(crate) fn one_of(self, sheet: Size) -> Size {
        Size { width: sheet.width / (2 * self.across + 1), height: sheet.height / (2 * self.down + 1) }
    }

    /// A rectangle of the middle period, in the coordinates of the sheet.
    pub(crate) fn in_sheet(self, rect: Rect, period: Size) -> Rect {
        Rect { x: rect.x + self.across * period.width, y: rect.y + self.down * period.height, ..rect }
    }

    /// More periods where a run that reads `read` of the sheet is cut off at its border; `None` if it is not.
    pub(crate) fn more(self, read: Rect, sheet: Size) -> Option<Periods> {
        if !self.repeats() {
            return None;
        }
        let grown = |around: u32, start: u32, end: u32, side: u32| {
            if start == 0 || end == side { around.saturating_mul(2) } else { around }
        };
        let next = Periods {
            across: grown(self.across, read.x, read.right(), sheet.width),
            down: grown(self.down, read.y, read.bottom(), sheet.height),
        };
        (next != self).then_some(next)
    }
}

/// The part of one period that a part of the sheet shows. Where it shows both ends of a period, that is the whole side.
pub(crate) fn in_period(rect: Rect, period: Size) -> Rect {
    let side = |start: u32, length: u32, side: u32| {
        let first = start % side;
        if length <= side && first + length <= side { (first, length) } else { (0, side) }
    };
    let (x, width) = side(rect.x, rect.width, period.width);
    let (y, height) = side(rect.y, rect.height, period.height);
    Rect { x, y, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_grow_until_the_reach_is_inside_the_sheet() {
        let period = Size { width: 10, height: 200 };
        let mut periods = Periods::fewest(period);
        assert_eq!(periods, Periods { across: 7, down: 1 });
        let reach = 90;
        loop {
            let sheet = periods.sheet(period).unwrap();
            let read = periods.in_sheet(period.rect(), period).grown(reach, sheet);
            let Some(next) = periods.more(read, sheet) else { break };
            periods = next;
        }
        assert_eq!(periods, Periods { across: 14, down: 1 });
        assert_eq!(Periods::ALONE.more(period.rect(), period), None);
        let wide = Size { width: MAX_SIDE / 2, height: 5 };
        assert_eq!(Periods::fewest(wide).sheet(wide).unwrap_err().kind(), ErrorKind::Limit);
    }

    #[test]
    fn a_part_of_the_sheet_is_a_part_of_the_period_or_all_of_it() {
        let period = Size { width: 10, height: 8 };
        let cut = in_period(Rect { x: 12, y: 15, width: 4, height: 3 }, period);
        assert_eq!(cut, Rect { x: 2, y: 0, width: 4, height: 8 });
    }
}
