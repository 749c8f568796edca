//! What a run gives up, and in which order, if it does not fit into memory.
//!
//! A layout that needs more memory than the run may use is computed again with the next fall-back. Nothing is given up
//! before it must be.

use crate::layout::Layout;
use crate::plan::job::Job;
use crate::plan::networks::Networks;

/// Tiles are not made smaller than this to save memory.
const MIN_TILE_PIXELS: u64 = 32 * 32;

/// Bands are not made lower than this to save memory.
const MIN_BAND_ROWS: u32 = 32;

/// One way to divide the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// Whether a network runs as a row stream where its session offers one.
    pub(super) streams: bool,
    /// Whether networks that need the whole picture get parts of it.
    pub(super) in_parts: bool,
    /// The most pixels of a tile, halo included.
    pub(super) tile_pixels: u64,
    /// The most rows of a band.
    pub(super) band_rows: u32,
}

/// What is given up when a layout needs more memory than the run may use.
#[derive(Clone, Copy, Debug)]
pub(super) enum FallBack {
    /// Tiles instead of row streams. A stream computes no halo twice, but its line buffers are as wide as the picture.
    TilesInsteadOfStreams,
    /// Parts instead of the whole picture, for networks that need the whole. Colours may differ between parts.
    PartsInsteadOfWhole,
    /// Half the pixels per tile and half the rows per band, down to the minimum. More of the work is then on halos.
    SmallerTiles,
}

/// The fall-backs in the order in which they are tried. After each one the layout is computed again, and the first
/// fall-back that still changes something is taken.
pub(super) const FALL_BACKS: [FallBack; 3] =
    [FallBack::TilesInsteadOfStreams, FallBack::PartsInsteadOfWhole, FallBack::SmallerTiles];

impl FallBack {
    /// The next attempt after `last`, which gave `layout`; `None` if this fall-back changes nothing any more.
    pub(super) fn after(self, last: Attempt, layout: &Layout, networks: &Networks<'_>, job: &Job) -> Option<Attempt> {
        match self {
            FallBack::TilesInsteadOfStreams => last.streams.then_some(Attempt { streams: false, ..last }),
            FallBack::PartsInsteadOfWhole => {
                let whole = layout.all_passes().any(|pass| pass.grid.rules.whole);
                let tile_pixels = layout.max_tile_pixels(networks, true).min(layout.native.pixels());
                (whole && !last.in_parts).then_some(Attempt { in_parts: true, tile_pixels, ..last })
            }
            FallBack::SmallerTiles => {
                // The caller may have fixed the tile size; then only bands become lower.
                let smallest_tile = last.tile_pixels <= MIN_TILE_PIXELS || job.tile.is_some();
                if smallest_tile && last.band_rows <= MIN_BAND_ROWS {
                    return None;
                }
                let tallest = layout.all_passes().map(|pass| pass.grid.tile_size().height).max().unwrap_or(1);
                Some(Attempt {
                    // Never more than before: a session may ask for tiles below the minimum.
                    tile_pixels: (last.tile_pixels / 2).max(MIN_TILE_PIXELS).min(last.tile_pixels),
                    band_rows: (last.band_rows.min(tallest) / 2).max(MIN_BAND_ROWS),
                    ..last
                })
            }
        }
    }
}
