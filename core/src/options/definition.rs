//! The definition of an option: its key, type, default and texts.

use crate::error::{Error, ErrorKind, Result};
use crate::options::key::OptionKey;
use crate::options::kind::{OptionKind, OptionValue};

/// The part of a dialog that an option belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionGroup {
    /// The size of the result.
    Size,
    /// What most people choose.
    Main,
    /// What a dialog shows only on request.
    More,
    /// What a dialog shows on a page of its own: engines, devices and memory, which hardly anyone has to set.
    Advanced,
    /// What the host program sets itself, without asking.
    Host,
}

impl OptionGroup {
    /// The group's name: size, main, more, advanced or host.
    pub fn name(self) -> &'static str {
        match self {
            OptionGroup::Size => "size",
            OptionGroup::Main => "main",
            OptionGroup::More => "more",
            OptionGroup::Advanced => "advanced",
            OptionGroup::Host => "host",
        }
    }
}

/// When an option takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionScope {
    /// When an upscaler is created. It cannot change afterwards.
    Upscaler,
    /// For each plan and run.
    Run,
}

impl OptionScope {
    /// The scope's name: upscaler or run.
    pub fn name(self) -> &'static str {
        match self {
            OptionScope::Upscaler => "upscaler",
            OptionScope::Run => "run",
        }
    }
}

/// The definition of an option.
#[derive(Debug)]
#[non_exhaustive]
pub struct OptionDefinition {
    /// What it sets.
    pub key: OptionKey,
    /// The key as text. It never changes.
    pub name: &'static str,
    /// The type and range of its values.
    pub kind: OptionKind,
    /// The default as text; empty if it depends on the preset or model, and for bytes.
    pub default: &'static str,
    /// The part of a dialog that it belongs to.
    pub group: OptionGroup,
    /// When it takes effect.
    pub scope: OptionScope,
    /// A word or two for a dialog.
    pub label: &'static str,
    /// A sentence or two for a tooltip, without the range. Use [`OptionDefinition::help`] to add the automatic value.
    pub about: &'static str,
    /// The unit of a number, such as "px"; may be empty.
    pub unit: &'static str,
}

impl OptionDefinition {
    /// Converts a value to the option's type.
    ///
    /// # Errors
    /// `Argument` for a value of another type or out of range.
    pub fn read(&self, value: OptionValue) -> Result<OptionValue> {
        let given = match &value {
            OptionValue::Text(text) => format!("'{text}'"),
            OptionValue::Integer(number) => number.to_string(),
            OptionValue::Float(number) => number.to_string(),
            OptionValue::Boolean(_) => "a boolean".to_owned(),
            OptionValue::Bytes(_) => "a sequence of bytes".to_owned(),
            OptionValue::Mask(_) => "a mask".to_owned(),
        };
        self.kind.read(value).ok_or_else(|| {
            wrong(format!("{given} is not a valid value for the option '{}'; {}", self.name, self.kind.expected()))
        })
    }

    /// The text for a tooltip: what the option does and, for a number, what its automatic value stands for.
    pub fn help(&self) -> String {
        match self.kind {
            OptionKind::Integer { least, automatic: Some(meaning), .. } => {
                let least = least.to_string().replace('-', "−");
                format!("{} {least}: {meaning}.", self.about)
            }
            _ => self.about.to_owned(),
        }
    }
}

pub(crate) fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Argument, message)
}
