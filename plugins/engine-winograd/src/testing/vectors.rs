//! Every operation of a vector, lane by lane, on every instruction set: each must give the bits that plain Rust gives.
//!
//! The values are those at which instructions differ: zeros of both signs, infinities, what is not a number, halves of a
//! unit of the last place.

use half::f16;

use crate::kernels::simd::{InstructionSet, Kernel, POWER_ROUNDING, Simd};

/// Enough lanes for every instruction set.
const LANES: usize = 16;
type Values = [f32; LANES];

/// A pair of 16-bit integers, far from zero.
const PAIR: i32 = 0x7ffe_8003_u32 as i32;

/// All operations on three vectors. Integers are returned as the floats with the same bits.
struct EveryOperation<'a>(&'a [Values; 3]);

impl Kernel for EveryOperation<'_> {
    type Output = Vec<(&'static str, Values)>;

    #[inline(always)]
    fn execute<S: Simd>(self, simd: S) -> Self::Output {
        let mut results: Self::Output = NAMES.map(|name| (name, [0.0; LANES])).into();
        for lane in (0..LANES).step_by(S::LANES) {
            // SAFETY: the number of lanes divides LANES; a pair has the size of a float, and two halves fit into one.
            unsafe {
                let [a, b, c] = self.0.each_ref().map(|values| simd.load(values.as_ptr().add(lane)));
                let mut halves = [f16::ZERO; LANES];
                simd.store_half(halves.as_mut_ptr(), a);
                let narrow = halves.map(|half| f32::from_bits(u32::from(half.to_bits())));
                let widened = simd.load_half(halves.as_ptr());
                let small = simd.at_most(simd.splat(100.0), simd.at_least(simd.splat(-100.0), b));
                let exponent = simd.add(small, simd.splat(POWER_ROUNDING));
                let [first, second] = [0, 1].map(|i| simd.load_pairs(self.0[i].as_ptr().add(lane).cast()));
                // Values that are quantised fit into 16 bits.
                let quantised = simd.quantise(small, simd.splat(-7.5), simd.splat(327.67));
                let floats = [
                    simd.add(a, b),
                    simd.sub(a, b),
                    simd.mul(a, b),
                    simd.div(a, b),
                    simd.sqrt(a),
                    simd.mul_add(a, b, c),
                    simd.at_least(a, b),
                    simd.at_most(a, b),
                    simd.power_of_two(exponent),
                    simd.leaky(a, simd.splat(0.25)),
                    widened,
                    simd.to_float(second),
                ];
                for (result, value) in results.iter_mut().zip(floats) {
                    simd.store(result.1.as_mut_ptr().add(lane), value);
                }
                results[12].1[lane..lane + S::LANES].copy_from_slice(&narrow[..S::LANES]);
                simd.store_pairs(results[13].1.as_mut_ptr().add(lane).cast(), quantised);
                simd.store_pairs(
                    results[14].1.as_mut_ptr().add(lane).cast(),
                    simd.dot(first, second, simd.splat_pair(PAIR)),
                );
                simd.store_pairs(
                    results[15].1.as_mut_ptr().add(lane).cast(),
                    simd.dot(first, second, simd.splat_pair(-3)),
                );
            }
        }
        results
    }
}

const NAMES: [&str; 16] = [
    "add",
    "sub",
    "mul",
    "div",
    "sqrt",
    "mul_add",
    "at_least",
    "at_most",
    "power_of_two",
    "leaky",
    "load_half",
    "to_float",
    "store_half",
    "quantise",
    "dot",
    "dot with small numbers",
];

/// The same in plain Rust, for one lane.
fn expected([a, b, c]: [f32; 3]) -> [f32; 16] {
    let at_most = |greatest: f32, value: f32| if value > greatest { greatest } else { value };
    let at_least = |least: f32, value: f32| if value < least { least } else { value };
    let small = at_most(100.0, at_least(-100.0, b));
    let integer = |value: f32| value.to_bits() as i32;
    let quantise = |value: f32| value.mul_add(327.67, 12_582_912.0).to_bits() as u16;
    let quantised = i32::from(quantise(small)) | i32::from(quantise(-7.5)) << 16;
    let dot = |sum: i32, a: i32, b: i32| {
        let product = |a: i32, b: i32| i32::from(a as i16).wrapping_mul(i32::from(b as i16));
        sum.wrapping_add(product(a, b)).wrapping_add(product(a >> 16, b >> 16))
    };
    let pairs = |value: i32| f32::from_bits(value as u32);
    [
        a + b,
        a - b,
        a * b,
        a / b,
        a.sqrt(),
        a.mul_add(b, c),
        at_least(a, b),
        at_most(a, b),
        f32::from_bits((small + POWER_ROUNDING).to_bits() << 23),
        if a < 0.0 { a * 0.25 } else { a },
        f16::from_f32(a).to_f32(),
        integer(b) as f32,
        f32::from_bits(u32::from(f16::from_f32(a).to_bits())),
        pairs(quantised),
        pairs(dot(integer(a), integer(b), PAIR)),
        pairs(dot(integer(a), integer(b), -3)),
    ]
}

/// Three vectors for each pair of special values, with an ordinary number in between.
fn vectors() -> Vec<[Values; 3]> {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        0.1,
        -0.333,
        65504.0,
        65520.0,
        -70000.0,
        1e-7,
        -6e-8,
        2049.0,
        2051.0,
        1e-40,
        -3e38,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
    ];
    let third = |i: usize| 0.7 * i as f32 - 3.1;
    let pairs: Vec<[f32; 3]> =
        special.iter().flat_map(|a| special.iter().enumerate().map(|(i, b)| [*a, *b, third(i)])).collect();
    let vectors = pairs.chunks(LANES).map(|chunk| {
        let of = |k: usize| std::array::from_fn(|i| chunk[i % chunk.len()][k]);
        [of(0), of(1), of(2)]
    });
    vectors.collect()
}

#[test]
fn every_operation_gives_the_bits_of_plain_rust() {
    for isa in InstructionSet::available() {
        // Without an instruction for it, the portable form rounds products before it adds them.
        let fuses = isa.name() != "portable" || cfg!(any(target_feature = "fma", target_arch = "aarch64"));
        for vectors in vectors() {
            for (number, (name, results)) in isa.execute(EveryOperation(&vectors)).into_iter().enumerate() {
                if !fuses && ["mul_add", "quantise"].contains(&name) {
                    continue;
                }
                for (lane, result) in results.into_iter().enumerate() {
                    let given = vectors.map(|values| values[lane]);
                    let expected = expected(given)[number];
                    // The bits of what is not a number, which no one looks at, differ between processors.
                    let not_a_number = number < 12 && result.is_nan() && expected.is_nan()
                        || name == "store_half" && given[0].is_nan() && result.to_bits() & 0x7fff > 0x7c00;
                    let message = format!("{}, {name} of {given:?}: {result:?}, not {expected:?}", isa.name());
                    assert!(not_a_number || result.to_bits() == expected.to_bits(), "{message}");
                }
            }
        }
    }
}

/// Sums of the lanes of sixteen vectors.
struct Sums<'a>(&'a [f32]);

impl Kernel for Sums<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn execute<S: Simd>(self, simd: S) -> Vec<f32> {
        let mut sums = vec![0.0; S::LANES];
        // SAFETY: there are 256 numbers, enough for sixteen vectors of sixteen lanes, and room for a vector of sums.
        unsafe {
            let rows = std::array::from_fn(|i| simd.load(self.0.as_ptr().add(i * S::LANES)));
            simd.store(sums.as_mut_ptr(), simd.sums(&rows));
        }
        sums
    }
}

#[test]
fn sums_add_halves_then_quarters() {
    let numbers: Vec<f32> = (0..256).map(|i| ((i * 7919) % 1013) as f32 * 0.37 - 150.0).collect();
    for isa in InstructionSet::available() {
        let found = isa.execute(Sums(&numbers));
        for (row, sum) in numbers.chunks_exact(found.len()).zip(&found) {
            let mut parts = row.to_vec();
            while parts.len() > 1 {
                let (first, second) = parts.split_at(parts.len() / 2);
                parts = first.iter().zip(second).map(|(a, b)| a + b).collect();
            }
            assert_eq!(*sum, parts[0], "{}", isa.name());
        }
    }
}
