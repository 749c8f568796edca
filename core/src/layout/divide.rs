//! How the passes are divided into tiles, from the last pass to the first: each must make what the next one reads.

use crate::geometry::{Rect, Size};
use crate::layout::Layout;
use crate::layout::memory_fall_backs::Attempt;
use crate::layout::parts::resampled_from;
use crate::plan::grid::{Grid, Limits};
use crate::plan::job::Job;
use crate::plan::networks::Networks;
use crate::plan::pass::Pass;
use crate::stages::colour_lock;
use crate::stages::texture;

/// Bytes that a band of finished rows may take. A larger limit makes flat tiles rarer in very wide pictures; a smaller
/// one saves memory.
const MAX_BAND_BYTES: u64 = 256 << 20;

/// The most rows of a band, and the most pixels of a tile with its halo, where a row stream runs the network. Tiles are
/// then only the units that are verified, counted, and computed again if necessary.
const STREAMED: (u32, u64) = (64, 256 * 256);

impl Layout {
    /// The most pixels that a tile of any pass may have.
    pub(super) fn max_tile_pixels(&self, networks: &Networks<'_>, in_parts: bool) -> u64 {
        let most = |network: &usize| networks.networks[*network].max_tile_pixels(in_parts);
        self.order.iter().map(most).max().unwrap_or(1)
    }

    /// Divides each pass into tiles, from the last pass to the first, and estimates the memory.
    pub(super) fn divide(&mut self, networks: &Networks<'_>, attempt: Attempt, job: &Job) {
        // What is needed of the picture after the pass at hand.
        let mut needed = match self.native == self.whole {
            true => self.wanted,
            false => resampled_from(self.method, self.native, self.whole, self.wanted),
        };
        let mut picture = self.native;
        self.passes.clear();
        for index in self.order.iter().rev().copied() {
            let network = networks.networks[index];
            let (scale, rules) = (network.manifest.scale, network.rules(attempt.in_parts));
            picture = Size { width: picture.width / scale, height: picture.height / scale };
            let (x, y) = (needed.x / scale, needed.y / scale);
            let (right, bottom) = (needed.right().div_ceil(scale), needed.bottom().div_ceil(scale));
            let wanted = Rect { x, y, width: right - x, height: bottom - y };
            let locks = job.colour_lock && !network.manifest.verify.changes_colours;
            // Only the last pass gets texture: a network that came after it would take it for detail.
            let textured = job.creativity > 0.0 && self.passes.is_empty();
            let locked = if locks { wanted.grown(colour_lock::REACH, picture) } else { wanted };
            let area = match (rules.whole, textured) {
                (true, _) => picture.rect(),
                (false, true) => locked.grown(texture::REACH, picture),
                (false, false) => locked,
            };
            let stream = if attempt.streams { network.stream(rules, area.width) } else { None };
            let (rows, pixels) = if stream.is_some() { STREAMED } else { (attempt.band_rows, attempt.tile_pixels) };
            let limits = Limits {
                pixels: pixels.min(network.max_tile_pixels(attempt.in_parts)),
                rows: rows.min(max_band_rows(area.width, scale)),
                side: job.tile,
            };
            let grid = Grid::new(picture, area, rules, limits);
            needed = grid.read_rect();
            let wanted = if locks { wanted } else { area };
            let texture = textured.then_some(locked);
            self.passes.push(Pass { grid, wanted, texture, scale, network: index, stream });
        }
        self.passes.reverse();
        self.colour = needed;
        self.in_parts = attempt.in_parts;
        self.memory = self.estimate(networks);
    }
}

/// The most rows of a band over `width` columns that stay below [`MAX_BAND_BYTES`] once they are enlarged.
fn max_band_rows(width: u32, scale: u32) -> u32 {
    let row = 12 * u64::from(width) * u64::from(scale) * u64::from(scale);
    (MAX_BAND_BYTES / row).clamp(16, u64::from(u32::MAX)) as u32
}
