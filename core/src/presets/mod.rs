//! Presets: which models serve what a person wants.

pub(crate) mod choice;
pub(crate) mod preset;
pub(crate) mod wear;
