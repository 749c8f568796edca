//! A band: the rows of the result that one row of tiles makes.
//!
//! Only one band is in memory at a time. Where tiles overlap, their results are blended here with weights that sum to
//! 1. A band must never hold more than its own rows.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::plan::grid::{Grid, Tile};
use crate::stages::tiles::verify::Block;

/// Consecutive rows of the enlarged area: three planes of `width * height()` samples, as the network made them.
pub(crate) struct Band {
    data: Vec<f32>,
    /// Samples in a row of a plane: the width of the grid's area times the scale.
    width: usize,
    /// Output pixels per input pixel, along each side.
    scale: usize,
    /// The first row, and the row after the last, in rows of the enlarged picture.
    top: usize,
    bottom: usize,
}

impl Band {
    /// Creates a band without rows. `width` is that of the grid's area, in input pixels.
    pub(crate) fn new(width: u32, scale: usize) -> Self {
        Band { data: Vec::new(), width: width as usize * scale, scale, top: 0, bottom: 0 }
    }

    /// Moves the band to rows `top` to before `bottom` of the enlarged picture. Rows of the old band that lie in the
    /// new one are carried over; the other rows are zero.
    pub(crate) fn advance(&mut self, top: usize, bottom: usize) -> Result<()> {
        let carried_rows = self.bottom.saturating_sub(top);
        let (old, new) = (self.height() * self.width, (bottom - top) * self.width);
        let tail = carried_rows * self.width;
        let planes = if carried_rows > 0 { 3 } else { 0 };
        let mut carried = Vec::new();
        for plane in 0..planes {
            memory::reserve(&mut carried, tail)?;
            carried.extend_from_slice(&self.data[(plane + 1) * old - tail..(plane + 1) * old]);
        }
        self.data.clear();
        memory::grow(&mut self.data, 3 * new)?;
        for plane in 0..planes {
            self.data[plane * new..][..tail].copy_from_slice(&carried[plane * tail..][..tail]);
        }
        (self.top, self.bottom) = (top, bottom);
        Ok(())
    }

    /// Samples in a row of a plane.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The first row, in rows of the enlarged picture.
    pub(crate) fn top(&self) -> usize {
        self.top
    }

    fn height(&self) -> usize {
        self.bottom - self.top
    }

    /// Row `y` of the enlarged picture, which must be in the band, in one plane.
    pub(crate) fn row(&self, plane: usize, y: usize) -> &[f32] {
        &self.data[self.start(plane, y)..][..self.width]
    }

    /// As [`Band::row`], to be written.
    pub(crate) fn row_mut(&mut self, plane: usize, y: usize) -> &mut [f32] {
        let start = self.start(plane, y);
        &mut self.data[start..start + self.width]
    }

    fn start(&self, plane: usize, y: usize) -> usize {
        (plane * self.height() + y - self.top) * self.width
    }

    /// The pixels of `tile`, which must lie in the band, as a block to verify.
    pub(crate) fn block(&self, grid: &Grid, tile: &Tile) -> Block<'_> {
        let part =
            Rect { x: tile.out.x - grid.area.x, y: tile.out.y - self.top as u32 / self.scale as u32, ..tile.out };
        Block { data: &self.data, width: self.width, height: self.height(), part: part.times(self.scale as u32) }
    }

    /// Writes the network's output for a tile into the band. Only the pixels that the tile answers for are used; where
    /// tiles overlap, they are weighted and added.
    ///
    /// `output`: three planes of the tile's size times the scale.
    pub(crate) fn place(&mut self, grid: &Grid, tile: &Tile, output: &[f32]) -> Result<()> {
        let scale = self.scale;
        let inside = tile.inside();
        let (left, top) = (inside.x as usize * scale, inside.y as usize * scale);
        let (tile_width, tile_height) = (tile.size.width as usize * scale, tile.size.height as usize * scale);
        let (width, height) = (tile.out.width as usize * scale, tile.out.height as usize * scale);
        let x = (tile.out.x - grid.area.x) as usize * scale;
        let weights = weights(grid, tile, scale)?;
        for channel in 0..3 {
            for y in 0..height {
                let from = &output[(channel * tile_height + top + y) * tile_width + left..][..width];
                let to = &mut self.row_mut(channel, tile.out.y as usize * scale + y)[x..x + width];
                match &weights {
                    None => to.copy_from_slice(from),
                    Some((across, down)) => {
                        for ((to, from), weight) in to.iter_mut().zip(from).zip(across) {
                            *to += from * weight * down[y];
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// The weights of a tile's columns and rows, in output pixels; `None` if the tiles of the grid do not overlap.
fn weights(grid: &Grid, tile: &Tile, scale: usize) -> Result<Option<(Vec<f32>, Vec<f32>)>> {
    if grid.rules.overlap == 0 {
        return Ok(None);
    }
    let columns = grid.columns as usize;
    let (column, row) = ((tile.index % columns) as u32, (tile.index / columns) as u32);
    let across = |i: u32| {
        let out = grid.tile(i, row).out;
        (out.x, out.right())
    };
    let down = |i: u32| {
        let out = grid.tile(column, i).out;
        (out.y, out.bottom())
    };
    let across = axis_weights(across, column, grid.columns, scale)?;
    Ok(Some((across, axis_weights(down, row, grid.rows, scale)?)))
}

/// The weights of interval `index` of `count` along an axis, in output pixels: 1, and a linear ramp to 0 where it
/// overlaps a neighbour. The weights of both neighbours sum to 1 at every pixel. `interval` gives the start and the end
/// of an interval in input pixels.
fn axis_weights(interval: impl Fn(u32) -> (u32, u32), index: u32, count: u32, scale: usize) -> Result<Vec<f32>> {
    let (start, end) = interval(index);
    let mut weights: Vec<f32> = memory::zeros((end - start) as usize * scale)?;
    weights.fill(1.0);
    let length = weights.len();
    if index > 0 {
        let n = interval(index - 1).1.saturating_sub(start) as usize * scale;
        for (i, w) in weights[..n].iter_mut().enumerate() {
            *w = (i as f32 + 0.5) / n as f32;
        }
    }
    if index + 1 < count {
        let n = end.saturating_sub(interval(index + 1).0) as usize * scale;
        for (i, w) in weights[length - n..].iter_mut().enumerate() {
            *w = 1.0 - (i as f32 + 0.5) / n as f32;
        }
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::plan::grid::{Limits, Rules};

    fn grid(overlap: u32) -> Grid {
        let rules = Rules { halo: 2, overlap, minimum: 1, multiple: 1, fixed: None, whole: false };
        let area = Rect { x: 3, y: 4, width: 40, height: 30 };
        Grid::new(Size { width: 50, height: 40 }, area, rules, Limits { pixels: 1 << 20, rows: 100, side: Some(16) })
    }

    #[test]
    fn advancing_carries_over_the_rows_that_both_bands_have() {
        let mut band = Band::new(3, 1);
        band.advance(10, 14).unwrap();
        for plane in 0..3 {
            for y in 10..14 {
                band.row_mut(plane, y).fill((100 * plane + y) as f32);
            }
        }
        band.advance(13, 18).unwrap();
        assert_eq!((band.top(), band.height()), (13, 5));
        for plane in 0..3 {
            assert_eq!(band.row(plane, 13), [(100 * plane + 13) as f32; 3], "plane {plane}");
            assert!((14..18).all(|y| band.row(plane, y) == [0.0; 3]), "new rows are zero");
        }
        band.advance(18, 20).unwrap();
        assert!((18..20).all(|y| band.row(1, y) == [0.0; 3]), "nothing is carried over where bands only touch");
    }

    #[test]
    fn placing_a_tile_writes_its_own_pixels_and_no_others() {
        let (grid, scale) = (grid(0), 2);
        let mut band = Band::new(grid.area.width, scale);
        let tile = grid.tile(1, 1);
        band.advance(tile.out.y as usize * scale, tile.out.bottom() as usize * scale).unwrap();
        let plane = tile.size.pixels() as usize * scale * scale;
        let output: Vec<f32> = (0..3 * plane).map(|i| 1.0 + i as f32).collect();
        band.place(&grid, &tile, &output).unwrap();
        let (left, right) =
            ((tile.out.x - grid.area.x) as usize * scale, (tile.out.right() - grid.area.x) as usize * scale);
        let row = band.row(2, band.top() + 5);
        assert!(row[..left].iter().chain(&row[right..]).all(|&v| v == 0.0));
        let inside = tile.inside();
        let start =
            2 * plane + (inside.y as usize * scale + 5) * tile.size.width as usize * scale + inside.x as usize * scale;
        assert_eq!(row[left..right], output[start..start + right - left]);
        let block = band.block(&grid, &tile);
        assert_eq!(
            block.part,
            Rect { x: left as u32, y: 0, width: (right - left) as u32, height: band.height() as u32 }
        );
    }

    #[test]
    fn blended_tiles_of_a_flat_picture_are_flat() {
        let (grid, scale) = (grid(6), 2);
        let mut band = Band::new(grid.area.width, scale);
        for row in 0..grid.rows {
            let first = grid.tile(0, row);
            band.advance(first.out.y as usize * scale, first.out.bottom() as usize * scale).unwrap();
            for column in 0..grid.columns {
                let tile = grid.tile(column, row);
                let output = vec![0.5; 3 * tile.size.pixels() as usize * scale * scale];
                band.place(&grid, &tile, &output).unwrap();
            }
            let (top, end) = grid.final_rows(row);
            for y in top as usize * scale..end as usize * scale {
                assert!(band.row(1, y).iter().all(|v| (v - 0.5).abs() < 1e-6), "row {y}");
            }
        }
    }

    #[test]
    fn weights_of_neighbours_sum_to_one() {
        let intervals = [(0, 10), (6, 20), (18, 30)];
        let of = |i| axis_weights(|i| intervals[i as usize], i, 3, 3).unwrap();
        let mut sums = [0.0; 90];
        for i in 0..3 {
            let start = 3 * intervals[i as usize].0 as usize;
            sums[start..].iter_mut().zip(of(i)).for_each(|(sum, w)| *sum += w);
        }
        assert!(sums.iter().all(|sum| (sum - 1.0f32).abs() < 1e-6), "{sums:?}");
    }
}
