//! The crowd: how many pixels of marks lie in each part of a picture.
//!
//! Where many marks lie close together there is lettering, texture, eyes or stars, and not damage. Marks are counted in cells, not kept.

use crate::error::Result;
use crate::geometry::Size;
use crate::machine::memory;
use crate::old::marks::{Bar, Mark};

/// The side of the squares in which marks are counted, in pixels.
const CELL: u32 = 16;

/// How far from a line its sides are looked at, in pixels: beyond the cells that it runs through.
const BESIDE: f64 = 24.0;

/// For each cell the pixels of marks.
pub(super) struct Crowd {
    size: Size,
    columns: u32,
    cells: Vec<f32>,
}

impl Crowd {
    pub(super) fn new(size: Size) -> Result<Self> {
        let columns = size.width.div_ceil(CELL);
        let cells = memory::zeros(columns as usize * size.height.div_ceil(CELL) as usize)?;
        Ok(Crowd { size, columns, cells })
    }

    /// Adds a mark. Its pixels are taken to lie evenly in its rectangle.
    pub(super) fn add(&mut self, mark: &Mark) {
        self.change(mark, 1.0);
    }

    /// Takes a mark away again, or what lies at its place.
    pub(super) fn remove(&mut self, mark: &Mark) {
        self.change(mark, -1.0);
    }

    fn change(&mut self, mark: &Mark, sign: f32) {
        let across = mark.right / CELL - mark.left / CELL + 1;
        let down = mark.bottom / CELL - mark.top / CELL + 1;
        let each = sign * mark.pixels as f32 / (across * down) as f32;
        for y in mark.top / CELL..=mark.bottom / CELL {
            for x in mark.left / CELL..=mark.right / CELL {
                let cell = &mut self.cells[(y * self.columns + x) as usize];
                *cell = (*cell + each).max(0.0);
            }
        }
    }

    /// The share of pixels in other marks, in the cells that the mark's rectangle, grown by `margin` pixels, touches.
    pub(super) fn around(&self, mark: &Mark, margin: u32) -> f64 {
        let right = ((mark.right + margin) / CELL).min(self.columns - 1);
        let bottom = ((mark.bottom + margin) / CELL).min(self.size.height.div_ceil(CELL) - 1);
        let (mut sum, mut count) = (0.0, 0.0);
        for y in mark.top.saturating_sub(margin) / CELL..=bottom {
            for x in mark.left.saturating_sub(margin) / CELL..=right {
                sum += f64::from(self.cells[(y * self.columns + x) as usize]);
                count += f64::from(CELL * CELL);
            }
        }
        (sum - mark.pixels) / count
    }

    /// The share of pixels in marks on both sides of a line.
    pub(super) fn beside(&self, bar: &Bar) -> f64 {
        let steps = (bar.length / f64::from(CELL)).ceil().max(1.0);
        let (mut sum, mut count) = (0.0, 0.0);
        for step in 0..=steps as u32 {
            let along = (f64::from(step) / steps - 0.5) * bar.length;
            for aside in [-BESIDE, BESIDE] {
                let x = bar.middle[0] + along * bar.direction[0] - aside * bar.direction[1];
                let y = bar.middle[1] + along * bar.direction[1] + aside * bar.direction[0];
                if (0.0..f64::from(self.size.width)).contains(&x) && (0.0..f64::from(self.size.height)).contains(&y) {
                    sum += f64::from(self.cells[(y as u32 / CELL * self.columns + x as u32 / CELL) as usize]);
                    count += f64::from(CELL * CELL);
                }
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }
}
