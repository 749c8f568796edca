//! Network files, read without running them: ONNX, and formats that are converted to ONNX.
//!
//! Enlarger must know what a file contains before it hands the file to an engine, and any file may be hostile. So this
//! crate checks every length, count and path against the file before using it, never copies weights only to look at
//! them, and never computes with them.
//!
//! Each format has a folder: [`onnx`] reads, judges, changes and writes ONNX; [`ncnn`] converts `.param` and `.bin` files;
//! [`checkpoints`] reads the files of PyTorch and safetensors.
//! A further format gets a folder of its own beside them and writes its result with [`onnx::Builder`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod architectures;
pub mod checkpoints;
mod errors;
pub mod ncnn;
pub mod onnx;
pub mod protobuf;
