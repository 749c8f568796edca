//! The interface of engines, and what a manifest promises about their tensors.

pub(crate) mod contract;
#[expect(clippy::module_inception, reason = "the file has the name of its noun")]
pub(crate) mod engine;
pub(crate) mod tensors;
