//! AVIF: still pictures are read, in one piece or as a grid. Results are never written in it.

mod boxes;
mod colours;
mod items;
pub mod read;
mod yuv;
