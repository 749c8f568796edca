//! The types in which activations are stored: `f32`, or `f16` where half precision is accurate enough.
//!
//! Kernels are generic over this type and always compute in `f32`. Activations must never be stored in another unit
//! than whole blocks of channels.

use half::f16;

use super::aligned_buffer::PlainData;
use super::simd::Simd;

/// The channels in a block, the unit in which activations are stored. It does not depend on the width of vectors.
pub(crate) use enlarger_compiler::BLOCK;

/// A type in which activations are stored.
pub(crate) trait Element: PlainData + Default + Send + Sync + 'static {
    /// # Safety
    /// As [`Simd::load`].
    unsafe fn load<S: Simd>(simd: S, from: *const Self) -> S::F;
    /// # Safety
    /// As [`Simd::store`].
    unsafe fn store<S: Simd>(simd: S, to: *mut Self, value: S::F);
    fn from_f32(value: f32) -> Self;
    fn to_f32(self) -> f32;
}

impl Element for f32 {
    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const Self) -> S::F {
        // SAFETY: the caller's promise.
        unsafe { simd.load(from) }
    }

    #[inline(always)]
    unsafe fn store<S: Simd>(simd: S, to: *mut Self, value: S::F) {
        // SAFETY: the caller's promise.
        unsafe { simd.store(to, value) }
    }

    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        value
    }

    #[inline(always)]
    fn to_f32(self) -> f32 {
        self
    }
}

impl Element for f16 {
    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const Self) -> S::F {
        // SAFETY: the caller's promise.
        unsafe { simd.load_half(from) }
    }

    #[inline(always)]
    unsafe fn store<S: Simd>(simd: S, to: *mut Self, value: S::F) {
        // SAFETY: the caller's promise.
        unsafe { simd.store_half(to, value) }
    }

    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        f16::from_f32(value)
    }

    #[inline(always)]
    fn to_f32(self) -> f32 {
        f16::to_f32(self)
    }
}
