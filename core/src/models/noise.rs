//! The noise level of a run: how much noise a model is told to remove.
//!
//! People choose a percentage, a model has a unit of its own, and later passes of a run have no noise left to remove.
//! This type says which of these is meant. Only [`NoiseLevel::value`] may turn a level into a number for a network.

use crate::error::{Error, ErrorKind, Result};
use crate::models::manifest::ExtraInput;

/// How much noise a model removes, if it has an input for a noise level. Other models ignore it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum NoiseLevel {
    /// The default in the model's manifest.
    #[default]
    ModelDefault,
    /// A percentage, 0 to [`NoiseLevel::MAX_PERCENT`], of the range that the model accepts.
    Percent(u8),
    /// A value in the model's own unit. Values outside the range that the model accepts are clamped to it.
    ModelUnit(f32),
    /// The picture has no noise: the lowest value that the model accepts.
    NoNoise,
}

impl NoiseLevel {
    /// The highest percentage.
    pub const MAX_PERCENT: u8 = 100;

    /// This level, or `other` if this one is [`NoiseLevel::ModelDefault`].
    #[must_use]
    pub fn or(self, other: NoiseLevel) -> NoiseLevel {
        if self == NoiseLevel::ModelDefault { other } else { self }
    }

    /// The value for a model's noise input.
    pub fn value(self, input: &ExtraInput) -> f32 {
        let value = match self {
            // Also where it lies outside the range and selects the network's own estimate.
            NoiseLevel::ModelDefault => return input.default,
            NoiseLevel::ModelUnit(value) if value == input.default => return value,
            NoiseLevel::Percent(percent) => {
                let range = input.maximum - input.minimum;
                input.minimum + range * f32::from(percent) / f32::from(Self::MAX_PERCENT)
            }
            NoiseLevel::ModelUnit(value) => value,
            NoiseLevel::NoNoise => input.minimum,
        };
        value.clamp(input.minimum, input.maximum)
    }

    /// # Errors
    /// `Argument` for a percentage above 100 or a value that is not a number.
    pub(crate) fn check(self) -> Result<()> {
        match self {
            NoiseLevel::Percent(percent) if percent > Self::MAX_PERCENT => Err(Error::new(
                ErrorKind::Argument,
                format!("the noise level is {percent} percent; give 0 to {}", Self::MAX_PERCENT),
            )),
            // Clamping lets NaN pass, and every tile of the result would be broken.
            NoiseLevel::ModelUnit(value) if value.is_nan() => {
                Err(Error::new(ErrorKind::Argument, "the noise level is not a number; give a number"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::manifest::ExtraInputKind;

    #[test]
    fn each_level_resolves_against_the_input() {
        let kind = ExtraInputKind::NoiseLevel;
        let input = ExtraInput { name: "noise".into(), kind, minimum: 0.1, maximum: 0.5, default: 0.3 };
        let cases = [
            (NoiseLevel::ModelDefault, 0.3),
            (NoiseLevel::Percent(0), 0.1),
            (NoiseLevel::Percent(25), 0.2),
            (NoiseLevel::Percent(100), 0.5),
            (NoiseLevel::ModelUnit(0.4), 0.4),
            (NoiseLevel::ModelUnit(f32::INFINITY), 0.5),
            (NoiseLevel::ModelUnit(-1.0), 0.1),
            (NoiseLevel::NoNoise, 0.1),
        ];
        for (level, expected) in cases {
            assert!(level.check().is_ok());
            assert!((level.value(&input) - expected).abs() < 1e-6, "{level:?}");
        }
        let estimates = ExtraInput { default: -1.0, ..input };
        assert_eq!(NoiseLevel::ModelDefault.value(&estimates), -1.0);
        assert_eq!(NoiseLevel::ModelUnit(-1.0).value(&estimates), -1.0);
        assert_eq!(NoiseLevel::ModelUnit(-0.5).value(&estimates), 0.1);
    }

    #[test]
    fn impossible_levels_are_refused() {
        for level in [NoiseLevel::Percent(101), NoiseLevel::ModelUnit(f32::NAN)] {
            assert_eq!(level.check().unwrap_err().kind(), ErrorKind::Argument, "{level:?}");
        }
    }

    #[test]
    fn an_explicit_level_wins() {
        let percent = NoiseLevel::Percent(5);
        assert_eq!(NoiseLevel::ModelDefault.or(percent), percent);
        assert_eq!(NoiseLevel::NoNoise.or(percent), NoiseLevel::NoNoise);
    }
}
