//! The stage in which the network runs, tile by tile or as a row stream.

pub(crate) mod ladder;
pub(crate) mod network;
pub(crate) mod pool;
pub(crate) mod streaming;
pub(crate) mod verify;
