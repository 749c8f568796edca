//! One pass: a network applied once to the whole picture.
//!
//! The layout fixes the passes before a run starts, and the stages carry them out. A pass never changes during a run.

use crate::geometry::Rect;
use crate::plan::grid::Grid;

/// Bytes of a pixel between stages: red, green and blue as `f32`.
pub(crate) const PIXEL_BYTES: u128 = 12;

/// One network applied to one picture.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    /// How the pass's picture is divided into tiles.
    pub(crate) grid: Grid,
    /// The pixels of the pass's picture whose enlargement is wanted; inside the grid's area.
    pub(crate) wanted: Rect,
    /// The pixels of the pass's picture whose enlargement gets texture, if the job wants that; inside the grid's area.
    pub(crate) texture: Option<Rect>,
    /// How many times wider and higher the pass makes its picture.
    pub(crate) scale: u32,
    /// The index of the network in the run's list of networks.
    pub(crate) network: usize,
    /// Bytes that the session's row stream needs; `None` if the network runs tile by tile.
    pub(crate) stream: Option<u64>,
}

impl Pass {
    /// The number of pixels that the network computes, halos included.
    pub(crate) fn network_pixels(&self) -> u64 {
        let Grid { area, rules, .. } = self.grid;
        match self.stream {
            Some(_) => u64::from(rules.fit(area.width)) * u64::from(rules.fit(area.height)),
            None => self.grid.network_pixels(),
        }
    }
}
