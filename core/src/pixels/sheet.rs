//! A sheet: a source that shows a picture side by side with itself, as often as its size says.
//!
//! It is read from memory, because the rows of a tile are needed more than once and a source gives each only once. It must
//! not hold rows or columns that are not needed.

use crate::colour::colour::Colour;
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::pixels::format::Format;
use crate::pixels::rows::Source;
use crate::run::run::Run;

/// A picture that repeats.
pub(crate) struct Sheet {
    size: Size,
    format: Format,
    colour: Colour,
    period: Size,
    columns: Kept,
    rows: Kept,
    /// The kept columns of the kept rows.
    bytes: Vec<u8>,
}

/// The rows or columns of a period that are kept: those before `end` and those from `start` on. If `start` is before
/// `end`, those between them.
#[derive(Clone, Copy, Debug)]
struct Kept {
    start: u32,
    end: u32,
    side: u32,
}

impl Kept {
    /// What a length of the sheet from `start` on shows of a period.
    fn new(start: u32, length: u32, side: u32) -> Self {
        if length >= side {
            return Kept { start: 0, end: side, side };
        }
        let end = (start + length) % side;
        Kept { start: start % side, end: if end == 0 { side } else { end }, side }
    }

    fn parts(self) -> bool {
        self.start >= self.end
    }

    fn has(self, at: u32) -> bool {
        if self.parts() { at < self.end || at >= self.start } else { (self.start..self.end).contains(&at) }
    }

    /// The place of a kept row among all that are kept.
    fn index(self, at: u32) -> u32 {
        match self.parts() {
            true if at < self.end => at,
            true => at - self.start + self.end,
            false => at - self.start,
        }
    }

    fn count(self) -> u32 {
        if self.parts() { self.end + self.side - self.start } else { self.end - self.start }
    }
}

impl Sheet {
    /// Reads what the part `shown` of a sheet of this size needs from `source`, which is one period.
    pub(crate) fn read(run: &Run<'_>, source: &mut dyn Source, size: Size, shown: Rect) -> Result<Self> {
        let (period, format) = (source.size(), source.format());
        let rows = Kept::new(shown.y, shown.height, period.height);
        let mut columns = Kept::new(shown.x, shown.width, period.width);
        if columns.parts() {
            // A source gives the same columns of every row.
            columns = Kept { start: 0, end: period.width, side: period.width };
        }
        let length = format.row_size(columns.count());
        let mut bytes = memory::zeros(length * rows.count() as usize)?;
        let kept = (0..period.height).filter(|y| rows.has(*y));
        for (y, row) in kept.zip(bytes.chunks_exact_mut(length)) {
            run.cancel.check()?;
            source.read(columns.start, y, row)?;
        }
        Ok(Sheet { size, format, colour: source.colour(), period, columns, rows, bytes })
    }
}

impl Source for Sheet {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        self.format
    }

    fn colour(&self) -> Colour {
        self.colour.clone()
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
        let pixel = self.format.pixel_size();
        let length = self.format.row_size(self.columns.count());
        let from = self.rows.index(y % self.period.height) as usize * length;
        let kept = &self.bytes[from..from + length];
        let (mut x, mut rest) = (x % self.period.width, row);
        while !rest.is_empty() {
            let start = self.columns.index(x) as usize * pixel;
            let count = rest.len().min(kept.len() - start);
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(&kept[start..start + count]);
            (x, rest) = (0, later);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::format::{Channels, Sample};
    use crate::run::cancel::Cancel;

    /// Pixels that state their place. Rows must be asked for in ascending order.
    struct Places {
        size: Size,
        next: u32,
    }

    impl Source for Places {
        fn size(&self) -> Size {
            self.size
        }

        fn format(&self) -> Format {
            Format::new(Sample::U8, Channels::GrayAlpha)
        }

        fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
            assert!(y >= self.next);
            self.next = y + 1;
            for (at, pixel) in row.chunks_exact_mut(2).enumerate() {
                pixel.copy_from_slice(&[x as u8 + at as u8, y as u8]);
            }
            Ok(())
        }
    }

    #[test]
    fn every_part_of_a_sheet_shows_the_period() {
        let period = Size { width: 7, height: 5 };
        let size = Size { width: 21, height: 25 };
        for (x, y, width, height) in
            [(8, 6, 3, 2), (5, 4, 4, 3), (6, 12, 9, 5), (0, 0, 21, 25), (7, 5, 7, 5), (13, 9, 2, 4)]
        {
            let mut source = Places { size: period, next: 0 };
            let shown = Rect { x, y, width, height };
            let cancel = Cancel::new();
            let mut silent = |_| {};
            let run = Run::new(&cancel, &mut silent, 0, 1);
            let mut sheet = Sheet::read(&run, &mut source, size, shown).unwrap();
            for row in y..y + height {
                let mut bytes = vec![0; 2 * width as usize];
                sheet.read(x, row, &mut bytes).unwrap();
                let wanted: Vec<u8> = (x..x + width).flat_map(|at| [(at % 7) as u8, (row % 5) as u8]).collect();
                assert_eq!(bytes, wanted, "{shown:?}, row {row}");
            }
        }
    }
}
