//! The portable form: arrays of four, in plain Rust.
//!
//! Correct on every processor, and written so that the compiler turns it into SSE2 or NEON. It must never need an
//! instruction by name.

use std::array::from_fn;

use half::f16;

use super::vector::{Kernel, ROUNDING, Simd};

/// Needs no proof: every processor can execute it.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

impl Portable {
    /// Never inlined, so that each kernel is a function of its own, as with every other instruction set.
    #[inline(never)]
    pub(crate) fn execute<W: Kernel>(self, kernel: W) -> W::Output {
        kernel.execute(self)
    }
}

type F = [f32; 4];

impl Simd for Portable {
    type F = F;
    type I = [i32; 4];

    const LANES: usize = 4;
    const VECTORS: usize = 2;
    const PATCHES: [usize; 5] = [0, 6, 6, 0, 0];

    #[inline(always)]
    fn splat(self, value: f32) -> F {
        [value; 4]
    }

    #[inline(always)]
    fn add(self, a: F, b: F) -> F {
        from_fn(|i| a[i] + b[i])
    }

    #[inline(always)]
    fn sub(self, a: F, b: F) -> F {
        from_fn(|i| a[i] - b[i])
    }

    #[inline(always)]
    fn mul(self, a: F, b: F) -> F {
        from_fn(|i| a[i] * b[i])
    }

    #[inline(always)]
    fn div(self, a: F, b: F) -> F {
        from_fn(|i| a[i] / b[i])
    }

    #[inline(always)]
    fn mul_add(self, a: F, b: F, c: F) -> F {
        // Without a guaranteed FMA instruction, a fused product would be a library call.
        from_fn(|i| {
            if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
                a[i].mul_add(b[i], c[i])
            } else {
                a[i] * b[i] + c[i]
            }
        })
    }

    #[inline(always)]
    fn sqrt(self, value: F) -> F {
        value.map(f32::sqrt)
    }

    #[inline(always)]
    fn at_least(self, least: F, value: F) -> F {
        from_fn(|i| if value[i] < least[i] { least[i] } else { value[i] })
    }

    #[inline(always)]
    fn at_most(self, greatest: F, value: F) -> F {
        from_fn(|i| if value[i] > greatest[i] { greatest[i] } else { value[i] })
    }

    #[inline(always)]
    fn power_of_two(self, rounded: F) -> F {
        rounded.map(|rounded| f32::from_bits(rounded.to_bits() << 23))
    }

    #[inline(always)]
    fn leaky(self, value: F, slope: F) -> F {
        from_fn(|i| if value[i] < 0.0 { value[i] * slope[i] } else { value[i] })
    }

    #[inline(always)]
    fn sums(self, rows: &[F; 16]) -> F {
        from_fn(|i| (rows[i][0] + rows[i][2]) + (rows[i][1] + rows[i][3]))
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> F {
        // SAFETY: the caller's promise.
        unsafe { from.cast::<F>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: F) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<F>().write_unaligned(value) }
    }

    #[inline(always)]
    unsafe fn load_half(self, from: *const f16) -> F {
        // SAFETY: the caller's promise.
        unsafe { from.cast::<[f16; 4]>().read_unaligned().map(f16::to_f32) }
    }

    #[inline(always)]
    unsafe fn store_half(self, to: *mut f16, value: F) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[f16; 4]>().write_unaligned(value.map(f16::from_f32)) }
    }

    #[inline(always)]
    fn splat_pair(self, pair: i32) -> [i32; 4] {
        [pair; 4]
    }

    #[inline(always)]
    unsafe fn load_pairs(self, from: *const i32) -> [i32; 4] {
        // SAFETY: the caller's promise.
        unsafe { from.cast::<[i32; 4]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store_pairs(self, to: *mut i32, value: [i32; 4]) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[i32; 4]>().write_unaligned(value) }
    }

    #[inline(always)]
    fn quantise(self, a: F, b: F, scale: F) -> [i32; 4] {
        from_fn(|i| {
            let [a, b] = [a[i], b[i]].map(|value| (value * scale[i] + ROUNDING).to_bits() as i32);
            (a & 0xffff) | (b << 16)
        })
    }

    #[inline(always)]
    fn dot(self, sum: [i32; 4], a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| {
            let (low, high) = (|pair: i32| i32::from(pair as i16), |pair: i32| pair >> 16);
            // Like the instructions, without a check: patches beyond the last one of a batch hold what earlier ones left.
            let products = (low(a[i]) * low(b[i])).wrapping_add(high(a[i]) * high(b[i]));
            sum[i].wrapping_add(products)
        })
    }

    #[inline(always)]
    fn to_float(self, sum: [i32; 4]) -> F {
        sum.map(|sum| sum as f32)
    }
}
