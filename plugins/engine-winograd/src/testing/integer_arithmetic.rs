//! Fast arithmetic: close to exact arithmetic, equal on every instruction set, and free of overflow.

use enlarger_compiler::ConvolutionWeights;
use half::f16;
use proptest::prelude::*;

use super::*;
use crate::kernels::quantised_input_transform::{GROUP, NORM, SMALL_GROUP};
use crate::operations::arithmetic::FormKind;
use crate::operations::winograd_filter::WinogradFilter;

const FAST: [Arithmetic; 6] = [
    Arithmetic { float_layers: [0; 2], f6_layers: 0, group: GROUP, halves: false },
    Arithmetic { float_layers: [0; 2], f6_layers: usize::MAX, group: SMALL_GROUP, halves: false },
    Arithmetic { float_layers: [0; 2], f6_layers: 0, group: SMALL_GROUP, halves: true },
    Arithmetic { float_layers: [0; 2], f6_layers: 20, group: GROUP, halves: true },
    Arithmetic { float_layers: [25, 30], f6_layers: 10, group: GROUP, halves: true },
    // What is taken where floats are as fast as integers.
    Arithmetic { float_layers: [0, 34], f6_layers: 34, group: GROUP, halves: true },
];

/// What the default network makes of a picture in each of these arithmetics, and last in exact arithmetic: checksums of all
/// bits. They are the same on every processor. If kernels change them on purpose, take what the test finds.
const CHECKSUMS: [u64; 7] = [
    0xfcb1_d327_3ea6_0fa1,
    0x2ed6_9223_fd2d_da3f,
    0x281b_8160_c53a_64b8,
    0x8a23_87d4_68f9_20f8,
    0xeb18_4879_0127_2682,
    0xc8b4_0b2c_8f11_8680,
    0x9304_d09e_e55c_019c,
];

/// The result of the default network, or of a graph of one convolution.
fn evaluate(graph: &Graph, output: &str, picture: &Array, isa: InstructionSet, arithmetic: Arithmetic) -> Array {
    let outputs = graph.constants[&graph.nodes[0].inputs[1]].shape[0];
    let shape = match output {
        "output" => [3, 4 * picture.height, 4 * picture.width],
        _ => [outputs, picture.height, picture.width],
    };
    if arithmetic.halves {
        execute_tile::<f16>(graph, output, picture, shape, isa, arithmetic, 2).unwrap()
    } else {
        execute_tile::<f32>(graph, output, picture, shape, isa, arithmetic, 2).unwrap()
    }
}

/// A gradient with noise.
fn picture(channels: usize, height: usize, width: usize, seed: u32) -> Array {
    let mut numbers = RandomNumbers::new(seed);
    let noise = numbers.many(channels * height * width);
    Array::from_fn([channels, height, width], |c, y, x| {
        0.2 + 0.5 * x as f64 / width as f64 + 0.1 * f64::from(noise[(c * height + y) * width + x])
    })
}

fn default_graph() -> Graph {
    Graph::read(DEFAULT_MODEL).unwrap()
}

#[test]
fn fast_arithmetic_is_nearly_exact_on_the_default_network() {
    let (height, width) = unless_emulated((25, 31), (7, 9));
    let (graph, picture) = (default_graph(), picture(3, height, width, 3));
    let exact = evaluate(&graph, "output", &picture, InstructionSet::best(), Arithmetic::EXACT);
    for arithmetic in FAST {
        let distance = evaluate(&graph, "output", &picture, InstructionSet::best(), arithmetic).distance(&exact);
        // Not zero either: the arithmetic must really be another one.
        assert!((1e-6..4.0 / 255.0).contains(&distance), "{arithmetic:?}: {distance}");
    }
}

/// All instruction sets but the portable one round alike, so a result does not depend on the processor. The portable form
/// rounds some products before it adds them.
#[test]
fn all_instruction_sets_give_the_same_result() {
    let (height, width) = unless_emulated((13, 17), (5, 7));
    let (graph, picture) = (default_graph(), picture(3, height, width, 5));
    for arithmetic in FAST.into_iter().chain([Arithmetic::EXACT]) {
        let first = evaluate(&graph, "output", &picture, InstructionSet::best(), arithmetic);
        for isa in InstructionSet::available() {
            let distance = evaluate(&graph, "output", &picture, isa, arithmetic).distance(&first);
            let allowed = match (isa.name(), arithmetic == Arithmetic::EXACT) {
                ("portable", true) => 1e-4,
                ("portable", false) => 2.0 / 255.0,
                _ => 0.0,
            };
            assert!(distance <= allowed, "{arithmetic:?} on {}: {distance}", isa.name());
        }
    }
}

/// FNV-1a of the bits of all samples.
fn checksum(result: &Array) -> u64 {
    let bytes = result.data.iter().flat_map(|value| (*value as f32).to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The test above compares the instruction sets of one processor, this one those of different ones: AVX2 and NEON.
#[test]
fn all_processors_give_the_same_result() {
    let isa = InstructionSet::best();
    if isa.name() == "portable" {
        return; // It rounds differently; see above.
    }
    let (graph, picture) = (default_graph(), picture(3, 5, 7, 5));
    let arithmetics = FAST.into_iter().chain([Arithmetic::EXACT]);
    let found: Vec<_> =
        arithmetics.map(|arithmetic| checksum(&evaluate(&graph, "output", &picture, isa, arithmetic))).collect();
    assert_eq!(found, CHECKSUMS, "{}: {found:#x?}", isa.name());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// One convolution with any number of channels, including more than one sum runs over.
    #[test]
    fn integer_convolutions_are_nearly_exact(seed: u32, channels in 1usize..200, outputs in 1usize..70, height in 1usize..15, width in 1usize..15) {
        let mut builder = GraphBuilder::new(channels, seed);
        let name = builder.convolution("in", channels, outputs, 1);
        let picture = picture(channels, height, width, seed);
        let exact = evaluate(&builder.graph, &name, &picture, InstructionSet::best(), Arithmetic::EXACT);
        for arithmetic in FAST {
            for isa in InstructionSet::available() {
                let distance = evaluate(&builder.graph, &name, &picture, isa, arithmetic).distance(&exact);
                prop_assert!(distance < 4e-3, "{:?} on {}: {}", arithmetic, isa.name(), distance);
            }
        }
    }

    /// The budget holds for every filter, even for the worst pixels, which are those proportional to the filter.
    #[test]
    fn sums_cannot_overflow(seed: u32, channels in 1usize..200, sharp in 0.0f32..8.0) {
        let mut numbers = RandomNumbers::new(seed);
        // The sharper, the fewer weights are large.
        let taps: Vec<f32> = numbers.many(channels * 9).iter().map(|tap| tap.signum() * tap.abs().powf(sharp)).collect();
        let weights = ConvolutionWeights { outputs: 1, channels, taps };
        for (kind, group) in [(FormKind::F4, GROUP), (FormKind::F4, SMALL_GROUP), (FormKind::F6, GROUP), (FormKind::F6, SMALL_GROUP)] {
            let filter = WinogradFilter::integers(&weights, kind, 16, group).unwrap();
            let WinogradFilter::Integers { pairs, .. } = filter else { unreachable!() };
            let depth = pairs.len() / kind.positions() / 16;
            for position in 0..kind.positions() {
                for first in (0..depth).step_by(group / 2) {
                    let inside = first..depth.min(first + group / 2);
                    let weights = inside.map(|pair| pairs[(position * depth + pair) * 16]);
                    let weights: Vec<i64> = weights.flat_map(|pair| [i64::from(pair as i16), i64::from(pair >> 16)]).collect();
                    let norm = (weights.iter().map(|weight| weight * weight).sum::<i64>() as f64).sqrt();
                    prop_assert!(norm * f64::from(NORM) <= f64::from(i32::MAX));
                    prop_assert!(norm == 0.0 || norm > 16000.0, "the budget is not used: {}", norm);
                    let worst = |weight: &i64| weight * (*weight as f64 * f64::from(NORM) / norm.max(1.0)).round() as i64;
                    prop_assert!(weights.iter().map(worst).sum::<i64>() <= i64::from(i32::MAX));
                }
            }
        }
    }

    /// Pixels of any magnitude, including much larger and smaller ones than in pictures.
    #[test]
    fn pixels_of_any_magnitude_are_nearly_exact(seed: u32, exponent in -25i32..25) {
        let mut builder = GraphBuilder::new(40, seed);
        let name = builder.convolution("in", 40, 5, 1);
        for node in &mut builder.graph.nodes {
            node.inputs.truncate(2);
        }
        let mut picture = picture(40, 9, 8, seed);
        let scale = 2f64.powi(exponent);
        picture.data.iter_mut().for_each(|value| *value *= scale);
        let exact = evaluate(&builder.graph, &name, &picture, InstructionSet::best(), Arithmetic::EXACT);
        for arithmetic in &FAST[..2] {
            let distance = evaluate(&builder.graph, &name, &picture, InstructionSet::best(), *arithmetic).distance(&exact);
            prop_assert!(distance < 4e-3 * scale, "{:?}: {}", arithmetic, distance / scale);
        }
    }
}

/// A NaN or infinity in the input must not turn into an ordinary picture.
#[test]
fn values_that_are_not_finite_stay_so() {
    for (i, bad) in [f64::NAN, f64::INFINITY].into_iter().enumerate() {
        let mut picture = picture(3, unless_emulated(20, 5), 20, 9);
        picture.data[3 * 20 + 7 + i] = bad;
        for arithmetic in FAST.into_iter().chain([Arithmetic::EXACT]) {
            let result = evaluate(&default_graph(), "output", &picture, InstructionSet::best(), arithmetic);
            assert!(result.data.iter().any(|value| !value.is_finite()), "{arithmetic:?} with {bad}");
        }
    }
}
