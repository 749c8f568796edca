//! Sources and sinks: where rows come from and where they go.
//!
//! A picture is read and written row by row, so that it may be larger than memory. Each row is read at most once and
//! written once, from top to bottom. A run must never go back to an earlier row.

use crate::colour::colour::Colour;
use crate::error::Result;
use crate::geometry::Size;
use crate::pixels::format::Format;
use crate::pixels::view::{View, ViewMut};

/// A source of the rows of a picture.
pub trait Source {
    /// The size of the whole picture, even if only a part of it is read.
    fn size(&self) -> Size;

    /// The format of the rows.
    fn format(&self) -> Format;

    /// The colour space of the pixels.
    fn colour(&self) -> Colour {
        Colour::Srgb
    }

    /// Fills `row` with the pixels of row `y` from column `x` on.
    ///
    /// `row` holds a whole number of pixels. During a run `y` only grows, and `x` and the length of `row` stay the same. Rows
    /// are skipped if only a part of the picture is wanted.
    ///
    /// # Errors
    /// Any error ends the run, which returns it.
    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()>;
}

/// A sink for the rows of the result.
pub trait Sink {
    /// The size of the result that the sink takes. It must be [`Plan::output`](crate::Plan::output).
    fn size(&self) -> Size;

    /// The format of the rows that the sink takes.
    fn format(&self) -> Format;

    /// The colour space of the rows that the sink takes; `None` for that of the source.
    fn colour(&self) -> Option<Colour> {
        None
    }

    /// Writes row `y`. Called once for every row, from the first to the last.
    ///
    /// # Errors
    /// Any error ends the run, which returns it.
    fn write(&mut self, y: u32, row: &[u8]) -> Result<()>;
}

/// A source of pixels in memory.
#[derive(Clone, Debug)]
pub struct ViewSource<'a> {
    view: View<'a>,
    colour: Colour,
}

impl<'a> ViewSource<'a> {
    /// Creates a source of the pixels of `view`, in the colour space `colour`.
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

/// A sink that writes to pixels in memory.
#[derive(Debug)]
pub struct ViewSink<'a> {
    view: ViewMut<'a>,
}

impl<'a> ViewSink<'a> {
    /// Creates a sink that writes to the pixels of `view`.
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
