//! The fast arithmetic: how far from the exact one, equal on every instruction set, and never overflowing.

use half::f16;
use proptest::prelude::*;

use super::*;
use crate::filter::{Filter, Kind, Weights};
use crate::kernels::quantise::{GROUP, NORM, SMALL_GROUP};

const FAST: [Arithmetic; 5] = [
    Arithmetic { floats: [0; 2], large: 0, group: GROUP, halves: false },
    Arithmetic { floats: [0; 2], large: usize::MAX, group: SMALL_GROUP, halves: false },
    Arithmetic { floats: [0; 2], large: 0, group: SMALL_GROUP, halves: true },
    Arithmetic { floats: [0; 2], large: 20, group: GROUP, halves: true },
    Arithmetic { floats: [25, 30], large: 10, group: GROUP, halves: true },
];

/// The result of the default network, or of one convolution.
fn made(network: &Network, output: &str, picture: &Array, isa: Isa, arithmetic: Arithmetic) -> Array {
    let outputs = network.constants[&network.nodes[0].inputs[1]].shape[0];
    let shape = match output {
        "output" => [3, 4 * picture.height, 4 * picture.width],
        _ => [outputs, picture.height, picture.width],
    };
    if arithmetic.halves {
        run::<f16>(network, output, picture, shape, isa, arithmetic, 2).unwrap()
    } else {
        run::<f32>(network, output, picture, shape, isa, arithmetic, 2).unwrap()
    }
}

/// A slope with noise.
fn picture(channels: usize, height: usize, width: usize, seed: u32) -> Array {
    let mut numbers = Numbers::new(seed);
    let noise = numbers.many(channels * height * width);
    Array::from_fn([channels, height, width], |c, y, x| {
        0.2 + 0.5 * x as f64 / width as f64 + 0.1 * f64::from(noise[(c * height + y) * width + x])
    })
}

fn default_network() -> Network {
    Network::read(DEFAULT).unwrap()
}

#[test]
fn the_fast_kinds_are_nearly_exact_on_the_default_network() {
    let (network, picture) = (default_network(), picture(3, 25, 31, 3));
    let exact = made(&network, "output", &picture, Isa::best(), Arithmetic::EXACT);
    for arithmetic in FAST {
        let distance = made(&network, "output", &picture, Isa::best(), arithmetic).distance(&exact);
        // Not nothing either: it must be another arithmetic.
        assert!((1e-6..4.0 / 255.0).contains(&distance), "{arithmetic:?}: {distance}");
    }
}

/// All x86 paths round alike, so a picture does not depend on the processor; plain Rust rounds sums of products twice.
#[test]
fn all_instruction_sets_make_the_same() {
    let (network, picture) = (default_network(), picture(3, 13, 17, 5));
    for arithmetic in FAST.into_iter().chain([Arithmetic::EXACT]) {
        let first = made(&network, "output", &picture, Isa::best(), arithmetic);
        for isa in Isa::available() {
            let distance = made(&network, "output", &picture, isa, arithmetic).distance(&first);
            let allowed = match (isa.name(), arithmetic == Arithmetic::EXACT) {
                ("portable", true) => 1e-4,
                ("portable", false) => 2.0 / 255.0,
                _ => 0.0,
            };
            assert!(distance <= allowed, "{arithmetic:?} on {}: {distance}", isa.name());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// One convolution: any number of channels, also more than one sum runs over.
    #[test]
    fn convolutions(seed: u32, channels in 1usize..200, outputs in 1usize..70, height in 1usize..15, width in 1usize..15) {
        let mut sketch = Sketch::new(channels, seed);
        let name = sketch.convolution("in", channels, outputs, 1);
        let picture = picture(channels, height, width, seed);
        let exact = made(&sketch.network, &name, &picture, Isa::best(), Arithmetic::EXACT);
        for arithmetic in FAST {
            for isa in Isa::available() {
                let distance = made(&sketch.network, &name, &picture, isa, arithmetic).distance(&exact);
                prop_assert!(distance < 4e-3, "{:?} on {}: {}", arithmetic, isa.name(), distance);
            }
        }
    }

    /// The budget holds for every filter, and for the pixels that are worst for it: those that are like it.
    #[test]
    fn sums_cannot_overflow(seed: u32, channels in 1usize..200, sharp in 0.0f32..8.0) {
        let mut numbers = Numbers::new(seed);
        // The sharper, the fewer weights are large.
        let taps: Vec<f32> = numbers.many(channels * 9).iter().map(|tap| tap.signum() * tap.abs().powf(sharp)).collect();
        let weights = Weights { outputs: 1, channels, taps };
        for (kind, group) in [(Kind::F4, GROUP), (Kind::F4, SMALL_GROUP), (Kind::F6, GROUP), (Kind::F6, SMALL_GROUP)] {
            let filter = Filter::integers(&weights, kind, 16, group).unwrap();
            let Filter::Integers { pairs, .. } = filter else { unreachable!() };
            let depth = pairs.len() / kind.positions() / 16;
            for position in 0..kind.positions() {
                for first in (0..depth).step_by(group / 2) {
                    let inside = first..depth.min(first + group / 2);
                    let weights = inside.map(|pair| pairs[(position * depth + pair) * 16]);
                    let weights: Vec<i64> = weights.flat_map(|pair| [i64::from(pair as i16), i64::from(pair >> 16)]).collect();
                    let norm = (weights.iter().map(|weight| weight * weight).sum::<i64>() as f64).sqrt();
                    prop_assert!(norm * f64::from(NORM) <= f64::from(i32::MAX));
                    prop_assert!(norm == 0.0 || norm > 16000.0, "the budget is used: {}", norm);
                    let worst = |weight: &i64| weight * (*weight as f64 * f64::from(NORM) / norm.max(1.0)).round() as i64;
                    prop_assert!(weights.iter().map(worst).sum::<i64>() <= i64::from(i32::MAX));
                }
            }
        }
    }

    /// Pixels of any size, also much larger and smaller than those of pictures.
    #[test]
    fn any_pixels(seed: u32, exponent in -25i32..25) {
        let mut sketch = Sketch::new(40, seed);
        let name = sketch.convolution("in", 40, 5, 1);
        for node in &mut sketch.network.nodes {
            node.inputs.truncate(2);
        }
        let mut picture = picture(40, 9, 8, seed);
        let scale = 2f64.powi(exponent);
        picture.data.iter_mut().for_each(|value| *value *= scale);
        let exact = made(&sketch.network, &name, &picture, Isa::best(), Arithmetic::EXACT);
        for arithmetic in &FAST[..2] {
            let distance = made(&sketch.network, &name, &picture, Isa::best(), *arithmetic).distance(&exact);
            prop_assert!(distance < 4e-3 * scale, "{:?}: {}", arithmetic, distance / scale);
        }
    }
}

/// What is no number must not come out as a picture.
#[test]
fn what_is_no_number_stays_so() {
    for (i, bad) in [f64::NAN, f64::INFINITY].into_iter().enumerate() {
        let mut picture = picture(3, 20, 20, 9);
        picture.data[3 * 20 + 7 + i] = bad;
        for arithmetic in FAST.into_iter().chain([Arithmetic::EXACT]) {
            let made = made(&default_network(), "output", &picture, Isa::best(), arithmetic);
            assert!(made.data.iter().any(|value| !value.is_finite()), "{arithmetic:?} with {bad}");
        }
    }
}
