//! Provenance: what made a result, and how files say it.

#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
pub(crate) mod provenance;
pub(crate) mod xmp;
