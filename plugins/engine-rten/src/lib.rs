//! The engine rten: the pure-Rust library RTen as an engine for Enlarger.
//!
//! With it, a fresh clone or a machine without ONNX Runtime can run any ONNX model with nothing installed.
//! It must never need further files, and never write output before it has checked the output's shape.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cancel_points;
mod engine;
mod graph;
mod session;
mod tile_size;

pub use engine::Rten;
