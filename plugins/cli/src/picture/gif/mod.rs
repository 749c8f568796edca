//! GIF: the first frame is read. Results are never written in it.

mod blocks;
pub mod read;
