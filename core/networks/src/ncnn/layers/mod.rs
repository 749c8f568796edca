//! The kinds of ncnn layers: for each, a function that writes the same operation as ONNX.

pub(super) mod activation;
pub(super) mod arithmetic;
pub(super) mod convolution;
pub(super) mod pooling;
pub(super) mod shape;
