//! The difference between two results of a network, and whether anybody could see it.
//!
//! The bounds are for the sample pictures. They must never be widened for one engine or device.

use std::fmt;

/// How far two results are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The signal-to-noise ratio in dB, for a signal of 1.
    pub decibels: f64,
    /// The greatest difference of two values.
    pub greatest: f64,
}

impl Difference {
    /// The least signal-to-noise ratio that is nearly nothing, in dB. The promise is 65 dB and 4/255 on any photo, print or line
    /// art. A user's pictures differ from the samples and are larger, so the samples must do better.
    ///
    /// Two decibels better: rounding noise grows with contrast, and the samples have as much of it as possible. No network and
    /// arithmetic tried so far was more than 0.9 dB worse on the fixed set of `tests/tests/precision.rs` than on the samples.
    const LEAST_DECIBELS: f64 = 65.0 + 2.0;

    /// The greatest difference that is nearly nothing. A quarter less than promised: the greatest of many differences grows with
    /// their number, but slowly (by a quarter for normally distributed ones, from the 110 000 of a sample to the 50 million of an
    /// enlarged megapixel).
    const GREATEST: f64 = 0.75 * 4.0 / 255.0;

    /// No difference at all.
    pub const NONE: Difference = Difference { decibels: f64::INFINITY, greatest: 0.0 };

    /// The difference between two results of the same size. A value that is not a number counts as infinitely wrong.
    pub fn between(actual: &[f32], expected: &[f32]) -> Self {
        let (mut squares, mut greatest) = (0.0, 0.0f64);
        for (a, b) in actual.iter().zip(expected) {
            let difference = f64::from(a - b).abs();
            let difference = if difference.is_nan() { f64::INFINITY } else { difference };
            squares += difference * difference;
            greatest = greatest.max(difference);
        }
        Difference { decibels: -10.0 * (squares / expected.len() as f64).log10(), greatest }
    }

    /// Whether nobody sees the difference on the sample pictures, nor on any other: at least 67 dB, and at most 3/255.
    pub fn is_nearly_nothing(self) -> bool {
        self.decibels >= Difference::LEAST_DECIBELS && self.greatest <= Difference::GREATEST
    }

    /// The worse of both values of two differences.
    pub fn or_worse(self, other: Self) -> Self {
        Difference { decibels: self.decibels.min(other.decibels), greatest: self.greatest.max(other.greatest) }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} dB, at most {:.1}/255", self.decibels, 255.0 * self.greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_measured() {
        let zero = [0.0; 4];
        let none = Difference::between(&zero, &zero);
        assert_eq!(none, Difference::NONE);
        let half = Difference::between(&[0.5, 0.0, 0.0, 0.0], &zero);
        assert!((half.decibels - 12.04).abs() < 0.01 && half.greatest == 0.5);
        let wrong = Difference::between(&[f32::NAN, 0.0, 0.0, 0.0], &zero);
        assert_eq!(wrong, Difference { decibels: f64::NEG_INFINITY, greatest: f64::INFINITY });
        assert!(none.is_nearly_nothing() && !half.is_nearly_nothing() && !wrong.is_nearly_nothing());
        assert_eq!(none.or_worse(half), half);
        assert_eq!(half.to_string(), "12.0 dB, at most 127.5/255");
    }
}
