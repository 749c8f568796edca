//! AVX2 with FMA, with and without VNNI.
//!
//! Eight lanes and 16 registers: a matrix product keeps 12 sums. Only `instruction_set.rs` may create these types,
//! because it asks the processor first.

use std::arch::asm;
use std::arch::x86_64::*;

use half::f16;

use super::vector::{Kernel, ROUNDING, Simd};

/// The proof that the processor has AVX2, FMA and F16C, and also AVX-VNNI if `VNNI` is true.
#[derive(Clone, Copy)]
pub(crate) struct Avx2<const VNNI: bool>(());

impl<const VNNI: bool> Avx2<VNNI> {
    /// # Safety
    /// The processor must have the instructions.
    pub(crate) unsafe fn new() -> Self {
        Avx2(())
    }
}

impl Avx2<true> {
    #[target_feature(enable = "avx2,fma,f16c,avxvnni")]
    pub(crate) fn execute<W: Kernel>(self, kernel: W) -> W::Output {
        kernel.execute(self)
    }
}

impl Avx2<false> {
    #[target_feature(enable = "avx2,fma,f16c")]
    pub(crate) fn execute<W: Kernel>(self, kernel: W) -> W::Output {
        kernel.execute(self)
    }
}

// SAFETY of all blocks below: `self` proves that the processor has the instructions; pointers are the caller's promise.
impl<const VNNI: bool> Simd for Avx2<VNNI> {
    type F = __m256;
    type I = __m256i;

    const LANES: usize = 8;
    const VECTORS: usize = 2;
    const PATCHES: [usize; 5] = [0, 12, 6, 0, 0];

    #[inline(always)]
    fn splat(self, value: f32) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn div(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn sqrt(self, value: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_sqrt_ps(value) }
    }

    #[inline(always)]
    fn at_least(self, least: __m256, value: __m256) -> __m256 {
        // SAFETY: see above. The instruction returns its second operand if one is not a number.
        unsafe { _mm256_max_ps(least, value) }
    }

    #[inline(always)]
    fn at_most(self, greatest: __m256, value: __m256) -> __m256 {
        // SAFETY: see above. The instruction returns its second operand if one is not a number.
        unsafe { _mm256_min_ps(greatest, value) }
    }

    #[inline(always)]
    fn power_of_two(self, rounded: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(rounded))) }
    }

    #[inline(always)]
    fn leaky(self, value: __m256, slope: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_blendv_ps(value, _mm256_mul_ps(value, slope), value) }
    }

    /// A tree of three steps. Each halves the number of rows: the partial sums of two rows then share one vector.
    #[inline(always)]
    fn sums(self, rows: &[__m256; 16]) -> __m256 {
        // Where the steps leave each row's sum, inside a half.
        const INSIDE: [usize; 4] = [0, 2, 1, 3];
        // SAFETY: see above.
        unsafe {
            let mut r = [rows[0]; 8];
            for i in 0..8 {
                r[i / 4 * 4 + INSIDE[i % 4]] = rows[i];
            }
            for i in 0..4 {
                let (a, b) = (r[i], r[i + 4]);
                r[i] = _mm256_add_ps(_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b));
            }
            for i in 0..2 {
                let (a, b) = (_mm256_castps_pd(r[i]), _mm256_castps_pd(r[i + 2]));
                let (low, high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
                r[i] = _mm256_add_ps(_mm256_castpd_ps(low), _mm256_castpd_ps(high));
            }
            let (a, b) = (r[0], r[1]);
            _mm256_add_ps(_mm256_shuffle_ps::<0x88>(a, b), _mm256_shuffle_ps::<0xdd>(a, b))
        }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: __m256) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_ps(to, value) }
    }

    #[inline(always)]
    unsafe fn load_half(self, from: *const f16) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(from.cast())) }
    }

    #[inline(always)]
    unsafe fn store_half(self, to: *mut f16, value: __m256) {
        // SAFETY: see above.
        unsafe { _mm_storeu_si128(to.cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(value)) }
    }

    #[inline(always)]
    fn splat_pair(self, pair: i32) -> __m256i {
        // SAFETY: see above.
        unsafe { _mm256_set1_epi32(pair) }
    }

    #[inline(always)]
    unsafe fn load_pairs(self, from: *const i32) -> __m256i {
        // SAFETY: see above.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store_pairs(self, to: *mut i32, value: __m256i) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_si256(to.cast(), value) }
    }

    #[inline(always)]
    fn quantise(self, a: __m256, b: __m256, scale: __m256) -> __m256i {
        // SAFETY: see above.
        unsafe {
            let rounding = _mm256_set1_ps(ROUNDING);
            let a = _mm256_castps_si256(_mm256_fmadd_ps(a, scale, rounding));
            let b = _mm256_castps_si256(_mm256_fmadd_ps(b, scale, rounding));
            _mm256_blend_epi16::<0xaa>(a, _mm256_slli_epi32::<16>(b))
        }
    }

    #[inline(always)]
    fn dot(self, sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: see above.
        unsafe { if VNNI { dpwssd(sum, a, b) } else { _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)) } }
    }

    #[inline(always)]
    fn to_float(self, sum: __m256i) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_cvtepi32_ps(sum) }
    }
}

/// The instruction as assembly. The compiler turns the intrinsic into a product and a sum, because those have a shorter
/// latency; that costs nearly half of the throughput.
#[inline]
#[target_feature(enable = "avx2,avxvnni")]
fn dpwssd(sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
    let mut sum = sum;
    // SAFETY: the processor has the instruction, and it changes only that register.
    unsafe {
        asm!("{{vex}} vpdpwssd {sum}, {a}, {b}", sum = inout(ymm_reg) sum, a = in(ymm_reg) a, b = in(ymm_reg) b,
            options(pure, nomem, nostack, preserves_flags));
    }
    sum
}
