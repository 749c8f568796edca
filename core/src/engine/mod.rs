//! The interface of engines, the tensors that a manifest promises, and the sample pictures on which engines are compared.

pub(crate) mod contract;
pub(crate) mod difference;
#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
pub(crate) mod engine;
pub(crate) mod sample;
pub(crate) mod tensors;
