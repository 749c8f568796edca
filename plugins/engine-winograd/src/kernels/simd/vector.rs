//! The vector trait: what the kernels need of an instruction set.
//!
//! Kernels are written once, over this trait; each instruction set is one file that implements it. A value of an
//! implementing type proves that the processor has the instructions, so it must never exist where it has not.

use half::f16;

/// An instruction set. Methods without a description are the usual vector operations, lane by lane.
pub(crate) trait Simd: Copy {
    /// A vector of floats.
    type F: Copy;
    /// A vector of as many 32-bit integers, or of twice as many 16-bit integers.
    type I: Copy;

    /// Floats in a vector; divides [`BLOCK`](crate::kernels::element::BLOCK).
    const LANES: usize;
    /// Vectors of outputs that a matrix product keeps in registers for each patch.
    const VECTORS: usize;
    /// Patches whose sums a matrix product keeps in registers, indexed by the number of vectors of outputs.
    const PATCHES: [usize; 5];
    /// Whether an instruction multiplies more 16-bit integers than floats, so that fast arithmetic takes integers.
    const INTEGERS_ARE_FASTER: bool = true;

    fn splat(self, value: f32) -> Self::F;
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b + c`, rounded once if the processor can. All but the portable form on x86 can, so that their floats agree to
    /// the last bit.
    fn mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    fn sqrt(self, value: Self::F) -> Self::F;
    /// The greater of both, and `value` where that is not a number.
    fn at_least(self, least: Self::F, value: Self::F) -> Self::F;
    /// The smaller of both, and `value` where that is not a number.
    fn at_most(self, greatest: Self::F, value: Self::F) -> Self::F;
    /// 2 to the power of `n`, where `rounded` is `n +` [`POWER_ROUNDING`] and `n` is a whole number from -126 to 127.
    fn power_of_two(self, rounded: Self::F) -> Self::F;
    /// `value`, multiplied by `slope` where it is negative.
    fn leaky(self, value: Self::F, slope: Self::F) -> Self::F;
    /// Lane i of the result is the sum of row i. It adds the halves of the row, then the quarters, and so on, so that
    /// vectors of all widths give the same result. Rows beyond the lanes are ignored.
    fn sums(self, rows: &[Self::F; 16]) -> Self::F;

    /// # Safety
    /// `from` must point at as many floats as there are lanes.
    unsafe fn load(self, from: *const f32) -> Self::F;
    /// # Safety
    /// `to` must point at room for as many floats as there are lanes.
    unsafe fn store(self, to: *mut f32, value: Self::F);
    /// # Safety
    /// `from` must point at as many halves as there are lanes.
    unsafe fn load_half(self, from: *const f16) -> Self::F;
    /// # Safety
    /// `to` must point at room for as many halves as there are lanes.
    unsafe fn store_half(self, to: *mut f16, value: Self::F);

    fn splat_pair(self, pair: i32) -> Self::I;
    /// # Safety
    /// `from` must point at as many pairs as there are lanes.
    unsafe fn load_pairs(self, from: *const i32) -> Self::I;
    /// # Safety
    /// `to` must point at room for as many pairs as there are lanes.
    unsafe fn store_pairs(self, to: *mut i32, value: Self::I);
    /// `a * scale` and `b * scale`, rounded to 16 bits and paired lane by lane, `a` in the low half. The products must
    /// fit into 16 bits.
    fn quantise(self, a: Self::F, b: Self::F, scale: Self::F) -> Self::I;
    /// Adds the products of both 16-bit halves to each 32-bit sum. `b` has the same pair in all lanes.
    fn dot(self, sum: Self::I, a: Self::I, b: Self::I) -> Self::I;
    fn to_float(self, sum: Self::I) -> Self::F;

    /// Adds to the sums of `T` patches and `V` vectors of outputs, which stay in registers, the products of `depth`
    /// channels, one channel after another. `values` are the first patch's and the distance to those of the next one;
    /// `filter` has `V` vectors for each channel.
    ///
    /// # Safety
    /// The pointers must point at as many floats.
    #[inline(always)]
    unsafe fn add_products<const T: usize, const V: usize>(
        self,
        sums: &mut [[Self::F; V]; T],
        depth: usize,
        (values, patch_stride): (*const f32, usize),
        filter: *const f32,
    ) {
        for channel in 0..depth {
            let mut weights = [self.splat(0.0); V];
            for (i, weights) in weights.iter_mut().enumerate() {
                // SAFETY: the caller's promise.
                *weights = unsafe { self.load(filter.add((channel * V + i) * Self::LANES)) };
            }
            for patch in 0..T {
                // SAFETY: the caller's promise.
                let value = self.splat(unsafe { *values.add(patch * patch_stride + channel) });
                for i in 0..V {
                    sums[patch][i] = self.mul_add(value, weights[i], sums[patch][i]);
                }
            }
        }
    }
}

/// A computation that is compiled for each instruction set.
pub(crate) trait Kernel {
    type Output;
    /// Implementations must be `#[inline(always)]`: they take on the instructions of the function that they are inlined
    /// into.
    fn execute<S: Simd>(self, simd: S) -> Self::Output;
}

/// Added to a float that is small enough, this leaves the rounded value in the lowest bits.
pub(crate) const ROUNDING: f32 = 12_582_912.0;

/// The same, with the bias of a float's exponent on top.
pub(crate) const POWER_ROUNDING: f32 = ROUNDING + 127.0;
