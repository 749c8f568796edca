//! The types of option values, and the one place where values are parsed and range-checked.
//!
//! Whether a preset or a model exists is checked in `settings.rs`. Nothing here may depend on the machine.

use std::sync::Arc;

use crate::pixels::mask::Mask;

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// One of an option's choices, or any value before it is parsed.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// On or off.
    Boolean(bool),
    /// Bytes, such as an ICC profile.
    Bytes(Arc<[u8]>),
    /// A mask.
    Mask(Mask),
}

/// The type and the range of an option's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// One of several texts.
    Choice(Choices),
    /// A whole number.
    Integer {
        /// The smallest value.
        least: i64,
        /// The largest value.
        most: i64,
        /// What the smallest value stands for, if it is not a number but leaves the decision to the library.
        automatic: Option<&'static str>,
    },
    /// A finite number.
    Float {
        /// The smallest value.
        least: f64,
        /// The largest value.
        most: f64,
    },
    /// On or off.
    Boolean,
    /// Bytes, such as an ICC profile.
    Bytes,
    /// A mask: a picture of the source's size.
    Mask,
}

/// Where the values of a choice come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choices {
    /// Pairs of a value and its label.
    Fixed(&'static [(&'static str, &'static str)]),
    /// The ids of the presets.
    Presets,
    /// The ids of the installed models.
    Models,
    /// The ids of the engines on this machine.
    Engines,
    /// The ids of the devices on this machine.
    Devices,
}

impl OptionKind {
    /// The type's name: choice, integer, float, boolean, bytes or mask.
    pub fn name(self) -> &'static str {
        match self {
            OptionKind::Choice(_) => "choice",
            OptionKind::Integer { .. } => "integer",
            OptionKind::Float { .. } => "float",
            OptionKind::Boolean => "boolean",
            OptionKind::Bytes => "bytes",
            OptionKind::Mask => "mask",
        }
    }

    /// Converts a value to this type; `None` if it has another type or is out of range. Of choices, only fixed ones are
    /// checked.
    pub fn read(self, value: OptionValue) -> Option<OptionValue> {
        let value = match (self, value) {
            (OptionKind::Integer { .. }, OptionValue::Text(text)) => OptionValue::Integer(text.trim().parse().ok()?),
            (OptionKind::Float { .. }, OptionValue::Text(text)) => OptionValue::Float(text.trim().parse().ok()?),
            (OptionKind::Float { .. }, OptionValue::Integer(number)) => OptionValue::Float(number as f64),
            (OptionKind::Boolean, OptionValue::Text(text)) => match text.trim() {
                "on" => OptionValue::Boolean(true),
                "off" => OptionValue::Boolean(false),
                _ => return None,
            },
            (OptionKind::Boolean, OptionValue::Integer(number @ 0..=1)) => OptionValue::Boolean(number == 1),
            (_, value) => value,
        };
        let fits = match (self, &value) {
            (OptionKind::Choice(Choices::Fixed(known)), OptionValue::Text(text)) => {
                known.iter().any(|(k, _)| k == text)
            }
            (OptionKind::Choice(_), OptionValue::Text(_))
            | (OptionKind::Bytes, OptionValue::Bytes(_))
            | (OptionKind::Mask, OptionValue::Mask(_)) => true,
            (OptionKind::Integer { least, most, .. }, OptionValue::Integer(n)) => (least..=most).contains(n),
            (OptionKind::Float { least, most }, OptionValue::Float(n)) => (least..=most).contains(n),
            (OptionKind::Boolean, OptionValue::Boolean(_)) => true,
            _ => false,
        };
        fits.then_some(value)
    }

    /// What to give instead of a wrong value, such as "give a whole number from 0 to 100".
    pub fn expected(self) -> String {
        match self {
            OptionKind::Choice(Choices::Fixed(known)) => {
                let values: Vec<&str> = known.iter().map(|(value, _)| *value).collect();
                format!("give one of {}", values.join(", "))
            }
            OptionKind::Choice(_) => "give one of its choices as text".to_owned(),
            OptionKind::Integer { least, most, .. } => format!("give a whole number from {least} to {most}"),
            // A range as wide as this says nothing.
            OptionKind::Float { most, .. } if most >= f64::from(f32::MAX) => "give a number".to_owned(),
            OptionKind::Float { least, most } => format!("give a number from {least} to {most}"),
            OptionKind::Boolean => "give on or off".to_owned(),
            OptionKind::Bytes => "give bytes".to_owned(),
            OptionKind::Mask => "give a picture of the source's size".to_owned(),
        }
    }

    /// The same without the value that leaves the decision to the library.
    #[must_use]
    pub fn without_automatic(self) -> Self {
        match self {
            OptionKind::Integer { least, most, automatic: Some(_) } => {
                OptionKind::Integer { least: least + 1, most, automatic: None }
            }
            other => other,
        }
    }
}
