//! What a run will do, for those who ask before it starts.

use crate::geometry::{Rect, Size};

/// What a run will do, known before it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The size of the result (of the rectangle, where one is wanted).
    pub output: Size,
    /// Network passes after one another; 0 where resampling alone is enough.
    pub passes: u32,
    /// Tiles, all passes together.
    pub tiles: u64,
    /// Bands of tiles, all passes together.
    pub bands: u64,
    /// Pixels that the network sees, halos included.
    pub network_pixels: u64,
    /// The largest tile of all passes, halo included.
    pub largest_tile: Size,
    /// The rectangle of the source that will be read, or a little less where it has no transparency.
    pub read: Rect,
    /// Bytes of memory that the run is expected to take at most.
    pub memory: u64,
    /// Whether the model looks at the whole picture, there is no memory for that, and it is given parts instead. The result
    /// then differs from part to part by what the network makes of each.
    pub parted: bool,
}
