//! The stages of the pipeline. Each makes its next row from rows that it takes from the stage before it.

pub(crate) mod bleed;
pub(crate) mod blend;
pub(crate) mod colour_lock;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod resample;
pub(crate) mod stage;
pub(crate) mod tiles;
