//! Protobuf, the encoding of ONNX files: [`fields`] reads a message in place, [`Message`] writes one.

mod read;
mod write;

pub use read::{Fields, Value, fields};
pub use write::Message;
