//! Sizes and rectangles of pictures, in whole pixels.
//!
//! Every size that enters the library is checked here, with arithmetic that cannot overflow. Nothing here may depend on
//! the values or the format of pixels.

use crate::error::{Error, ErrorKind, Result};

/// The longest side that a picture may have, in pixels.
pub const MAX_SIDE: u32 = 1 << 20;

/// A width and a height in pixels. Those of a picture are at least 1 and at most [`MAX_SIDE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// The number of columns.
    pub width: u32,
    /// The number of rows.
    pub height: u32,
}

impl Size {
    /// Creates the size of a picture.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`] if a side is 0, [`ErrorKind::Limit`] if one is longer than [`MAX_SIDE`].
    pub fn new(width: u32, height: u32) -> Result<Self> {
        let size = Size { width, height };
        size.check()?;
        Ok(size)
    }

    /// The number of pixels.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The rectangle that covers the whole picture.
    pub fn rect(self) -> Rect {
        Rect { x: 0, y: 0, width: self.width, height: self.height }
    }

    pub(crate) fn check(self) -> Result<()> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "a picture of {}x{} pixels has no pixels; both sides must be at least 1",
                    self.width, self.height
                ),
            ));
        }
        if self.width > MAX_SIDE || self.height > MAX_SIDE {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "a picture of {}x{} pixels is too large; a side may have at most {MAX_SIDE} pixels",
                    self.width, self.height
                ),
            ));
        }
        Ok(())
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rect {
    /// The left column.
    pub x: u32,
    /// The top row.
    pub y: u32,
    /// The number of columns.
    pub width: u32,
    /// The number of rows.
    pub height: u32,
}

impl Rect {
    /// The first column to the right of the rectangle.
    pub fn right(self) -> u32 {
        self.x + self.width
    }

    /// The first row below the rectangle.
    pub fn bottom(self) -> u32 {
        self.y + self.height
    }

    /// The size of the rectangle.
    pub fn size(self) -> Size {
        Size { width: self.width, height: self.height }
    }

    /// The rectangle grown by `margin` on every side, but not beyond a picture of size `bounds`.
    pub(crate) fn grown(self, margin: u32, bounds: Size) -> Rect {
        let (x, y) = (self.x.saturating_sub(margin), self.y.saturating_sub(margin));
        Rect {
            x,
            y,
            width: self.right().saturating_add(margin).min(bounds.width) - x,
            height: self.bottom().saturating_add(margin).min(bounds.height) - y,
        }
    }

    /// The rectangle in the coordinates of a picture that is `scale` times as large.
    pub(crate) fn times(self, scale: u32) -> Rect {
        Rect { x: self.x * scale, y: self.y * scale, width: self.width * scale, height: self.height * scale }
    }

    /// Checks that the rectangle lies inside a picture of `size` and holds at least one pixel.
    pub(crate) fn check_inside(self, size: Size) -> Result<()> {
        let inside = |start: u32, length: u32, side: u32| length > 0 && start < side && length <= side - start;
        if inside(self.x, self.width, size.width) && inside(self.y, self.height, size.height) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Argument,
            format!(
                "the rectangle {}x{} at {},{} is not inside the picture of {size} pixels; choose a rectangle inside it",
                self.width, self.height, self.x, self.y
            ),
        ))
    }
}
