//! The grid: how a picture is divided into tiles.
//!
//! Tiles are of equal size, with no thin last one. Each is extended by the halo that its inside needs, mirrored at the
//! edges of the picture. Where the halo is not exact, tiles also overlap and are blended. This is geometry; nothing
//! here may touch a pixel.

use crate::geometry::{Rect, Size};
use crate::models::manifest::{Manifest, Tileable};

/// The rules of a network for its tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) halo: u32,
    pub(crate) overlap: u32,
    pub(crate) minimum: u32,
    pub(crate) multiple: u32,
    /// The only size that the network takes, if there is only one.
    pub(crate) fixed: Option<Size>,
    pub(crate) whole: bool,
}

impl Rules {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        Rules {
            halo: manifest.tiling.halo,
            overlap: manifest.tiling.overlap,
            minimum: manifest.input.minimum,
            multiple: manifest.input.multiple,
            fixed: manifest.input.size.map(|[width, height]| Size { width, height }),
            // A network of one size never sees more of the picture than that.
            whole: manifest.tiling.support == Tileable::Whole && manifest.input.size.is_none(),
        }
    }

    /// The length of a tile for `length` pixels: with the halo, and rounded up to what the network accepts.
    pub(crate) fn fit(self, length: u32) -> u32 {
        (length + self.border()).max(self.minimum).next_multiple_of(self.multiple)
    }

    /// The pixels of a tile beyond its inside: the halo on both sides, and what alignment to the multiple may add.
    fn border(self) -> u32 {
        2 * self.halo + self.multiple - 1
    }

    /// The first column or row of a tile whose inside begins at `start`. A network that needs multiples sees the
    /// picture through a lattice, which must lie at the same place for all tiles, or they do not fit together.
    fn begin(self, start: u32) -> i64 {
        let multiple = i64::from(self.multiple);
        (i64::from(start) - i64::from(self.halo)).div_euclid(multiple) * multiple
    }
}

/// Limits on the size of tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The most pixels of a tile, halo included.
    pub(crate) pixels: u64,
    /// The most rows of a band, without the halo.
    pub(crate) rows: u32,
    /// The side of a tile without its halo, if the caller set it.
    pub(crate) side: Option<u32>,
}

/// One tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) index: usize,
    /// The pixels that the tile contributes to: its own and, where neighbours are blended, half the overlap on each
    /// side.
    pub(crate) out: Rect,
    /// The first column and row that the network sees. They may lie outside the picture.
    pub(crate) left: i64,
    pub(crate) top: i64,
    /// The size of what the network sees, halo included.
    pub(crate) size: Size,
}

impl Tile {
    /// `out`, relative to what the network sees.
    pub(crate) fn inside(&self) -> Rect {
        let (x, y) = (i64::from(self.out.x) - self.left, i64::from(self.out.y) - self.top);
        Rect { x: x as u32, y: y as u32, ..self.out }
    }
}

/// Tiles over an area of a picture, in columns and rows.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    pub(crate) picture: Size,
    pub(crate) area: Rect,
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) rules: Rules,
}

impl Grid {
    /// The grid within `limits` that sends the fewest pixels through the network. If no grid is within the limits, the
    /// tiles are as small as is sensible.
    pub(crate) fn new(picture: Size, area: Rect, rules: Rules, limits: Limits) -> Self {
        let grid = |columns, rows| Grid { picture, area, columns, rows, rules };
        if rules.whole {
            return grid(1, 1);
        }
        if let Some(fixed) = rules.fixed {
            let count = |area: u32, picture: u32, side: u32, rows: u32| {
                // What a tile contributes, as far as the halo and the overlap leave anything.
                let inner = side.saturating_sub(2 * rules.halo + rules.overlap).max(side / 4).max(1).min(rows.max(1));
                if picture <= side && area <= rows.max(1) { 1 } else { area.div_ceil(inner) }
            };
            return grid(
                count(area.width, picture.width, fixed.width, u32::MAX),
                count(area.height, picture.height, fixed.height, limits.rows),
            );
        }
        if let Some(side) = limits.side {
            let side = side.max(1);
            return grid(area.width.div_ceil(side), area.height.div_ceil(side.min(limits.rows.max(1))));
        }
        let mut best: Option<(u64, Grid)> = None;
        for columns in 1..=area.width.min(4096) {
            let width = u64::from(grid(columns, 1).tile_size().width);
            // The rows that a tile of this width may have, without the halo.
            let height = (limits.pixels / width).min(u64::from(u32::MAX)) as u32;
            let height = height - height % rules.multiple;
            let inner = height.saturating_sub(rules.border() + rules.overlap).min(limits.rows);
            if inner < 1 || height < rules.minimum {
                continue;
            }
            let candidate = grid(columns, area.height.div_ceil(inner));
            // The pixels sent, without those that are added to make tiles equal: that number varies by chance.
            let border = u64::from(rules.border() + rules.overlap);
            let cost = u64::from(columns) * width * (u64::from(area.height) + u64::from(candidate.rows) * border);
            match &best {
                // More columns make taller bands, which need more memory. That must save at least one percent.
                Some((least, _)) if cost / 99 >= *least / 100 => {
                    // From here on, more columns only add halos.
                    if cost > 2 * least {
                        break;
                    }
                }
                _ => best = Some((cost, candidate)),
            }
        }
        // If even the smallest tile exceeds the limit, tiles as small as their halo are best.
        best.map_or_else(
            || {
                let side = rules.halo.max(rules.minimum).max(16);
                grid(area.width.div_ceil(side), area.height.div_ceil(side.min(limits.rows.max(1))))
            },
            |(_, grid)| grid,
        )
    }

    pub(crate) fn tiles(&self) -> u64 {
        u64::from(self.columns) * u64::from(self.rows)
    }

    /// The number of pixels that the network sees in all tiles.
    pub(crate) fn network_pixels(&self) -> u64 {
        self.tiles().saturating_mul(self.tile_size().pixels())
    }

    /// The size of every tile, halo included. All tiles have the same size, because engines keep memory for each shape,
    /// and some compile code for it.
    pub(crate) fn tile_size(&self) -> Size {
        if let Some(fixed) = self.rules.fixed {
            return fixed;
        }
        let side = |length: u32, count: u32| {
            self.rules.fit(length.div_ceil(count) + if count > 1 { self.rules.overlap } else { 0 })
        };
        Size { width: side(self.area.width, self.columns), height: side(self.area.height, self.rows) }
    }

    pub(crate) fn tile(&self, column: u32, row: u32) -> Tile {
        let overlap = self.rules.overlap;
        let (x0, x1) = part(self.area.x, self.area.width, self.columns, column, overlap);
        let (y0, y1) = part(self.area.y, self.area.height, self.rows, row, overlap);
        let begin = |start: u32, end: u32, picture: u32, side: Option<u32>| match side {
            None => self.rules.begin(start),
            // A picture that fits is seen from its first pixel. Other tiles see as much before their inside as after it.
            Some(side) if picture <= side => 0,
            Some(side) => i64::from(start) - i64::from((side - (end - start)) / 2),
        };
        let fixed = self.rules.fixed;
        Tile {
            index: row as usize * self.columns as usize + column as usize,
            out: Rect { x: x0, y: y0, width: x1 - x0, height: y1 - y0 },
            left: begin(x0, x1, self.picture.width, fixed.map(|size| size.width)),
            top: begin(y0, y1, self.picture.height, fixed.map(|size| size.height)),
            size: self.tile_size(),
        }
    }

    /// The rows that are final once band `row` is finished, because no later band is blended into them: from the first
    /// to the one after the last.
    pub(crate) fn final_rows(&self, row: u32) -> (u32, u32) {
        let end = |row: u32| match row + 1 < self.rows {
            true => self.tile(0, row + 1).out.y,
            false => self.area.bottom(),
        };
        (if row == 0 { self.area.y } else { end(row - 1) }, end(row))
    }

    /// The part of the picture that must be read.
    pub(crate) fn read_rect(&self) -> Rect {
        match self.rules.fixed {
            _ if self.rules.whole => self.picture.rect(),
            None => self.area.grown(self.rules.halo, self.picture),
            Some(size) => self.area.grown(size.width.max(size.height), self.picture),
        }
    }
}

/// Part `index` of `count` equal parts of a length, with half the overlap on each inner side: its start and its end.
fn part(start: u32, length: u32, count: u32, index: u32, overlap: u32) -> (u32, u32) {
    let cut = |i: u32| start + (u64::from(length) * u64::from(i) / u64::from(count)) as u32;
    let (mut a, mut b) = (cut(index), cut(index + 1));
    if index > 0 {
        // Not into the next neighbour but one, so that at most two tiles overlap.
        a -= (overlap / 2).min((a - cut(index - 1)) / 2);
    }
    if index + 1 < count {
        b += (overlap / 2).min((b - cut(index)) / 2).min((cut(index + 2).saturating_sub(b)) / 2);
    }
    (a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules() -> impl Strategy<Value = Rules> {
        (0u32..50, 0u32..20, 1u32..40, 1u32..9, any::<bool>()).prop_map(|(halo, overlap, minimum, multiple, whole)| {
            Rules { halo, overlap: overlap * u32::from(!whole), minimum, multiple, fixed: None, whole }
        })
    }

    proptest! {
        #[test]
        fn tiles_cover_the_area_within_the_rules(
            rules in rules(), width in 1u32..700, height in 1u32..700,
            pixels in 1u64..200_000, rows in 1u32..400, side in prop::option::of(1u32..300),
        ) {
            let picture = Size { width, height };
            let grid = Grid::new(picture, picture.rect(), rules, Limits { pixels, rows, side });
            // The grid is a product of two axes. Tiles must cover each axis in order and without a gap.
            let columns: Vec<Tile> = (0..grid.columns).map(|i| grid.tile(i, 0)).collect();
            prop_assert_eq!(columns[0].out.x, 0);
            prop_assert_eq!(columns[columns.len() - 1].out.right(), width);
            for pair in columns.windows(2) {
                prop_assert!(pair[0].out.right() >= pair[1].out.x && pair[0].out.x < pair[1].out.x);
            }
            for three in columns.windows(3) {
                prop_assert!(three[0].out.right() <= three[2].out.x, "three tiles meet");
            }
            let (mut low, mut high) = (u32::MAX, 0);
            for tile in &columns {
                prop_assert_eq!(tile.size.width % rules.multiple, 0);
                prop_assert!(tile.size.width >= rules.minimum);
                let inside = tile.inside();
                prop_assert!(inside.x >= rules.halo && inside.right() + rules.halo <= tile.size.width);
                prop_assert_eq!(tile.left.rem_euclid(i64::from(rules.multiple)), 0);
                low = low.min(tile.out.width);
                high = high.max(tile.out.width);
            }
            if rules.overlap == 0 {
                prop_assert!(high - low <= 1, "tiles are uneven: {low} to {high}");
            }
            let mut next = 0;
            for row in 0..grid.rows {
                let (start, end) = grid.final_rows(row);
                prop_assert!(start == next && end > start);
                next = end;
            }
            prop_assert_eq!(next, height);
        }
    }

    proptest! {
        #[test]
        fn tiles_of_one_size_cover_the_area(
            halo in 0u32..40, overlap in 0u32..17, side in prop::array::uniform2(8u32..200),
            width in 1u32..700, height in 1u32..700, rows in 1u32..400,
        ) {
            let fixed = Size { width: side[0], height: side[1] };
            let rules = Rules { halo, overlap, minimum: 1, multiple: 1, fixed: Some(fixed), whole: false };
            let picture = Size { width, height };
            let grid = Grid::new(picture, picture.rect(), rules, Limits { pixels: 1, rows, side: None });
            let tiles: Vec<Tile> = (0..grid.columns).map(|column| grid.tile(column, 0)).collect();
            prop_assert_eq!(tiles[0].out.x, 0);
            prop_assert_eq!(tiles[tiles.len() - 1].out.right(), width);
            for pair in tiles.windows(2) {
                prop_assert!(pair[0].out.right() >= pair[1].out.x && pair[0].out.x < pair[1].out.x);
            }
            for tile in &tiles {
                prop_assert_eq!(tile.size, fixed);
                prop_assert!(i64::from(tile.out.x) >= tile.left);
                prop_assert!(tile.inside().right() <= fixed.width);
                let halo = halo.min(fixed.width * 3 / 8);
                prop_assert!(grid.columns == 1 || tile.inside().x + overlap + 1 >= halo);
            }
        }
    }

    #[test]
    fn waste_is_bounded_at_two_megapixels() {
        let rules = Rules { halo: 34, overlap: 0, minimum: 1, multiple: 1, fixed: None, whole: false };
        for (width, height) in [(1800, 1200), (1633, 1225), (1200, 1800), (2000, 1000)] {
            let picture = Size { width, height };
            for (side, bound) in [(680u64, 1.3), (424, 1.5)] {
                let limits = Limits { pixels: side * side, rows: u32::MAX, side: None };
                let grid = Grid::new(picture, picture.rect(), rules, limits);
                let waste = grid.network_pixels() as f64 / picture.pixels() as f64;
                assert!(waste <= bound, "{picture} with {side}: {waste}");
                assert!(grid.tile_size().pixels() <= limits.pixels);
            }
        }
    }
}
