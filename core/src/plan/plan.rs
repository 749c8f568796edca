//! The plan of a run, as callers see it before the run starts.
//!
//! It only reports what the layout has decided; it must not decide anything.

use crate::geometry::{Rect, Size};
use crate::plan::method::Method;

/// What a run will do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The size of the result, or of the requested part of it.
    pub output: Size,
    /// The method that makes the whole result, if no network runs: the chosen one, or the resampling that is left of a
    /// preset or model for which nothing is to do.
    pub method: Option<Method>,
    /// The number of network passes; 0 if only resampling is needed.
    pub passes: u32,
    /// The number of tiles of all passes.
    pub tiles: u64,
    /// The number of bands of all passes.
    pub bands: u64,
    /// The number of pixels that networks compute, halos included.
    pub network_pixels: u64,
    /// The size of the largest tile, halo included.
    pub largest_tile: Size,
    /// The part of the source that is read. For a source without transparency it may be slightly smaller.
    pub read: Rect,
    /// An upper estimate of the memory that the run needs, in bytes.
    pub memory: u64,
    /// Whether a model that needs the whole picture gets parts of it, because there is not enough memory for the whole.
    /// Its colours may then differ a little from part to part.
    pub parted: bool,
}
