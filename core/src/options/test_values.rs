//! What the tests of options share.

use crate::models::registry::Registry;
use crate::options::describe::{EngineList, OptionChoice};
use crate::options::kind::OptionValue;
use crate::presets::preset::Presets;

/// A machine with one engine.
pub(super) struct Machine;

impl EngineList for Machine {
    fn engines(&self) -> Vec<OptionChoice> {
        vec![OptionChoice::new("rten", "rten", "")]
    }

    fn devices(&self) -> Vec<OptionChoice> {
        vec![OptionChoice::new("cpu", "Processor", "")]
    }
}

/// The built-in models and presets.
pub(super) fn embedded() -> (Registry, Presets) {
    (Registry::search(&[]), Presets::open())
}

pub(super) fn text(text: &str) -> OptionValue {
    OptionValue::Text(text.to_owned())
}

pub(super) fn number(number: i64) -> OptionValue {
    OptionValue::Integer(number)
}
