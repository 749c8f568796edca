//! Gathering: what the network sees of a tile, its halo included.
//!
//! Pixels outside the picture are mirrored at its edges, as networks are padded. Gathering must never read a row that
//! the input window does not hold.

use crate::error::Result;
use crate::machine::memory;
use crate::plan::grid::{Grid, Tile};
use crate::stages::mirror::reflect;
use crate::stages::window::Window;

/// Fills `planes` with what the network sees of a tile: three planes of the tile's size, one after another. `planes`
/// may have any length before; its memory is used again.
pub(crate) fn gather_tile(input: &Window<'_>, grid: &Grid, tile: &Tile, planes: &mut Vec<f32>) -> Result<()> {
    let (width, height) = (tile.size.width as usize, tile.size.height as usize);
    planes.truncate(3 * width * height);
    memory::grow(planes, 3 * width * height)?;
    for (i, row) in planes.chunks_exact_mut(width).enumerate() {
        let y = tile.top + (i % height) as i64;
        gather_row(input, grid, i / height, y, tile.left, row);
    }
    Ok(())
}

/// Fills `row` with samples of row `y` of the picture in plane `channel`, from column `left` on. Row and columns may
/// lie outside the picture.
pub(crate) fn gather_row(input: &Window<'_>, grid: &Grid, channel: usize, y: i64, left: i64, row: &mut [f32]) {
    let rect = input.rect();
    // A tile may be larger than its pixels with their halo, to meet the network's minimum or multiple. Those additional
    // pixels may lie outside the window. They do not influence the result, so the nearest pixel in the window serves.
    let (first, end) = input.span();
    let y = reflect(y, grid.picture.height).clamp(first, end - 1);
    let plane = input.plane(y, channel);
    let right = left + row.len() as i64;
    let (from, to) = (left.max(i64::from(rect.x)), right.min(i64::from(rect.right())));
    let (before, after) = ((from - left) as usize, (to - left).max(0) as usize);
    let outside = |i: usize| {
        let x = reflect(left + i as i64, grid.picture.width).clamp(rect.x, rect.right() - 1);
        plane[(x - rect.x) as usize]
    };
    let before = before.min(row.len());
    for (i, v) in row[..before].iter_mut().enumerate() {
        *v = outside(i);
    }
    let after = after.max(before);
    if after > before {
        row[before..after].copy_from_slice(&plane[(from - i64::from(rect.x)) as usize..][..after - before]);
    }
    for (i, v) in row[after..].iter_mut().enumerate() {
        *v = outside(after + i);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Rect, Size};
    use crate::plan::grid::{Limits, Rules};
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Numbered, with_run};

    const PICTURE: Size = Size { width: 30, height: 20 };

    fn grid(area: Rect, halo: u32, multiple: u32) -> Grid {
        let rules = Rules { halo, overlap: 0, minimum: 1, multiple, fixed: None, whole: false };
        Grid::new(PICTURE, area, rules, Limits { pixels: 1 << 20, rows: 100, side: Some(8) })
    }

    /// A window with all rows that the grid reads.
    fn filled(grid: &Grid) -> Window<'static> {
        let rect = grid.read_rect();
        let mut window = Window::new(Box::new(Numbered::new(rect, 3)));
        with_run(&Cancel::new(), |run| window.fill(run, rect.bottom()).unwrap());
        window
    }

    #[test]
    fn every_pixel_of_a_tile_comes_from_the_picture_or_its_mirror_image() {
        let grid = grid(PICTURE.rect(), 5, 1);
        let window = filled(&grid);
        let mut planes = vec![9.0; 7];
        for row in 0..grid.rows {
            for column in 0..grid.columns {
                let tile = grid.tile(column, row);
                gather_tile(&window, &grid, &tile, &mut planes).unwrap();
                let Size { width, height } = tile.size;
                assert_eq!(planes.len(), 3 * (width * height) as usize);
                for (i, v) in planes.iter().enumerate() {
                    let (x, y) = (i as u32 % width, i as u32 / width % height);
                    let x = reflect(tile.left + i64::from(x), PICTURE.width);
                    let y = reflect(tile.top + i64::from(y), PICTURE.height);
                    assert_eq!(*v, Numbered::sample(x, y, i / (width * height) as usize), "tile {}", tile.index);
                }
            }
        }
    }

    /// A halo wider than the picture is mirrored several times.
    #[test]
    fn a_row_far_outside_the_picture_is_mirrored_repeatedly() {
        let grid = grid(PICTURE.rect(), 40, 1);
        let window = filled(&grid);
        let mut row = [0.0; 120];
        gather_row(&window, &grid, 2, -33, -45, &mut row);
        for (i, v) in row.iter().enumerate() {
            let x = reflect(i as i64 - 45, PICTURE.width);
            assert_eq!(*v, Numbered::sample(x, reflect(-33, PICTURE.height), 2));
        }
    }

    /// Tiles on a lattice of 4 reach beyond the halo that was read.
    #[test]
    fn pixels_beyond_the_rows_and_columns_that_were_read_are_the_nearest_ones() {
        let area = Rect { x: 10, y: 9, width: 6, height: 5 };
        let grid = grid(area, 1, 4);
        let window = filled(&grid);
        let rect = grid.read_rect();
        let tile = grid.tile(0, 0);
        let mut planes = Vec::new();
        gather_tile(&window, &grid, &tile, &mut planes).unwrap();
        for (i, v) in planes[..tile.size.pixels() as usize].iter().enumerate() {
            let (x, y) = (i as i64 % i64::from(tile.size.width), i as i64 / i64::from(tile.size.width));
            let x = reflect(tile.left + x, PICTURE.width).clamp(rect.x, rect.right() - 1);
            let y = reflect(tile.top + y, PICTURE.height).clamp(rect.y, rect.bottom() - 1);
            assert_eq!(*v, Numbered::sample(x, y, 0));
        }
    }
}
