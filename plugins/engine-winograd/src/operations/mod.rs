//! The operations of a compiled graph: how each computes some rows of its result.
//!
//! An operation is prepared once (its weights are transformed and packed) and then executed for the rows of a task. It
//! must never decide which rows are computed; the scheduler does.

pub(crate) mod activation_rows;
pub(crate) mod arithmetic;
pub(crate) mod direct_convolution;
pub(crate) mod non_convolutions;
pub(crate) mod tensor_conversion;
pub(crate) mod winograd_convolution;
pub(crate) mod winograd_filter;
