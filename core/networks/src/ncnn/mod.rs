//! ncnn's file format, a `.param` and a `.bin` file, converted to ONNX.

mod bin_file;
mod convert;
mod layers;
mod param_file;
mod state;

pub use convert::convert;
