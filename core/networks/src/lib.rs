//! Files of networks, read without running them: ONNX, and ncnn made into ONNX.
//!
//! What is in a file must be known before an engine is handed it, and a file from anywhere may be hostile. So nothing
//! here believes a length, a count or a path before it has been compared with what is there, copies weights that are
//! only looked at, or computes.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod message;
pub mod ncnn;
pub mod onnx;
pub mod protobuf;
