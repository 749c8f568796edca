//! Winograd's forms F(4x4, 3x3) and F(6x6, 3x3): how pixels, filters and products are transformed.
//!
//! A patch of N×N pixels gives M×M results. Between the transforms, a convolution is N·N independent matrix products.
//! The transforms are written for one line; applied to the columns and then to the rows, they transform a patch. They
//! must never be used for other sizes than their own.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use super::simd::Simd;

/// The points of F(4x4, 3x3) between 0 and infinity.
const SMALL: f32 = FRAC_1_SQRT_2 as f32;
const LARGE: f32 = SQRT_2 as f32;

/// A Winograd form: N×N pixels in, M×M results out.
pub(crate) trait Form<const N: usize, const M: usize>: Copy + Send + Sync {
    /// The filter's transform: for each of N points, the factors of a line's three taps.
    const FILTER: [[f64; 3]; N];

    fn input<S: Simd>(simd: S, line: [S::F; N]) -> [S::F; N];
    fn output<S: Simd>(simd: S, line: [S::F; N]) -> [S::F; M];
}

/// F(4x4, 3x3) with the points 0, ±√½, ±√2 and infinity. They lie closer together than the usual 0, ±1, ±2, so that
/// sums are smaller relative to their result, and rounding loses 5 dB less.
#[derive(Clone, Copy)]
pub(crate) struct F4;

impl Form<6, 4> for F4 {
    const FILTER: [[f64; 3]; 6] = [
        [1.0, 0.0, 0.0],
        [-2.0 / 3.0, -2.0 / 3.0 * FRAC_1_SQRT_2, -1.0 / 3.0],
        [-2.0 / 3.0, 2.0 / 3.0 * FRAC_1_SQRT_2, -1.0 / 3.0],
        [1.0 / 6.0, SQRT_2 / 6.0, 1.0 / 3.0],
        [1.0 / 6.0, -SQRT_2 / 6.0, 1.0 / 3.0],
        [0.0, 0.0, 1.0],
    ];

    #[inline(always)]
    fn input<S: Simd>(s: S, d: [S::F; 6]) -> [S::F; 6] {
        let times = |factor: f32, a, b| s.mul_add(s.splat(factor), a, b);
        let (even, odd) = (times(-2.0, d[2], d[4]), times(-2.0, d[1], d[3]));
        let (near, far) = (times(-0.5, d[2], d[4]), times(-0.5, d[1], d[3]));
        [
            times(-2.5, d[2], s.add(d[0], d[4])),
            times(SMALL, odd, even),
            times(-SMALL, odd, even),
            times(LARGE, far, near),
            times(-LARGE, far, near),
            times(-2.5, d[3], s.add(d[1], d[5])),
        ]
    }

    #[inline(always)]
    fn output<S: Simd>(s: S, m: [S::F; 6]) -> [S::F; 4] {
        let times = |factor: f32, a, b| s.mul_add(s.splat(factor), a, b);
        let (a, b) = (s.add(m[1], m[2]), s.sub(m[1], m[2]));
        let (c, d) = (s.add(m[3], m[4]), s.sub(m[3], m[4]));
        [
            s.add(s.add(m[0], a), c),
            times(LARGE, d, s.mul(s.splat(SMALL), b)),
            times(2.0, c, s.mul(s.splat(0.5), a)),
            times(2.0 * LARGE, d, times(0.5 * SMALL, b, m[5])),
        ]
    }
}

/// F(6x6, 3x3) with the points 0, ±1, ±2, ±1/2 and infinity: fewer products than F(4x4), but more rounding.
#[derive(Clone, Copy)]
pub(crate) struct F6;

impl Form<8, 6> for F6 {
    const FILTER: [[f64; 3]; 8] = [
        [1.0, 0.0, 0.0],
        [-2.0 / 9.0, -2.0 / 9.0, -2.0 / 9.0],
        [-2.0 / 9.0, 2.0 / 9.0, -2.0 / 9.0],
        [1.0 / 90.0, 1.0 / 45.0, 2.0 / 45.0],
        [1.0 / 90.0, -1.0 / 45.0, 2.0 / 45.0],
        [32.0 / 45.0, 16.0 / 45.0, 8.0 / 45.0],
        [32.0 / 45.0, -16.0 / 45.0, 8.0 / 45.0],
        [0.0, 0.0, 1.0],
    ];

    #[inline(always)]
    fn input<S: Simd>(s: S, d: [S::F; 8]) -> [S::F; 8] {
        let times = |factor: f32, a, b| s.mul_add(s.splat(factor), a, b);
        let (a, b) = (times(-4.25, d[4], s.add(d[2], d[6])), times(-4.25, d[3], s.add(d[1], d[5])));
        let (c, e) = (
            times(-1.25, d[4], times(0.25, d[2], d[6])),
            times(2.0, d[5], times(-2.5, d[3], s.mul(s.splat(0.5), d[1]))),
        );
        let (f, g) = (
            times(4.0, times(-1.25, d[4], d[2]), d[6]),
            times(0.5, d[5], times(-2.5, d[3], s.mul(s.splat(2.0), d[1]))),
        );
        [
            times(5.25, s.sub(d[4], d[2]), s.sub(d[0], d[6])),
            s.add(a, b),
            s.sub(a, b),
            s.add(c, e),
            s.sub(c, e),
            s.add(f, g),
            s.sub(f, g),
            times(5.25, s.sub(d[3], d[5]), s.sub(d[7], d[1])),
        ]
    }

    #[inline(always)]
    fn output<S: Simd>(s: S, m: [S::F; 8]) -> [S::F; 6] {
        let times = |factor: f32, a, b| s.mul_add(s.splat(factor), a, b);
        let (a, b) = (s.add(m[1], m[2]), s.sub(m[1], m[2]));
        let (c, d) = (s.add(m[3], m[4]), s.sub(m[3], m[4]));
        let (e, f) = (s.add(m[5], m[6]), s.sub(m[5], m[6]));
        [
            s.add(s.add(m[0], a), s.add(c, e)),
            times(0.5, f, times(2.0, d, b)),
            times(0.25, e, times(4.0, c, a)),
            times(0.125, f, times(8.0, d, b)),
            times(0.0625, e, times(16.0, c, a)),
            times(0.03125, f, times(32.0, d, s.add(m[7], b))),
        ]
    }
}

/// Implements [`Kernel`](super::simd::Kernel) for each form. It is a macro because the sizes of a form are constants of
/// its type.
macro_rules! kernel_for_each_form {
    ($kernel:ident => $execute:ident) => {
        $crate::kernels::winograd_forms::kernel_for_each_form!($kernel => $execute, $crate::kernels::winograd_forms::F4, 6, 4);
        $crate::kernels::winograd_forms::kernel_for_each_form!($kernel => $execute, $crate::kernels::winograd_forms::F6, 8, 6);
    };
    ($kernel:ident => $execute:ident, $form:ty, $n:literal, $m:literal) => {
        impl<E: Element> Kernel for $kernel<'_, E, $form> {
            type Output = ();
            #[inline(always)]
            fn execute<S: Simd>(self, simd: S) {
                $execute::<S, E, $form, $n, $m>(simd, self);
            }
        }
    };
}

pub(super) use kernel_for_each_form;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Portable;

    /// Compares a line of three taps over a line of pixels, by Winograd's method, with the sum of products.
    fn check<F: Form<N, M>, const N: usize, const M: usize>() {
        let pixels: [f32; N] = std::array::from_fn(|i| ((i * 7 + 3) % 5) as f32 - 1.5);
        let taps = [0.75, -0.5, 0.25];
        let filter: [f32; N] = std::array::from_fn(|i| (0..3).map(|k| F::FILTER[i][k] * taps[k]).sum::<f64>() as f32);
        let transformed = F::input(Portable, pixels.map(|pixel| [pixel; 4]));
        let products = std::array::from_fn(|i| transformed[i].map(|value| value * filter[i]));
        for (i, result) in F::output(Portable, products).iter().enumerate() {
            let expected: f64 = (0..3).map(|k| f64::from(pixels[i + k]) * taps[k]).sum();
            assert!((f64::from(result[0]) - expected).abs() < 1e-5, "{i}: {} instead of {expected}", result[0]);
        }
    }

    #[test]
    fn products_of_transforms_are_convolutions() {
        check::<F4, 6, 4>();
        check::<F6, 8, 6>();
    }
}
