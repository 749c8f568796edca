//! What this computer has and keeps: memory, and measurements of earlier runs.

pub(crate) mod cache;
pub(crate) mod memory;
