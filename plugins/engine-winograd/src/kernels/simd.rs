//! Vectors of one instruction set, as the kernels use them.
//!
//! The kernels are written once, over this trait; each instruction set is one file that says what the operations are.
//! A value of an implementing type is a proof: it must never exist where the processor lacks the instructions.

use half::f16;

use super::aligned::Plain;

/// Channels of a block: the unit in which activations are stored, whatever the width of vectors.
pub(crate) const BLOCK: usize = 16;

/// An instruction set. Where the operations are vectors' usual ones, they are not explained.
pub(crate) trait Simd: Copy {
    /// Floats.
    type F: Copy;
    /// As many 32-bit integers, or twice as many 16-bit ones.
    type I: Copy;

    /// Floats in a vector; divides [`BLOCK`].
    const LANES: usize;
    /// Vectors of outputs that a matrix product keeps in registers for each tile.
    const VECTORS: usize;
    /// Tiles whose sums a matrix product keeps in registers, for this many vectors of outputs.
    const TILES: [usize; 5];

    fn splat(self, value: f32) -> Self::F;
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b + c`, rounded once where the processor can. All x86 paths can, so their floats agree to the last bit.
    fn mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    fn sqrt(self, value: Self::F) -> Self::F;
    /// `value`, times `slope` where it is negative.
    fn leaky(self, value: Self::F, slope: Self::F) -> Self::F;
    /// Lane i of the result is the sum of row i: halves of the row first, then quarters, and so on, so that all widths give
    /// the same. Rows beyond the lanes are ignored.
    fn sums(self, rows: &[Self::F; 16]) -> Self::F;

    /// # Safety
    /// `from` points at as many floats as there are lanes.
    unsafe fn load(self, from: *const f32) -> Self::F;
    /// # Safety
    /// `to` points at room for as many floats as there are lanes.
    unsafe fn store(self, to: *mut f32, value: Self::F);
    /// # Safety
    /// `from` points at as many halves as there are lanes.
    unsafe fn load_half(self, from: *const f16) -> Self::F;
    /// # Safety
    /// `to` points at room for as many halves as there are lanes.
    unsafe fn store_half(self, to: *mut f16, value: Self::F);

    fn splat_pair(self, pair: i32) -> Self::I;
    /// # Safety
    /// `from` points at as many pairs as there are lanes.
    unsafe fn load_pairs(self, from: *const i32) -> Self::I;
    /// # Safety
    /// `to` points at room for as many pairs as there are lanes.
    unsafe fn store_pairs(self, to: *mut i32, value: Self::I);
    /// `a * scale` and `b * scale`, rounded to 16 bits and paired lane by lane, `a` in the low half. The products must be
    /// within 16 bits.
    fn quantise(self, a: Self::F, b: Self::F, scale: Self::F) -> Self::I;
    /// Adds to each 32-bit sum the products of both 16-bit halves.
    fn dot(self, sum: Self::I, a: Self::I, b: Self::I) -> Self::I;
    fn to_float(self, sum: Self::I) -> Self::F;
}

/// Something that kernels do, compiled for each instruction set.
pub(crate) trait Work {
    type Output;
    /// Must be `#[inline(always)]`: it takes on the instructions of the function that it is inlined into.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Adding this to a float that is small enough leaves its rounded value in the lowest bits.
pub(crate) const ROUNDING: f32 = 12_582_912.0;

/// How activations are stored.
pub(crate) trait Element: Plain + Default + Send + Sync + 'static {
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
