//! The compiler: from the nodes of an ONNX graph to a compiled graph of fused operations.
//!
//! It goes through the nodes once and fuses at once whatever a convolution can do (`fuse.rs`). A node that cannot be
//! computed exactly as ONNX defines it is refused by name; nothing may be left out or guessed.

mod convolutions;
mod fuse;
mod gates;
mod lengths;
mod network_output;
mod operators;
mod pointwise;

use std::collections::HashMap;

use enlarger::{Error, ErrorKind, Result};

use crate::compiled_graph::{CompiledGraph, InputValue, Length, Operation, OperationKind, ValueId};
use crate::graph::{Constant, Graph, Node};

/// The most channels of a value; more are a sign of a damaged file.
const MAX_CHANNELS: usize = 1 << 14;

/// The most nodes of a network; more are a sign of a damaged file.
const MAX_NODES: usize = 20_000;

/// Compiles a network whose output is called `output`. `engine` is the id of the engine that will run it, for messages.
///
/// # Errors
/// `ModelInvalid`, with the operator's name, for a network that cannot be run.
pub fn compile(graph: &Graph, output: &str, engine: &str) -> Result<CompiledGraph> {
    let network = |error: Error| cannot_run(engine, "this network", &error);
    if graph.nodes.len() > MAX_NODES {
        return Err(network(refused(format!("it has {} nodes, more than {MAX_NODES}", graph.nodes.len()))));
    }
    let mut compiler = Compiler::new(graph, output);
    let inputs = compiler.add_inputs(graph).map_err(network)?;
    for node in &graph.nodes {
        let operator = |error: Error| cannot_run(engine, &format!("the operator {}", node.kind), &error);
        compiler.compile_node(node).map_err(operator)?;
    }
    compiler.finish(inputs, output).map_err(network)
}

/// The reason why a node or a network cannot be run: a clause, or nothing for an unknown operator. [`compile`] turns it
/// into a complete message.
fn refused(why: impl AsRef<str>) -> Error {
    Error::new(ErrorKind::ModelInvalid, why.as_ref())
}

/// The complete message: what cannot be run, why, and what to do.
fn cannot_run(engine: &str, what: &str, reason: &Error) -> Error {
    let why = if reason.message().is_empty() { String::new() } else { format!(": {}", reason.message()) };
    let message = format!("the {engine} engine cannot run {what}{why}; choose another engine (--engine ort) or model");
    Error::new(reason.kind(), message)
}

/// What a name in the graph stands for.
#[derive(Clone, Debug)]
enum Symbol<'a> {
    Constant(&'a Constant),
    /// Values whose channels follow one another.
    Values(Vec<ValueId>),
    /// A list of whole numbers that follow from the picture's size.
    Lengths(Vec<Length>),
}

struct Compiler<'a> {
    /// For each name that is only a copy, the name that it is a copy of.
    originals: HashMap<&'a str, &'a str>,
    /// How often each name is read.
    uses: HashMap<&'a str, usize>,
    symbols: HashMap<&'a str, Symbol<'a>>,
    operations: Vec<Operation>,
    channels: Vec<usize>,
    /// For each value, whether it has only one pixel.
    single: Vec<bool>,
}

impl<'a> Compiler<'a> {
    fn new(graph: &'a Graph, output: &'a str) -> Self {
        let mut compiler = Compiler {
            originals: HashMap::new(),
            uses: HashMap::new(),
            symbols: HashMap::new(),
            operations: Vec::new(),
            channels: Vec::new(),
            single: Vec::new(),
        };
        for node in &graph.nodes {
            if let ("Identity" | "Dropout", [from, ..], [to, ..]) = (node.kind.as_str(), &*node.inputs, &*node.outputs)
            {
                let original = compiler.original(from);
                compiler.originals.insert(to, original);
            } else {
                for name in &node.inputs {
                    *compiler.uses.entry(compiler.original(name)).or_default() += 1;
                }
            }
        }
        *compiler.uses.entry(compiler.original(output)).or_default() += 1;
        for (name, constant) in &graph.constants {
            compiler.symbols.insert(name, Symbol::Constant(constant));
        }
        compiler
    }

    /// Adds a value for each input of the graph.
    fn add_inputs(&mut self, graph: &'a Graph) -> Result<Vec<InputValue>> {
        let mut inputs = Vec::new();
        for input in &graph.inputs {
            let ([1, channels, sides @ ..], true) = (input.shape.as_slice(), input.shape.len() == 4) else {
                let why = format!("its input '{}' is not a single picture with a known number of channels", input.name);
                return Err(refused(why));
            };
            let value = self.add_value(*channels, sides == [1, 1])?;
            self.symbols.insert(&input.name, Symbol::Values(vec![value]));
            inputs.push(InputValue { name: input.name.clone(), value });
        }
        Ok(inputs)
    }

    /// The name that this one is a copy of, or the name itself.
    fn original(&self, name: &'a str) -> &'a str {
        self.originals.get(name).copied().unwrap_or(name)
    }

    fn symbol(&self, name: &'a str) -> Result<&Symbol<'a>> {
        self.symbols
            .get(self.original(name))
            .ok_or_else(|| refused(format!("it reads '{name}' before any node computes it")))
    }

    /// The constant that a node reads at this input, if it reads one.
    fn constant(&self, node: &'a Node, input: usize) -> Option<&'a Constant> {
        let name = node.inputs.get(input).filter(|name| !name.is_empty())?;
        if let Ok(Symbol::Constant(constant)) = self.symbol(name) { Some(constant) } else { None }
    }

    /// The values that a node reads at this input.
    fn values(&self, node: &'a Node, input: usize) -> Result<Vec<ValueId>> {
        let name = node.inputs.get(input).ok_or_else(|| refused("an input is missing"))?;
        match self.symbol(name)? {
            Symbol::Values(values) => Ok(values.clone()),
            Symbol::Constant(_) => Err(refused(format!("its input '{name}' is a constant"))),
            Symbol::Lengths(_) => Err(refused(format!("its input '{name}' is a list of lengths"))),
        }
    }

    /// The value that a node reads at this input; several are gathered into one.
    fn single_value(&mut self, node: &'a Node, input: usize) -> Result<ValueId> {
        let values = self.values(node, input)?;
        if let [value] = *values { Ok(value) } else { self.gather(&values) }
    }

    /// Gathers all channels of some values into one value.
    fn gather(&mut self, values: &[ValueId]) -> Result<ValueId> {
        let all = values.iter().enumerate();
        let channels = all.flat_map(|(i, value)| (0..self.channels[*value]).map(move |channel| (i, channel))).collect();
        self.add_operation(OperationKind::Gather(channels), values.to_vec(), self.total_channels(values))
    }

    fn total_channels(&self, values: &[ValueId]) -> usize {
        values.iter().map(|value| self.channels[*value]).sum()
    }

    /// Adds a value.
    fn add_value(&mut self, channels: usize, single: bool) -> Result<ValueId> {
        if channels == 0 || channels > MAX_CHANNELS {
            return Err(refused(format!("a value has {channels} channels (1 to {MAX_CHANNELS} are possible)")));
        }
        self.channels.push(channels);
        self.single.push(single);
        Ok(self.channels.len() - 1)
    }

    /// Adds an operation; returns its result.
    fn add_operation(&mut self, kind: OperationKind, inputs: Vec<ValueId>, channels: usize) -> Result<ValueId> {
        let grows =
            matches!(kind, OperationKind::Upsample(_) | OperationKind::Shuffle(_) | OperationKind::Extend { .. });
        let single = matches!(kind, OperationKind::Mean) || !grows && inputs.iter().all(|value| self.single[*value]);
        let output = self.add_value(channels, single)?;
        self.operations.push(Operation { kind, inputs, output });
        Ok(output)
    }

    /// The index of the operation that computes a value.
    fn producer(&self, value: ValueId) -> Option<usize> {
        self.operations.iter().position(|operation| operation.output == value)
    }
}

/// One number for each channel, from a constant that ONNX would broadcast to them.
fn per_channel(constant: &Constant, channels: usize) -> Option<Vec<f32>> {
    let values = constant.floats()?;
    if let [value] = values {
        return Some(vec![*value; channels]);
    }
    let channel_axis = match constant.shape.as_slice() {
        [1, n, 1, 1] | [n, 1, 1] => *n,
        _ => return None,
    };
    (channel_axis == channels).then(|| values.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT_MODEL: &[u8] = include_bytes!("../../../../core/models/realesr-general-x4v3/model.onnx");

    /// The nodes come first in the file. A damaged one that can still be read must be compiled or refused, not panic.
    #[test]
    fn damaged_files_are_compiled_or_refused() {
        let mut bytes = DEFAULT_MODEL.to_vec();
        let (mut read, mut refused) = (0, 0);
        for at in (0..4000).step_by(7) {
            let kept = bytes[at];
            for flipped in [kept ^ 0xff, kept ^ 1, kept ^ 0x80] {
                bytes[at] = flipped;
                match Graph::read(&bytes) {
                    Ok(graph) => {
                        read += 1;
                        refused += usize::from(compile(&graph, "output", "test").is_err());
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::ModelInvalid),
                }
            }
            bytes[at] = kept;
        }
        assert!(read > 100 && refused > 100 && refused < read, "{refused} of {read} were refused");
    }
}
