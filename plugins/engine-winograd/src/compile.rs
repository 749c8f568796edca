//! Compiling a network for this engine, which is named in what is said of a network that cannot be run.

use enlarger::Result;
use enlarger_compiler::{CompiledGraph, Graph};

/// Compiles a network whose output is called `output`.
///
/// # Errors
/// `ModelInvalid`, with the operator's name, for a network that this engine cannot run.
pub(crate) fn compile(graph: &Graph, output: &str) -> Result<CompiledGraph> {
    enlarger_compiler::compile(graph, output, "winograd")
}
