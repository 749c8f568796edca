//! The kernels: all arithmetic that takes time, and all `unsafe` of this crate.
//!
//! Each is written once over [`simd::Simd`] and compiled for every instruction set. A kernel checks its sizes when it
//! begins, so that its pointers cannot leave its slices; it must never trust those that call it.

#![expect(clippy::needless_range_loop, reason = "the compiler does not always see through iterators over arrays")]

pub(crate) mod aligned;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod direct;
pub(crate) mod form;
pub(crate) mod input;
pub(crate) mod isa;
pub(crate) mod output;
pub(crate) mod plane;
mod portable;
pub(crate) mod product;
pub(crate) mod quantise;
pub(crate) mod simd;
pub(crate) mod widen;
