//! NEON, which every 64-bit Arm processor has.
//!
//! Four lanes and 32 registers: a matrix product keeps 24 sums, and the factors of six patches for four channels, which
//! its instructions read lane by lane. Floats are multiplied as many at a time as 16-bit integers, so networks take
//! floats (`precision/probe.rs`). Every step must round as on x86: all sets but the portable one give the same picture.

use std::arch::aarch64::*;

use half::f16;

use super::vector::{Kernel, ROUNDING, Simd};

/// Needs no proof: the compiler takes NEON for granted on 64-bit Arm.
#[derive(Clone, Copy)]
pub(crate) struct Neon;

impl Neon {
    /// Never inlined, so that each kernel is a function of its own, as with every other instruction set.
    #[inline(never)]
    pub(crate) fn execute<W: Kernel>(self, kernel: W) -> W::Output {
        kernel.execute(self)
    }
}

/// Channels whose values a product of floats loads at once.
const STEP: usize = 4;

// SAFETY of all blocks below: every processor of this architecture has the instructions; pointers are the caller's
// promise.
impl Simd for Neon {
    type F = float32x4_t;
    type I = int32x4_t;

    const LANES: usize = 4;
    const VECTORS: usize = 4;
    const PATCHES: [usize; 5] = [0, 0, 0, 0, 6];
    const INTEGERS_ARE_FASTER: bool = false;

    #[inline(always)]
    fn splat(self, value: f32) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vdupq_n_f32(value) }
    }

    #[inline(always)]
    fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vsubq_f32(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vmulq_f32(a, b) }
    }

    #[inline(always)]
    fn div(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vdivq_f32(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vfmaq_f32(c, a, b) }
    }

    #[inline(always)]
    fn sqrt(self, value: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vsqrtq_f32(value) }
    }

    /// A comparison and a selection. The processor's maximum would take the positive one of two zeros, unlike x86.
    #[inline(always)]
    fn at_least(self, least: float32x4_t, value: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vbslq_f32(vcgtq_f32(least, value), least, value) }
    }

    #[inline(always)]
    fn at_most(self, greatest: float32x4_t, value: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vbslq_f32(vcltq_f32(greatest, value), greatest, value) }
    }

    #[inline(always)]
    fn power_of_two(self, rounded: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vreinterpretq_f32_s32(vshlq_n_s32::<23>(vreinterpretq_s32_f32(rounded))) }
    }

    #[inline(always)]
    fn leaky(self, value: float32x4_t, slope: float32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vbslq_f32(vcltzq_f32(value), vmulq_f32(value, slope), value) }
    }

    #[inline(always)]
    fn sums(self, rows: &[float32x4_t; 16]) -> float32x4_t {
        // SAFETY: see above.
        unsafe {
            // The halves of two rows, added to one another, then share one vector.
            let halves = |a, b| {
                let (a, b) = (vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b));
                vaddq_f32(vreinterpretq_f32_f64(vtrn1q_f64(a, b)), vreinterpretq_f32_f64(vtrn2q_f64(a, b)))
            };
            vpaddq_f32(halves(rows[0], rows[1]), halves(rows[2], rows[3]))
        }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vld1q_f32(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: float32x4_t) {
        // SAFETY: see above.
        unsafe { vst1q_f32(to, value) }
    }

    #[inline(always)]
    unsafe fn load_half(self, from: *const f16) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from.cast()))) }
    }

    #[inline(always)]
    unsafe fn store_half(self, to: *mut f16, value: float32x4_t) {
        // SAFETY: see above.
        unsafe { vst1_u16(to.cast(), vreinterpret_u16_f16(vcvt_f16_f32(value))) }
    }

    #[inline(always)]
    fn splat_pair(self, pair: i32) -> int32x4_t {
        // SAFETY: see above.
        unsafe { vdupq_n_s32(pair) }
    }

    #[inline(always)]
    unsafe fn load_pairs(self, from: *const i32) -> int32x4_t {
        // SAFETY: see above.
        unsafe { vld1q_s32(from) }
    }

    #[inline(always)]
    unsafe fn store_pairs(self, to: *mut i32, value: int32x4_t) {
        // SAFETY: see above.
        unsafe { vst1q_s32(to, value) }
    }

    #[inline(always)]
    fn quantise(self, a: float32x4_t, b: float32x4_t, scale: float32x4_t) -> int32x4_t {
        // SAFETY: see above.
        unsafe {
            let rounding = vdupq_n_f32(ROUNDING);
            let a = vreinterpretq_s32_f32(vfmaq_f32(rounding, a, scale));
            let b = vreinterpretq_s32_f32(vfmaq_f32(rounding, b, scale));
            vsliq_n_s32::<16>(a, b)
        }
    }

    /// Two instructions, which read the pair in the lowest lane of `b`. Those that separate the halves of `a` are needed once
    /// for all patches.
    #[inline(always)]
    fn dot(self, sum: int32x4_t, a: int32x4_t, b: int32x4_t) -> int32x4_t {
        // SAFETY: see above.
        unsafe {
            let (a, b) = (vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
            let (low, high) = (vuzp1q_s16(a, a), vuzp2q_s16(a, a));
            vmlal_laneq_s16::<1>(vmlal_laneq_s16::<0>(sum, vget_low_s16(low), b), vget_low_s16(high), b)
        }
    }

    #[inline(always)]
    fn to_float(self, sum: int32x4_t) -> float32x4_t {
        // SAFETY: see above.
        unsafe { vcvtq_f32_s32(sum) }
    }

    /// Loads four channels of a patch at once, instead of each of them into all lanes of a register.
    #[inline(always)]
    unsafe fn add_products<const T: usize, const V: usize>(
        self,
        sums: &mut [[float32x4_t; V]; T],
        depth: usize,
        (values, patch_stride): (*const f32, usize),
        filter: *const f32,
    ) {
        let whole = depth / STEP * STEP;
        // SAFETY: see above.
        unsafe {
            for channel in (0..whole).step_by(STEP) {
                let mut of_patch = [self.splat(0.0); T];
                for patch in 0..T {
                    of_patch[patch] = self.load(values.add(patch * patch_stride + channel));
                }
                let weights = filter.add(channel * V * Self::LANES);
                add_products_of_channel::<0, T, V>(sums, of_patch, weights);
                add_products_of_channel::<1, T, V>(sums, of_patch, weights.add(V * Self::LANES));
                add_products_of_channel::<2, T, V>(sums, of_patch, weights.add(2 * V * Self::LANES));
                add_products_of_channel::<3, T, V>(sums, of_patch, weights.add(3 * V * Self::LANES));
            }
            for channel in whole..depth {
                let mut of_patch = [self.splat(0.0); T];
                for patch in 0..T {
                    of_patch[patch] = self.splat(*values.add(patch * patch_stride + channel));
                }
                add_products_of_channel::<0, T, V>(sums, of_patch, filter.add(channel * V * Self::LANES));
            }
        }
    }
}

/// Adds the products of one channel, whose values are in lane `LANE` of each patch's register.
///
/// # Safety
/// `weights` must point at `V` vectors.
#[inline(always)]
unsafe fn add_products_of_channel<const LANE: i32, const T: usize, const V: usize>(
    sums: &mut [[float32x4_t; V]; T],
    of_patch: [float32x4_t; T],
    weights: *const f32,
) {
    for i in 0..V {
        // SAFETY: the caller's promise; the instructions as above.
        unsafe {
            let weights = vld1q_f32(weights.add(i * Neon::LANES));
            for patch in 0..T {
                sums[patch][i] = vfmaq_laneq_f32::<LANE>(sums[patch][i], weights, of_patch[patch]);
            }
        }
    }
}
