//! What a device does for one tile: steps, the buffers that they need, and their sizes.
//!
//! Pure data and arithmetic; nothing here knows a device. A plan must never ask for a binding larger than [`LARGEST_BINDING`] or read
//! a buffer that another value has taken.

mod buffers;
mod operations;
mod packed;
mod step;
#[cfg(test)]
mod tests;
mod tile;
mod tile_plan;

pub(crate) use packed::{Packed, pack};
pub(crate) use step::{Place, Step};
pub(crate) use tile::TileChoice;
pub(crate) use tile_plan::TilePlan;

/// The most bytes of a binding; every Vulkan device allows as many.
pub(crate) const LARGEST_BINDING: u64 = 128 << 20;

/// The vectors of four channels that hold this many channels.
pub(crate) fn vectors(channels: usize) -> usize {
    channels.div_ceil(4)
}
