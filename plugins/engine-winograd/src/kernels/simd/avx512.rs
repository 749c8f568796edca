//! AVX-512, with and without VNNI.
//!
//! Sixteen lanes and 32 registers: a matrix product keeps 24 sums. Only `instruction_set.rs` may create these types,
//! because it asks the processor first.

use std::arch::asm;
use std::arch::x86_64::*;

use half::f16;

use super::vector::{Kernel, ROUNDING, Simd};

/// The proof that the processor has AVX-512 (F, BW, DQ, VL), and also its VNNI extension if `VNNI` is true.
#[derive(Clone, Copy)]
pub(crate) struct Avx512<const VNNI: bool>(());

impl<const VNNI: bool> Avx512<VNNI> {
    /// # Safety
    /// The processor must have the instructions.
    pub(crate) unsafe fn new() -> Self {
        Avx512(())
    }
}

impl Avx512<true> {
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    pub(crate) fn execute<W: Kernel>(self, kernel: W) -> W::Output {
        kernel.execute(self)
    }
}

impl Avx512<false> {
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")]
    pub(crate) fn execute<W: Kernel>(self, kernel: W) -> W::Output {
        kernel.execute(self)
    }
}

// SAFETY of all blocks below: `self` proves that the processor has the instructions; pointers are the caller's promise.
impl<const VNNI: bool> Simd for Avx512<VNNI> {
    type F = __m512;
    type I = __m512i;

    const LANES: usize = 16;
    const VECTORS: usize = 4;
    const PATCHES: [usize; 5] = [0, 12, 12, 6, 6];

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn sqrt(self, value: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_sqrt_ps(value) }
    }

    #[inline(always)]
    fn at_least(self, least: __m512, value: __m512) -> __m512 {
        // SAFETY: see above. The instruction returns its second operand if one is not a number.
        unsafe { _mm512_max_ps(least, value) }
    }

    #[inline(always)]
    fn at_most(self, greatest: __m512, value: __m512) -> __m512 {
        // SAFETY: see above. The instruction returns its second operand if one is not a number.
        unsafe { _mm512_min_ps(greatest, value) }
    }

    #[inline(always)]
    fn power_of_two(self, rounded: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_castps_si512(rounded))) }
    }

    #[inline(always)]
    fn leaky(self, value: __m512, slope: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe {
            let negative = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(value, _mm512_setzero_ps());
            _mm512_mask_mul_ps(value, negative, value, slope)
        }
    }

    /// A tree of four steps. Each halves the number of rows: the partial sums of two rows then share one vector.
    #[inline(always)]
    fn sums(self, rows: &[__m512; 16]) -> __m512 {
        // Where the steps leave each row's sum: quarter by quarter, and inside a quarter.
        const QUARTER: [usize; 4] = [0, 8, 4, 12];
        const INSIDE: [usize; 4] = [0, 2, 1, 3];
        // SAFETY: see above.
        unsafe {
            let mut r = *rows;
            for (i, row) in rows.iter().enumerate() {
                r[QUARTER[i / 4] + INSIDE[i % 4]] = *row;
            }
            for i in 0..8 {
                let (a, b) = (r[i], r[i + 8]);
                r[i] = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xee>(a, b));
            }
            for i in 0..4 {
                let (a, b) = (r[i], r[i + 4]);
                r[i] = _mm512_add_ps(_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
            }
            for i in 0..2 {
                let (a, b) = (_mm512_castps_pd(r[i]), _mm512_castps_pd(r[i + 2]));
                let (low, high) = (_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b));
                r[i] = _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
            }
            let (a, b) = (r[0], r[1]);
            _mm512_add_ps(_mm512_shuffle_ps::<0x88>(a, b), _mm512_shuffle_ps::<0xdd>(a, b))
        }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: __m512) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_ps(to, value) }
    }

    #[inline(always)]
    unsafe fn load_half(self, from: *const f16) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())) }
    }

    #[inline(always)]
    unsafe fn store_half(self, to: *mut f16, value: __m512) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_si256(to.cast(), _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(value)) }
    }

    #[inline(always)]
    fn splat_pair(self, pair: i32) -> __m512i {
        // SAFETY: see above.
        unsafe { _mm512_set1_epi32(pair) }
    }

    #[inline(always)]
    unsafe fn load_pairs(self, from: *const i32) -> __m512i {
        // SAFETY: see above.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store_pairs(self, to: *mut i32, value: __m512i) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_si512(to.cast(), value) }
    }

    #[inline(always)]
    fn quantise(self, a: __m512, b: __m512, scale: __m512) -> __m512i {
        // SAFETY: see above.
        unsafe {
            let rounding = _mm512_set1_ps(ROUNDING);
            let a = _mm512_castps_si512(_mm512_fmadd_ps(a, scale, rounding));
            let b = _mm512_castps_si512(_mm512_fmadd_ps(b, scale, rounding));
            _mm512_mask_blend_epi16(0xaaaa_aaaa, a, _mm512_slli_epi32::<16>(b))
        }
    }

    #[inline(always)]
    fn dot(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: see above.
        unsafe { if VNNI { dpwssd(sum, a, b) } else { _mm512_add_epi32(sum, _mm512_madd_epi16(a, b)) } }
    }

    #[inline(always)]
    fn to_float(self, sum: __m512i) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_cvtepi32_ps(sum) }
    }
}

/// The instruction as assembly. The compiler turns the intrinsic into a product and a sum, because those have a shorter
/// latency; that costs a tenth of the throughput.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn dpwssd(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    let mut sum = sum;
    // SAFETY: the processor has the instruction, and it changes only that register.
    unsafe {
        asm!("vpdpwssd {sum}, {a}, {b}", sum = inout(zmm_reg) sum, a = in(zmm_reg) a, b = in(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags));
    }
    sum
}
