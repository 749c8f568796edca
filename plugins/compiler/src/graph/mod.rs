//! The network as its ONNX file describes it: nodes, constants, inputs and outputs.
//!
//! It owns all its data, so the file's bytes can be freed after reading. It must never hold a constant whose number of
//! values disagrees with its shape.

mod nodes;
mod read_onnx;

pub use nodes::{Attribute, Constant, ConstantData, Graph, GraphInput, Node};
