//! The kernels: all computation that takes time, and all `unsafe` code of this crate.
//!
//! Each kernel is written once, over the vector trait [`simd::Simd`], and compiled for every instruction set (`simd/`).
//! A kernel checks all sizes when it begins, so that its pointers cannot leave its slices; it must never rely on its
//! caller for that.
//!
//! A 3×3 convolution takes three kernels: `input_transform` (or `quantised_input_transform`), `matrix_product`,
//! `output_transform`. All other convolutions take `direct_row`; functions of each sample take `pointwise`.

#![expect(clippy::needless_range_loop, reason = "the compiler does not always see through iterators over arrays")]

pub(crate) mod aligned_buffer;
pub(crate) mod direct_row;
pub(crate) mod element;
pub(crate) mod input_transform;
pub(crate) mod matrix_product;
pub(crate) mod output_transform;
pub(crate) mod patch_batch;
pub(crate) mod plane;
pub(crate) mod pointwise;
pub(crate) mod quantised_input_transform;
pub(crate) mod sigmoid;
pub(crate) mod simd;
pub(crate) mod widen;
pub(crate) mod winograd_forms;
