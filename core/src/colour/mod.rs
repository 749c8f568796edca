//! Colour spaces: their names, tone curves, and conversion to linear light.

#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
pub(crate) mod colour;
pub(crate) mod conversion;
pub(crate) mod curve;
pub(crate) mod tones;
