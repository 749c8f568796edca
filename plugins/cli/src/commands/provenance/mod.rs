//! What made a picture: written into results, and read back from pictures.

mod maker;
mod mark;

pub use maker::{Maker, maker};
pub use mark::{mark, unmark};
