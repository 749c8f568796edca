//! The places of damage as one bit for each pixel, and the mask that they make.

use std::sync::Arc;

use crate::error::Result;
use crate::geometry::Size;
use crate::machine::memory;
use crate::old::lines::Gap;
use crate::pixels::format::{Channels, Format, Sample};
use crate::pixels::mask::Mask;
use crate::pixels::rows::Source;

/// How far damage reaches beyond what stands out, in pixels: its rim is blurred.
const RIM: u32 = 2;

/// One bit for each pixel of a picture.
pub(super) struct ScratchBits {
    size: Size,
    /// Whole words for each row.
    words: Vec<u64>,
}

impl ScratchBits {
    pub(super) fn new(size: Size) -> Result<Self> {
        let words = memory::zeros(size.width.div_ceil(64) as usize * size.height as usize)?;
        Ok(ScratchBits { size, words })
    }

    /// Marks the pixels `start` to `end`, without `end`, of row `y`, and their rim.
    pub(super) fn paint(&mut self, y: u32, start: u32, end: u32) {
        let per_row = self.size.width.div_ceil(64) as usize;
        for y in y.saturating_sub(RIM)..(y + RIM + 1).min(self.size.height) {
            let row = &mut self.words[y as usize * per_row..][..per_row];
            for x in start.saturating_sub(RIM)..(end + RIM).min(self.size.width) {
                row[x as usize / 64] |= 1 << (x % 64);
            }
        }
    }

    /// Marks a gap in a line.
    pub(super) fn paint_gap(&mut self, gap: &Gap) {
        let ([from, to], thick) = (gap.ends, gap.thick.round().max(1.0));
        let steps = (to[0] - from[0]).abs().max((to[1] - from[1]).abs()).ceil().max(1.0);
        for step in 0..=steps as u32 {
            let place = |axis: usize| from[axis] + f64::from(step) / steps * (to[axis] - from[axis]);
            let first = |axis: usize, most: u32| {
                (place(axis) - (thick - 1.0) / 2.0).round().clamp(0.0, f64::from(most - 1)) as u32
            };
            let (x, y) = (first(0, self.size.width), first(1, self.size.height));
            for y in y..(y + thick as u32).min(self.size.height) {
                self.paint(y, x, (x + thick as u32).min(self.size.width));
            }
        }
    }

    /// The number of marked pixels.
    pub(super) fn white(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The mask, white where there is damage, and the number of its white pixels; `None` if there are none.
    pub(super) fn into_mask(self) -> (Option<Mask>, u64) {
        let white = self.white();
        if white == 0 {
            return (None, 0);
        }
        let (size, words) = (self.size, Arc::new(self.words));
        (Some(Mask::new(size, move || Ok(Box::new(Rows { size, words: words.clone() })))), white)
    }
}

struct Rows {
    size: Size,
    words: Arc<Vec<u64>>,
}

impl Source for Rows {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        Format::new(Sample::U8, Channels::Gray)
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
        let per_row = self.size.width.div_ceil(64) as usize;
        let words = &self.words[y as usize * per_row..][..per_row];
        for (x, v) in (x..).zip(row) {
            *v = if words[x as usize / 64] >> (x % 64) & 1 == 1 { 255 } else { 0 };
        }
        Ok(())
    }
}
