//! Vectors: one file for each instruction set, and the trait that kernels are written over.
//!
//! To add an instruction set: implement [`Simd`] in a file beside `avx2.rs`, and list it in `instruction_set.rs`
//! (detection, name, dispatch). The tests compare every instruction set of the machine that they run on. A vector type
//! must never exist on a processor that lacks its instructions.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod instruction_set;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod portable;
mod vector;

pub(crate) use instruction_set::InstructionSet;
#[cfg(test)]
pub(crate) use portable::Portable;
pub(crate) use vector::{Kernel, POWER_ROUNDING, Simd};
