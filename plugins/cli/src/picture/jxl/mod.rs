//! JPEG XL: still pictures, and the first frame of animations, are read. Results are never written in it.

pub mod read;
