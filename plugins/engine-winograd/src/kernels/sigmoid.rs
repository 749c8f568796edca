//! The logistic function 1 / (1 + e⁻ˣ), for some vectors at a time.
//!
//! Its error is below 2e-7 on all numbers. The steps are the same on every instruction set, so that all but the
//! portable one agree to the last bit. What is not a number must never become one.

use std::f32::consts::{LN_2, LOG2_E};

use super::simd::{POWER_ROUNDING, Simd};

/// The greatest magnitude that is told from greater ones. Beyond it, the result is 0 or 1 to within 2e-38, and powers of
/// two would leave the range of floats.
const GREATEST: f32 = 87.0;

/// Factors of f, f² … f⁵ in 2^f - 1. On -½ to ½, the greatest relative error of 2^f is 1e-7.
const POWERS: [f32; 5] = [LN_2, 0.240_222_42, 0.055_507_336, 0.009_671_513, 0.001_326_472_7];

/// 1 + e⁻ˣ, whose inverse is the logistic function. The vectors take each step together, because a single one would wait
/// for each of its steps.
#[inline(always)]
pub(super) fn denominators<S: Simd, const M: usize>(simd: S, values: [S::F; M]) -> [S::F; M] {
    let (factor, rounding) = (simd.splat(-LOG2_E), simd.splat(POWER_ROUNDING));
    let (mut power, mut fraction, mut part) = (values, values, [simd.splat(POWERS[4]); M]);
    for i in 0..M {
        let value = simd.at_least(simd.splat(-GREATEST), simd.at_most(simd.splat(GREATEST), values[i]));
        let rounded = simd.mul_add(value, factor, rounding);
        fraction[i] = simd.mul_add(value, factor, simd.sub(rounding, rounded));
        power[i] = simd.power_of_two(rounded);
    }
    for factor in [POWERS[3], POWERS[2], POWERS[1], POWERS[0], 1.0] {
        for i in 0..M {
            part[i] = simd.mul_add(part[i], fraction[i], simd.splat(factor));
        }
    }
    for i in 0..M {
        part[i] = simd.mul_add(part[i], power[i], simd.splat(1.0));
    }
    part
}

/// The logistic function.
#[inline(always)]
pub(super) fn sigmoid<S: Simd>(simd: S, value: S::F) -> S::F {
    simd.div(simd.splat(1.0), denominators(simd, [value])[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::{InstructionSet, Kernel};

    struct Sigmoid(f32);

    impl Kernel for Sigmoid {
        type Output = f32;
        #[inline(always)]
        fn execute<S: Simd>(self, simd: S) -> f32 {
            let mut values = [0.0; 16];
            // SAFETY: no vector is longer than the array.
            unsafe { simd.store(values.as_mut_ptr(), sigmoid(simd, simd.splat(self.0))) };
            values[S::LANES - 1]
        }
    }

    #[test]
    fn sigmoid_is_exact_to_a_few_units_of_the_last_place() {
        let steps = (-4000..=4000).map(|i| i as f32 / 100.0);
        let extremes = [0.0, -0.0, 1e-30, 86.0, -86.0, 88.0, -88.0, 1e4, -1e4, f32::MAX, f32::MIN];
        for value in steps.chain(extremes) {
            let expected = 1.0 / (1.0 + (-f64::from(value)).exp());
            for isa in InstructionSet::available() {
                let found = isa.execute(Sigmoid(value));
                assert!((f64::from(found) - expected).abs() < 2e-7, "{} at {value}: {found}", isa.name());
            }
        }
        for isa in InstructionSet::available() {
            assert_eq!(isa.execute(Sigmoid(0.0)), 0.5, "{}", isa.name());
            assert_eq!(isa.execute(Sigmoid(f32::INFINITY)), 1.0, "{}", isa.name());
            assert!(isa.execute(Sigmoid(f32::NEG_INFINITY)).abs() < 1e-37, "{}", isa.name());
            assert!(isa.execute(Sigmoid(f32::NAN)).is_nan(), "{}", isa.name());
        }
    }
}
