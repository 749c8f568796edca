//! Matrix products of every size that kernels treat apart: channels that do not fill a vector, patches that do not fill a
//! multiple, outputs that do not fill a panel. Floats are added in the order of channels, so their sums are known to the bit.

use super::RandomNumbers;
use crate::kernels::matrix_product::{FloatProducts, IntegerProducts, PATCH_MULTIPLE, ProductShape};
use crate::kernels::quantised_input_transform::FACTORS;
use crate::kernels::simd::InstructionSet;

const POSITIONS: usize = 2;

fn shape(patches: usize, depth: usize, outputs: usize) -> ProductShape {
    // Not a whole number of vectors, which the kernels must not rely on.
    let (padded, patch_stride) = (patches.next_multiple_of(PATCH_MULTIPLE), depth + 3);
    let (position_stride, product_stride) = (padded * patch_stride + 1, padded * outputs + 2);
    ProductShape { positions: POSITIONS, patches, depth, patch_stride, position_stride, outputs, product_stride }
}

/// Puts a weight for each position, output and channel into panels of `width` outputs.
fn pack<T: Copy + Default>(shape: &ProductShape, width: usize, weight: impl Fn(usize, usize, usize) -> T) -> Vec<T> {
    let (depth, outputs) = (shape.depth, shape.outputs);
    let mut packed = vec![T::default(); POSITIONS * depth * outputs];
    for (position, output, channel) in indices(shape) {
        let first = output / width * width;
        let panel = width.min(outputs - first);
        packed[(position * outputs + first) * depth + channel * panel + output - first] =
            weight(position, output, channel);
    }
    packed
}

fn indices(shape: &ProductShape) -> impl Iterator<Item = (usize, usize, usize)> {
    let (depth, outputs) = (shape.depth, shape.outputs);
    (0..POSITIONS * outputs * depth).map(move |i| (i / depth / outputs, i / depth % outputs, i % depth))
}

fn sizes() -> impl Iterator<Item = ProductShape> {
    let depths = [1, 2, 3, 4, 5, 7, 8, 13, 16, 35, 64];
    depths.into_iter().flat_map(|depth| {
        [(1, 16), (5, 32), (12, 48), (13, 64), (25, 80)].map(|(patches, outputs)| shape(patches, depth, outputs))
    })
}

#[test]
fn sums_of_floats_are_those_of_plain_rust() {
    let mut numbers = RandomNumbers::new(11);
    for shape in sizes() {
        let values = numbers.many(POSITIONS * shape.position_stride);
        let weights = numbers.many(POSITIONS * shape.outputs * shape.depth);
        let weight = |position, output, channel| weights[(position * shape.outputs + output) * shape.depth + channel];
        for isa in InstructionSet::available() {
            let fuses = isa.name() != "portable" || cfg!(any(target_feature = "fma", target_arch = "aarch64"));
            let filter = pack(&shape, isa.panel_width(), weight);
            let mut products = vec![f32::NAN; POSITIONS * shape.product_stride];
            isa.execute(FloatProducts { shape, values: &values, filter: &filter, products: &mut products });
            for i in 0..POSITIONS * shape.patches * shape.outputs {
                let (position, patch, output) =
                    (i / shape.outputs / shape.patches, i / shape.outputs % shape.patches, i % shape.outputs);
                let sum = (0..shape.depth).fold(0.0, |sum: f32, channel| {
                    let value = values[position * shape.position_stride + patch * shape.patch_stride + channel];
                    let weight = weight(position, output, channel);
                    if fuses { value.mul_add(weight, sum) } else { value * weight + sum }
                });
                let found = products[position * shape.product_stride + patch * shape.outputs + output];
                assert_eq!(found, sum, "{} for {} channels, patch {patch}", isa.name(), shape.depth);
            }
        }
    }
}

#[test]
fn sums_of_integers_are_those_of_plain_rust() {
    let mut numbers = RandomNumbers::new(12);
    let mut pairs = |count: usize| -> Vec<i32> {
        // The sums of 64 such products fit into 32 bits.
        let mut half = || (numbers.next() * 4000.0) as i32;
        (0..count).map(|_| (half() & 0xffff) | (half() << 16)).collect()
    };
    let (group, scale, factor) = (64, 0.5, 0.25);
    for shape in sizes() {
        let values = pairs(POSITIONS * shape.position_stride);
        let weights = pairs(POSITIONS * shape.outputs * shape.depth);
        let weight = |position, output, channel| weights[(position * shape.outputs + output) * shape.depth + channel];
        let groups = shape.depth.div_ceil(group / 2);
        let scales = vec![scale; POSITIONS * shape.outputs * groups];
        let factors = vec![factor; shape.patches.next_multiple_of(PATCH_MULTIPLE) * groups * FACTORS];
        for isa in InstructionSet::available() {
            let filter = pack(&shape, isa.panel_width(), weight);
            let mut products = vec![f32::NAN; POSITIONS * shape.product_stride];
            isa.execute(IntegerProducts {
                shape,
                values: &values,
                filter: &filter,
                group,
                scales: &scales,
                factors: &factors,
                products: &mut products,
            });
            for i in 0..POSITIONS * shape.patches * shape.outputs {
                let (position, patch, output) =
                    (i / shape.outputs / shape.patches, i / shape.outputs % shape.patches, i % shape.outputs);
                let of_group = |group_number: usize| -> f32 {
                    let inside = group_number * group / 2..shape.depth.min((group_number + 1) * group / 2);
                    let products = inside.map(|pair| {
                        let value = values[position * shape.position_stride + patch * shape.patch_stride + pair];
                        let weight = weight(position, output, pair);
                        i32::from(value as i16) * i32::from(weight as i16) + (value >> 16) * (weight >> 16)
                    });
                    products.sum::<i32>() as f32
                };
                // Powers of two, so that scaling rounds nothing.
                let sum = (0..groups).fold(0.0, |sum: f32, number| of_group(number) * scale * factor + sum);
                let found = products[position * shape.product_stride + patch * shape.outputs + output];
                assert_eq!(found, sum, "{} for {} pairs, patch {patch}", isa.name(), shape.depth);
            }
        }
    }
}
