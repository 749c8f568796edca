//! Enlarger's own inference engine for the CPU.
//!
//! Super-resolution networks consist mainly of 3×3 convolutions, and Winograd's method computes these with a quarter of
//! the multiplications or fewer. A network that contains anything this engine cannot compute exactly as ONNX defines it
//! is refused when it is opened, with the operator's name; it must never be computed in part or by guessing.
//!
//! Each room (a folder, or a file beside this one) may use only those above it in this list; `rooms.rs` checks that:
//!
//! | room | purpose |
//! |---|---|
//! | `kernels` | all computation that takes time and all `unsafe` code, compiled for every instruction set |
//! | `compile` | ONNX graph → compiled graph, by the crate `enlarger-compiler` |
//! | `operations` | one operation: its transformed weights, and how it computes some rows of its result |
//! | `schedule` | which rows are computed next, and which are no longer needed |
//! | `execute` | one picture: threads, memory, tiles and row streams |
//! | `precision` | which arithmetic is accurate enough for a network |
//! | `session`, `engine` | the core's traits |
#![deny(missing_docs)]

mod compile;
mod engine;
mod execute;
mod kernels;
mod operations;
mod precision;
#[cfg(test)]
mod rooms;
mod schedule;
mod session;
#[cfg(test)]
mod testing;

pub use engine::Winograd;
