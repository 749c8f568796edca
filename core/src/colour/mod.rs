//! What the numbers of a picture mean as colour.

#[expect(clippy::module_inception, reason = "the file has the name of its noun")]
pub(crate) mod colour;
pub(crate) mod conversion;
pub(crate) mod curve;
