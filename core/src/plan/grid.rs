//! How a picture is cut into tiles. Pure geometry.
//!
//! Tiles are even (no thin last one), mirrored at the picture's edges, and grown by the halo that their inside needs.
//! Where the halo is not exact they also overlap and are blended. Nothing here sees a pixel.

use crate::geometry::{Rect, Size};
use crate::models::manifest::{Manifest, Tileable};

/// What a network asks of the tiles it is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) halo: u32,
    pub(crate) overlap: u32,
    pub(crate) minimum: u32,
    pub(crate) multiple: u32,
    pub(crate) whole: bool,
}

impl Rules {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        Rules {
            halo: manifest.tiling.halo,
            overlap: manifest.tiling.overlap,
            minimum: manifest.input.minimum,
            multiple: manifest.input.multiple,
            whole: manifest.tiling.support == Tileable::Whole,
        }
    }

    /// The length that the network is given for `length` pixels with their halo.
    pub(crate) fn fit(self, length: u32) -> u32 {
        (length + self.border()).max(self.minimum).next_multiple_of(self.multiple)
    }

    /// What a tile has beyond what it answers for: its halo, and what lies between it and where the tile may begin.
    fn border(self) -> u32 {
        2 * self.halo + self.multiple - 1
    }

    /// Where a tile begins that answers for pixels from `start` on. A network that wants multiples sees the picture through
    /// a lattice, which must lie in the same place for all tiles, or they do not fit together.
    fn begin(self, start: u32) -> i64 {
        let multiple = i64::from(self.multiple);
        (i64::from(start) - i64::from(self.halo)).div_euclid(multiple) * multiple
    }
}

/// Bounds on tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The most pixels that a tile may have, halo included.
    pub(crate) pixels: u64,
    /// The most rows of a band, without halo.
    pub(crate) rows: u32,
    /// The side of a tile without its halo, where somebody asked for one.
    pub(crate) side: Option<u32>,
}

/// One tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) index: usize,
    /// The pixels it answers for: its own and, where neighbours are blended, half the overlap on each side.
    pub(crate) out: Rect,
    /// The left and top of what the network sees, which may lie outside the picture.
    pub(crate) left: i64,
    pub(crate) top: i64,
    /// The size of what the network sees.
    pub(crate) size: Size,
}

impl Tile {
    /// The part of what the network sees that the tile answers for.
    pub(crate) fn inside(&self) -> Rect {
        let (x, y) = (i64::from(self.out.x) - self.left, i64::from(self.out.y) - self.top);
        Rect { x: x as u32, y: y as u32, ..self.out }
    }
}

/// A plan of tiles over `area` of a picture.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    pub(crate) picture: Size,
    pub(crate) area: Rect,
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) rules: Rules,
}

impl Grid {
    /// The grid that sends the fewest pixels through the network within `limits`; as near as there is one.
    pub(crate) fn new(picture: Size, area: Rect, rules: Rules, limits: Limits) -> Self {
        let grid = |columns, rows| Grid { picture, area, columns, rows, rules };
        if rules.whole {
            return grid(1, 1);
        }
        if let Some(side) = limits.side {
            let side = side.max(1);
            return grid(area.width.div_ceil(side), area.height.div_ceil(side.min(limits.rows.max(1))));
        }
        let mut best: Option<(u64, Grid)> = None;
        for columns in 1..=area.width.min(4096) {
            let width = u64::from(grid(columns, 1).tile_size().width);
            // The rows that a tile of this width may have, its halo taken off again.
            let height = (limits.pixels / width).min(u64::from(u32::MAX)) as u32;
            let height = height - height % rules.multiple;
            let inner = height.saturating_sub(rules.border() + rules.overlap).min(limits.rows);
            if inner < 1 || height < rules.minimum {
                continue;
            }
            let candidate = grid(columns, area.height.div_ceil(inner));
            // Pixels sent, but for what rounding adds to make tiles equal: that is chance, not merit.
            let border = u64::from(rules.border() + rules.overlap);
            let cost = u64::from(columns) * width * (u64::from(area.height) + u64::from(candidate.rows) * border);
            match &best {
                // More columns make taller bands, which take more memory: not for less than one part in a hundred.
                Some((least, _)) if cost / 99 >= *least / 100 => {
                    // More columns only add halos from here on.
                    if cost > 2 * least {
                        break;
                    }
                }
                _ => best = Some((cost, candidate)),
            }
        }
        // Where even the smallest tile is over the limit, tiles as small as their halo are the best there is.
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

    /// Pixels that the network sees.
    pub(crate) fn network_pixels(&self) -> u64 {
        self.tiles().saturating_mul(self.tile_size().pixels())
    }

    /// The size of every tile that the network sees. All are the same, because engines keep memory for each shape that
    /// they meet, and some compile for it.
    pub(crate) fn tile_size(&self) -> Size {
        let side = |length: u32, count: u32| {
            self.rules.fit(length.div_ceil(count) + if count > 1 { self.rules.overlap } else { 0 })
        };
        Size { width: side(self.area.width, self.columns), height: side(self.area.height, self.rows) }
    }

    pub(crate) fn tile(&self, column: u32, row: u32) -> Tile {
        let overlap = self.rules.overlap;
        let (x0, x1) = part(self.area.x, self.area.width, self.columns, column, overlap);
        let (y0, y1) = part(self.area.y, self.area.height, self.rows, row, overlap);
        Tile {
            index: row as usize * self.columns as usize + column as usize,
            out: Rect { x: x0, y: y0, width: x1 - x0, height: y1 - y0 },
            left: self.rules.begin(x0),
            top: self.rules.begin(y0),
            size: self.tile_size(),
        }
    }

    /// The rows of band `row` that no later band adds to: from where the last one ended to this.
    pub(crate) fn final_rows(&self, row: u32) -> (u32, u32) {
        let end = |row: u32| match row + 1 < self.rows {
            true => self.tile(0, row + 1).out.y,
            false => self.area.bottom(),
        };
        (if row == 0 { self.area.y } else { end(row - 1) }, end(row))
    }

    /// What must be readable of the picture.
    pub(crate) fn read_rect(&self) -> Rect {
        if self.rules.whole { self.picture.rect() } else { self.area.grown(self.rules.halo, self.picture) }
    }
}

/// Part `index` of `count` even parts of a length, with half the overlap on each inner side.
fn part(start: u32, length: u32, count: u32, index: u32, overlap: u32) -> (u32, u32) {
    let cut = |i: u32| start + (u64::from(length) * u64::from(i) / u64::from(count)) as u32;
    let (mut a, mut b) = (cut(index), cut(index + 1));
    if index > 0 {
        // Never beyond the neighbour's own far side, so that at most two tiles meet.
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
            Rules { halo, overlap: overlap * u32::from(!whole), minimum, multiple, whole }
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
            // A product of two lines: each must cover its side, in order, without a gap.
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

    #[test]
    fn waste_is_bounded_at_two_megapixels() {
        let rules = Rules { halo: 34, overlap: 0, minimum: 1, multiple: 1, whole: false };
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
