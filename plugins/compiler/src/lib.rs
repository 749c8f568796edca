//! Turns ONNX networks into graphs of fused operations, for the engines of Enlarger that run them.
//!
//! An engine that has a kernel for each [`OperationKind`] can run every network that compiles. A network that contains
//! anything that cannot be computed exactly as ONNX defines it is refused, with the operator's name; nothing is left out or
//! guessed.
//!
//! Each room (a folder, or a file beside this one) may use only those above it in this list; `rooms.rs` checks that:
//!
//! | room | purpose |
//! |---|---|
//! | `size` | the size of a feature map |
//! | `graph` | the ONNX graph as it was read from the file |
//! | `compiled_graph` | the data structure that the compiler produces: fused operations in execution order |
//! | `compile` | graph → compiled graph |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod compile;
mod compiled_graph;
mod graph;
#[cfg(test)]
mod rooms;
mod size;

pub use compile::compile;
pub use compiled_graph::{
    BLOCK, Border, CompiledGraph, Convolution3x3, ConvolutionWeights, DirectConvolution, InputValue, LARGEST_SIDE,
    Length, MAX_PADDING, Map, Operation, OperationKind, OutputAssembly, RowDependency, Rule, Shuffle, ValueId,
};
pub use graph::{Attribute, Constant, ConstantData, Graph, GraphInput, Node};
pub use size::Size;
