//! The interface of engines, and the tensors that a manifest promises.

pub(crate) mod contract;
#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
pub(crate) mod engine;
pub(crate) mod tensors;
