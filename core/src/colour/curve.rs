//! Tone curves: from encoded values to linear light and back.
//!
//! Curves are fast, exact near black, and defined beyond 0 to 1. Any rising curve is evaluated through tables over the
//! leading bits of a float, so that the relative error (below 1e-5) is the same at every brightness. Negative values
//! mirror positive ones, as in the extended range of scRGB. A curve must never clip.

use std::sync::LazyLock;

use moxcms::ToneReprCurve;

/// log2 of the number of table entries for each power of two.
const STEP_BITS: u32 = 8;
const SHIFT: u32 = 23 - STEP_BITS;
/// The tables span 2^-40 to 2^4. Below is a line to 0. Above, the curve itself is evaluated, which is slow but rare.
const FIRST: u32 = (127 - 40) << STEP_BITS;
const LAST: u32 = (127 + 4) << STEP_BITS;

/// A tone curve.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    shape: Shape,
    decode: Vec<f32>,
    encode: Vec<f32>,
}

/// The definition of a curve for values from 0 on.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// ICC.1:2022, 10.18, function type 4, which includes all other types:
    /// (a x + b)^g + e from d on, c x + f below.
    Parametric { g: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64 },
    /// Samples at even distances over 0 to 1; beyond 1 the last slope continues.
    Sampled(Vec<f64>),
}

/// The curve of sRGB, IEC 61966-2-1.
pub(crate) static SRGB: LazyLock<Curve> = LazyLock::new(|| {
    Curve::new(Shape::Parametric {
        g: 2.4,
        a: 1.0 / 1.055,
        b: 0.055 / 1.055,
        c: 1.0 / 12.92,
        d: 0.04045,
        e: 0.0,
        f: 0.0,
    })
});

impl Shape {
    fn power(g: f64) -> Self {
        Shape::Parametric { g, a: 1.0, b: 0.0, c: 0.0, d: 0.0, e: 0.0, f: 0.0 }
    }

    fn decode(&self, x: f64) -> f64 {
        match self {
            Shape::Parametric { g, a, b, c, d, e, f } => {
                if x >= *d {
                    (a * x + b).max(0.0).powf(*g) + e
                } else {
                    c * x + f
                }
            }
            Shape::Sampled(samples) => {
                let last = samples.len() - 1;
                let position = x * last as f64;
                let i = (position.floor() as usize).min(last - 1);
                let mut slope = samples[i + 1] - samples[i];
                // A flat end cannot be inverted: white plus a rounding error would come back as millions.
                if position > last as f64 && slope <= 0.0 {
                    slope = 1.0 / last as f64;
                }
                samples[i] + slope * (position - i as f64)
            }
        }
    }

    /// The smallest x that decodes to `y`, found by bisection, which works for every rising curve.
    fn encode(&self, y: f64) -> f64 {
        let mut high = 1.0;
        while self.decode(high) < y && high < 1e6 {
            high *= 2.0;
        }
        let mut low = 0.0;
        for _ in 0..80 {
            let middle = (low + high) / 2.0;
            if self.decode(middle) < y { low = middle } else { high = middle }
        }
        high
    }
}

impl Curve {
    fn new(shape: Shape) -> Self {
        let table =
            |f: &dyn Fn(f64) -> f64| (FIRST..=LAST).map(|i| f(f64::from(f32::from_bits(i << SHIFT))) as f32).collect();
        Curve { decode: table(&|x| shape.decode(x)), encode: table(&|y| shape.encode(y)), shape }
    }

    /// The curve of an ICC profile; `None` if it does not rise from black to white.
    pub(crate) fn of_profile(curve: &ToneReprCurve) -> Option<Self> {
        let shape = match curve {
            ToneReprCurve::Lut(samples) => match samples.as_slice() {
                [] => Shape::power(1.0),
                // A fixed-point number with eight fractional bits.
                [gamma] => Shape::power(f64::from(*gamma) / 256.0),
                samples => Shape::Sampled(samples.iter().map(|v| f64::from(*v) / 65535.0).collect()),
            },
            ToneReprCurve::Parametric(parameters) => {
                let p: Vec<f64> = parameters.iter().map(|v| f64::from(*v)).collect();
                match p[..] {
                    [g] => Shape::power(g),
                    [g, a, b] => Shape::Parametric { g, a, b, c: 0.0, d: -b / a, e: 0.0, f: 0.0 },
                    [g, a, b, c] => Shape::Parametric { g, a, b, c: 0.0, d: -b / a, e: c, f: c },
                    [g, a, b, c, d] => Shape::Parametric { g, a, b, c, d, e: 0.0, f: 0.0 },
                    [g, a, b, c, d, e, f] => Shape::Parametric { g, a, b, c, d, e, f },
                    _ => return None,
                }
            }
        };
        let steps: Vec<f64> = (0..=256).map(|i| shape.decode(f64::from(i) / 256.0)).collect();
        let rises = steps.windows(2).all(|w| w[0] <= w[1]) && steps[256] - steps[0] > 0.5;
        (rises && steps.iter().all(|v| v.is_finite())).then(|| Curve::new(shape))
    }

    /// Converts encoded values to linear light, in place.
    pub(crate) fn decode(&self, values: &mut [f32]) {
        values.iter_mut().for_each(|v| *v = look_up(&self.decode, *v, |v| self.shape.decode(v)));
    }

    /// Converts linear light to encoded values, in place.
    pub(crate) fn encode(&self, values: &mut [f32]) {
        values.iter_mut().for_each(|v| *v = look_up(&self.encode, *v, |v| self.shape.encode(v)));
    }
}

fn look_up(table: &[f32], v: f32, exact: impl Fn(f64) -> f64) -> f32 {
    let bits = v.abs().to_bits();
    let index = bits >> SHIFT;
    let found = if (FIRST..LAST).contains(&index) {
        let i = (index - FIRST) as usize;
        let t = (bits & ((1 << SHIFT) - 1)) as f32 * (1.0 / (1 << SHIFT) as f32);
        table[i] + (table[i + 1] - table[i]) * t
    } else if index < FIRST {
        table[0] * (v.abs() * (1u64 << 40) as f32)
    } else {
        exact(f64::from(v.abs())) as f32
    };
    found.copysign(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves() -> Vec<Curve> {
        let sampled = (0..1024).map(|i| (65535.0 * (f64::from(i) / 1023.0).powf(2.2)).round() as u16).collect();
        let icc = [
            ToneReprCurve::Lut(vec![]),
            ToneReprCurve::Lut(vec![461]),
            ToneReprCurve::Lut(sampled),
            ToneReprCurve::Parametric(vec![2.2]),
            ToneReprCurve::Parametric(vec![
                1.0 / 0.45,
                1.0 / 1.099_296_8,
                0.099_296_8 / 1.099_296_8,
                1.0 / 4.5,
                0.081_242_86,
            ]),
        ];
        icc.iter().map(|c| Curve::of_profile(c).unwrap()).chain([SRGB.clone()]).collect()
    }

    #[test]
    fn encoding_inverts_decoding() {
        for curve in curves() {
            for i in 0..=100_000u32 {
                let v = i as f32 / 40_000.0 - 0.5; // -0.5 to 2
                let mut x = [v];
                curve.decode(&mut x);
                curve.encode(&mut x);
                // A sampled curve is flat near black and cannot be inverted there. At bends, the tables cut the corner
                // by less than a step of 16 bits.
                let slack = match curve.shape {
                    Shape::Sampled(_) => {
                        if v.abs() < 0.02 {
                            0.05
                        } else {
                            2e-4
                        }
                    }
                    Shape::Parametric { .. } => 1e-4,
                };
                assert!((x[0] - v).abs() < slack * v.abs().max(0.1), "{v} came back as {}", x[0]);
            }
            let mut ends = [0.0, 1.0, 100.0, -100.0];
            curve.decode(&mut ends);
            assert!(ends[0] == 0.0 && (ends[1] - 1.0).abs() < 1e-4 && ends[2] == -ends[3], "{ends:?}");
        }
    }

    /// The curves of many devices have a flat end.
    #[test]
    fn a_curve_with_a_flat_end_is_inverted() {
        let samples = (0..256u32).map(|i| (i * 257 + 1000).min(65535) as u16).collect();
        let curve = Curve::of_profile(&ToneReprCurve::Lut(samples)).unwrap();
        for v in [0.9, 1.0, 1.000_001, 1.5, 100.0] {
            let mut x = [v];
            curve.encode(&mut x);
            assert!((x[0] - v).abs() < 0.02 * v, "{v} became {}", x[0]);
        }
    }

    #[test]
    fn srgb_follows_the_formula() {
        for i in 0..=65535u32 {
            let v = f64::from(i) / 65535.0;
            let exact = if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
            let mut x = [v as f32];
            SRGB.decode(&mut x);
            // The table cuts the corner where the line and the power meet.
            assert!((f64::from(x[0]) - exact).abs() <= 5e-5 * exact, "{v}: {} for {exact}", x[0]);
        }
    }

    #[test]
    fn a_curve_that_does_not_rise_is_refused() {
        assert!(Curve::of_profile(&ToneReprCurve::Lut(vec![65535, 0])).is_none());
        assert!(Curve::of_profile(&ToneReprCurve::Lut(vec![7, 7, 7])).is_none());
        assert!(Curve::of_profile(&ToneReprCurve::Parametric(vec![f32::NAN])).is_none());
    }
}
