//! Where rows come from and where they go.
//!
//! A picture is read and written by rows, so that one larger than memory can pass through.
//! Rows are asked for once each, from top to bottom, and written once each, from top to bottom.

use crate::colour::colour::Colour;
use crate::error::Result;
use crate::geometry::Size;
use crate::pixels::format::Format;
use crate::pixels::view::{View, ViewMut};

/// Where the rows of a picture come from.
pub trait Source {
    /// The size of the whole picture, whatever part of it will be read.
    fn size(&self) -> Size;

    /// The format of the rows.
    fn format(&self) -> Format;

    /// What the numbers mean as colour.
    fn colour(&self) -> Colour {
        Colour::Srgb
    }

    /// Fills `row` with the pixels of row `y` from column `x` on.
    ///
    /// `row` holds a whole number of pixels. Over one run `y` only grows, `x` and the length stay the same; rows
    /// may be skipped where only a part of the picture is wanted.
    ///
    /// # Errors
    /// Whatever stopped the reading; the run ends with it.
    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()>;
}

/// Where the rows of the result go.
pub trait Sink {
    /// The size of the result that this sink takes. Must be the plan's output size.
    fn size(&self) -> Size;

    /// The format that the rows are wanted in.
    fn format(&self) -> Format;

    /// What the numbers of the rows are to mean as colour; `None` for the same as in the source.
    fn colour(&self) -> Option<Colour> {
        None
    }

    /// Takes row `y`. Called once for every row, from the first to the last.
    ///
    /// # Errors
    /// Whatever stopped the writing; the run ends with it.
    fn write(&mut self, y: u32, row: &[u8]) -> Result<()>;
}

/// A source over pixels in memory.
#[derive(Clone, Debug)]
pub struct ViewSource<'a> {
    view: View<'a>,
    colour: Colour,
}

impl<'a> ViewSource<'a> {
    /// A source of the pixels of `view`, whose numbers mean `colour`.
    pub fn new(view: View<'a>, colour: Colour) -> Self {
        ViewSource { view, colour }
    }
}

impl Source for ViewSource<'_> {
    fn size(&self) -> Size {
        self.view.size()
    }

    fn format(&self) -> Format {
        self.view.format()
    }

    fn colour(&self) -> Colour {
        self.colour.clone()
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
        let start = self.view.format().row_size(x);
        row.copy_from_slice(&self.view.row(y)[start..start + row.len()]);
        Ok(())
    }
}

/// A sink into pixels in memory.
#[derive(Debug)]
pub struct ViewSink<'a> {
    view: ViewMut<'a>,
}

impl<'a> ViewSink<'a> {
    /// A sink into the pixels of `view`.
    pub fn new(view: ViewMut<'a>) -> Self {
        ViewSink { view }
    }
}

impl Sink for ViewSink<'_> {
    fn size(&self) -> Size {
        self.view.size()
    }

    fn format(&self) -> Format {
        self.view.format()
    }

    fn write(&mut self, y: u32, row: &[u8]) -> Result<()> {
        self.view.row_mut(y).copy_from_slice(row);
        Ok(())
    }
}
