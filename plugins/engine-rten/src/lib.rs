//! RTen as an engine of Enlarger.
//!
//! It is here so that a fresh clone, or a machine without ONNX Runtime, enlarges pictures with nothing installed.
//! It must never need a file beside itself, and never touch a tile's pixels before the network's shape is known.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cuts;
mod engine;
mod graph;
mod session;
mod speed;

pub use engine::Rten;
