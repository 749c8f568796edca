//! Enlarger's own engine for the CPU.
//!
//! Super-resolution is made of 3×3 convolutions, and Winograd's method needs a quarter of their products or fewer. A
//! network that is made of something else is refused when it is opened, with the operator's name; it must never be
//! computed in part or by guess.
#![deny(missing_docs)]

mod borders;
mod compile;
mod convolution;
mod direct;
mod engine;
mod filter;
mod flow;
mod kernels;
mod loaded;
mod memory;
mod network;
mod output;
mod passage;
mod plan;
mod probe;
mod program;
mod reach;
mod rows;
mod run;
mod samples;
mod session;
mod simple;
mod stage;
mod store;
mod stream;
#[cfg(test)]
mod testing;
mod threads;
mod verdict;

pub use engine::Winograd;
