//! Matrix products: for each position, a matrix of patches × channels times one of channels × outputs.
//!
//! Most of the time is spent here. The sums of a few patches stay in registers while the channels go by; look at the
//! disassembly after a change. 32-bit integer sums must never overflow: `operations/winograd_filter.rs` proves that
//! they cannot when a network is opened.

use super::quantised_input_transform::FACTORS;
use super::simd::{Kernel, Simd};

/// Patches are computed in multiples of this number. The products of those beyond the last are meaningless.
pub(crate) const PATCH_MULTIPLE: usize = 12;

/// What products of floats and of integers have in common.
#[derive(Clone, Copy)]
pub(crate) struct ProductShape {
    pub(crate) positions: usize,
    pub(crate) patches: usize,
    /// Channels, or pairs of channels, that are multiplied.
    pub(crate) depth: usize,
    /// Channels, or pairs of channels, from one patch to the next.
    pub(crate) patch_stride: usize,
    /// Values from one position to the next.
    pub(crate) position_stride: usize,
    /// The outputs of a patch: whole blocks of channels.
    pub(crate) outputs: usize,
    /// Products from one position to the next.
    pub(crate) product_stride: usize,
}

impl ProductShape {
    fn check(&self, filter: usize, values: usize, products: usize) {
        let patches = self.patches.next_multiple_of(PATCH_MULTIPLE);
        assert!(
            self.depth <= self.patch_stride
                && patches * self.patch_stride <= self.position_stride
                && self.positions * self.position_stride <= values
        );
        assert!(patches * self.outputs <= self.product_stride && self.positions * self.product_stride <= products);
        assert!(self.positions * self.depth * self.outputs <= filter);
    }
}

/// Products of floats.
pub(crate) struct FloatProducts<'a> {
    pub(crate) shape: ProductShape,
    pub(crate) values: &'a [f32],
    /// For each position and panel of outputs, channel after channel, the weights of that panel.
    pub(crate) filter: &'a [f32],
    pub(crate) products: &'a mut [f32],
}

/// Products of 16-bit integers, summed in groups of channels and scaled to floats.
pub(crate) struct IntegerProducts<'a> {
    pub(crate) shape: ProductShape,
    pub(crate) values: &'a [i32],
    /// As for floats, with pairs of channels in place of channels.
    pub(crate) filter: &'a [i32],
    /// The channels of a group.
    pub(crate) group: usize,
    /// For each position, panel of outputs and group of channels, the factors of that panel.
    pub(crate) scales: &'a [f32],
    /// For each patch and group, the factors of the positions.
    pub(crate) factors: &'a [f32],
    pub(crate) products: &'a mut [f32],
}

impl Kernel for FloatProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn execute<S: Simd>(self, simd: S) {
        let ProductShape { positions, patches, depth, patch_stride, outputs, .. } = self.shape;
        self.shape.check(self.filter.len(), self.values.len(), self.products.len());
        for position in 0..positions {
            for (first, vectors) in panels::<S>(outputs) {
                let filter = &self.filter[(position * outputs + first) * depth..];
                for patch in (0..patches).step_by(S::PATCHES[vectors]) {
                    // SAFETY: the shape was checked; patches up to the next multiple of PATCH_MULTIPLE are inside the
                    // buffers.
                    unsafe {
                        let values =
                            self.values.as_ptr().add(position * self.shape.position_stride + patch * patch_stride);
                        let products = position * self.shape.product_stride + patch * outputs + first;
                        let products = self.products.as_mut_ptr().add(products);
                        let sums =
                            FloatSums { simd, depth, values, patch_stride, filter: filter.as_ptr(), products, outputs };
                        sums.execute_for(S::PATCHES[vectors], vectors);
                    }
                }
            }
        }
    }
}

impl Kernel for IntegerProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn execute<S: Simd>(self, simd: S) {
        let ProductShape { positions, patches, depth, patch_stride, outputs, .. } = self.shape;
        self.shape.check(self.filter.len(), self.values.len(), self.products.len());
        let group = self.group / 2;
        let groups = depth.div_ceil(group);
        assert!(positions * outputs * groups <= self.scales.len() && positions <= FACTORS);
        assert!(patches.next_multiple_of(PATCH_MULTIPLE) * groups * FACTORS <= self.factors.len());
        for position in 0..positions {
            for (first, vectors) in panels::<S>(outputs) {
                let filter = &self.filter[(position * outputs + first) * depth..];
                let scales = &self.scales[(position * outputs + first) * groups..];
                for patch in (0..patches).step_by(S::PATCHES[vectors]) {
                    // SAFETY: the shape was checked; patches up to the next multiple of PATCH_MULTIPLE are inside the
                    // buffers.
                    unsafe {
                        let values =
                            self.values.as_ptr().add(position * self.shape.position_stride + patch * patch_stride);
                        let products = position * self.shape.product_stride + patch * outputs + first;
                        let products = self.products.as_mut_ptr().add(products);
                        let factors = self.factors.as_ptr().add(patch * groups * FACTORS + position);
                        let (filter, scales) = (filter.as_ptr(), scales.as_ptr());
                        let sums = IntegerSums {
                            simd,
                            depth,
                            group,
                            values,
                            patch_stride,
                            filter,
                            scales,
                            factors,
                            products,
                            outputs,
                        };
                        sums.execute_for(S::PATCHES[vectors], vectors);
                    }
                }
            }
        }
    }
}

/// The panels of outputs, each of which is computed at once: its first output and its number of vectors.
#[inline(always)]
fn panels<S: Simd>(outputs: usize) -> impl Iterator<Item = (usize, usize)> {
    let width = S::LANES * S::VECTORS;
    (0..outputs).step_by(width).map(move |first| (first, (outputs - first).min(width) / S::LANES))
}

/// The sums of some patches and vectors of outputs, which stay in registers while the channels go by.
trait Sums: Sized {
    /// # Safety
    /// The pointers must have room for `T` patches and `V` vectors of outputs.
    unsafe fn execute<const T: usize, const V: usize>(self);

    /// # Safety
    /// The pointers must have room for `patches` patches and `vectors` vectors of outputs.
    #[inline(always)]
    unsafe fn execute_for(self, patches: usize, vectors: usize) {
        // SAFETY: the caller's promise. The last arm covers six patches and one vector, the fewest that occur.
        unsafe {
            match (patches, vectors) {
                (6, 4) => self.execute::<6, 4>(),
                (6, 3) => self.execute::<6, 3>(),
                (12, 2) => self.execute::<12, 2>(),
                (6, 2) => self.execute::<6, 2>(),
                (12, 1) => self.execute::<12, 1>(),
                _ => self.execute::<6, 1>(),
            }
        }
    }
}

struct FloatSums<S> {
    simd: S,
    depth: usize,
    values: *const f32,
    patch_stride: usize,
    filter: *const f32,
    products: *mut f32,
    outputs: usize,
}

impl<S: Simd> Sums for FloatSums<S> {
    #[inline(always)]
    unsafe fn execute<const T: usize, const V: usize>(self) {
        let FloatSums { simd, depth, values, patch_stride, filter, products, outputs } = self;
        let mut sums = [[simd.splat(0.0); V]; T];
        // SAFETY: the caller's promise.
        unsafe { simd.add_products(&mut sums, depth, (values, patch_stride), filter) };
        for patch in 0..T {
            for i in 0..V {
                // SAFETY: the caller's promise.
                unsafe { simd.store(products.add(patch * outputs + i * S::LANES), sums[patch][i]) };
            }
        }
    }
}

struct IntegerSums<S> {
    simd: S,
    depth: usize,
    /// Pairs of channels in a group.
    group: usize,
    values: *const i32,
    patch_stride: usize,
    filter: *const i32,
    scales: *const f32,
    factors: *const f32,
    products: *mut f32,
    outputs: usize,
}

impl<S: Simd> Sums for IntegerSums<S> {
    #[inline(always)]
    unsafe fn execute<const T: usize, const V: usize>(self) {
        let IntegerSums { simd, depth, group: pairs, values, patch_stride, filter, scales, factors, products, outputs } =
            self;
        let groups = depth.div_ceil(pairs);
        for group in 0..groups {
            let mut sums = [[simd.splat_pair(0); V]; T];
            for pair in group * pairs..depth.min((group + 1) * pairs) {
                let mut weights = [simd.splat_pair(0); V];
                for (i, weights) in weights.iter_mut().enumerate() {
                    // SAFETY: the caller's promise.
                    *weights = unsafe { simd.load_pairs(filter.add((pair * V + i) * S::LANES)) };
                }
                for patch in 0..T {
                    // SAFETY: the caller's promise.
                    let value = simd.splat_pair(unsafe { *values.add(patch * patch_stride + pair) });
                    for i in 0..V {
                        sums[patch][i] = simd.dot(sums[patch][i], weights[i], value);
                    }
                }
            }
            for patch in 0..T {
                // SAFETY: the caller's promise.
                let factor = simd.splat(unsafe { *factors.add((patch * groups + group) * FACTORS) });
                for i in 0..V {
                    // SAFETY: the caller's promise.
                    unsafe {
                        let scale = simd.mul(simd.load(scales.add((group * V + i) * S::LANES)), factor);
                        let to = products.add(patch * outputs + i * S::LANES);
                        let sum = simd.to_float(sums[patch][i]);
                        let result =
                            if group == 0 { simd.mul(sum, scale) } else { simd.mul_add(sum, scale, simd.load(to)) };
                        simd.store(to, result);
                    }
                }
            }
        }
    }
}
