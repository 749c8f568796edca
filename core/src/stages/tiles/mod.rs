//! The stage that runs a network, tile by tile or as a row stream, and its parts.

pub(crate) mod band;
pub(crate) mod gather;
pub(crate) mod ladder;
pub(crate) mod pool;
pub(crate) mod retry;
pub(crate) mod streaming;
#[cfg(test)]
pub(crate) mod test_engine;
pub(crate) mod tile_stage;
pub(crate) mod verify;
