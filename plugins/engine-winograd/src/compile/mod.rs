//! From a network's nodes to a plan of fused steps.
//!
//! One pass over the nodes; what can happen inside a convolution is put there at once (`fuse.rs`). A node that cannot be run
//! exactly as ONNX defines it is refused by name; nothing may be left out or guessed.

mod finish;
mod fuse;
mod nodes;

use std::collections::HashMap;

use enlarger::{Error, ErrorKind, Result};

use crate::kernels::simd::BLOCK;
use crate::network::{Constant, Network, Node};
use crate::plan::{Given, Op, Plan, Step, ValueId};

/// More channels than these are a mistake.
const MOST_CHANNELS: usize = 1 << 14;

/// More nodes than these are a mistake too.
const MOST_NODES: usize = 20_000;

/// Compiles a network whose result is called `output`.
///
/// # Errors
/// `ModelInvalid`, with the operator's name, for a network that this engine cannot run.
pub(crate) fn compile(network: &Network, output: &str) -> Result<Plan> {
    if network.nodes.len() > MOST_NODES {
        return Err(refused(format!("a network of {} nodes", network.nodes.len())));
    }
    let mut compiler = Compiler::new(network, output);
    let mut inputs = Vec::new();
    for input in &network.inputs {
        let ([1, channels, sides @ ..], true) = (input.shape.as_slice(), input.shape.len() == 4) else {
            return Err(refused(format!("its input '{}' is not one picture of known channels", input.name)));
        };
        let value = compiler.value(*channels, sides == [1, 1])?;
        compiler.symbols.insert(&input.name, Symbol::Values(vec![value]));
        inputs.push(Given { name: input.name.clone(), value });
    }
    for node in &network.nodes {
        compiler
            .node(node)
            .map_err(|error| Error::new(error.kind(), format!("the operator {}: {}", node.kind, error.message())))?;
    }
    compiler.finish(inputs, output)
}

/// An error that sends the model to another engine.
fn refused(why: impl AsRef<str>) -> Error {
    let why = why.as_ref();
    Error::new(ErrorKind::ModelInvalid, format!("{why}, which winograd cannot run; take the engine ort or rten"))
}

/// What a name in the network stands for.
#[derive(Clone, Debug)]
enum Symbol<'a> {
    Constant(&'a Constant),
    /// Values whose channels follow one another.
    Values(Vec<ValueId>),
}

struct Compiler<'a> {
    /// What copies are copies of.
    originals: HashMap<&'a str, &'a str>,
    /// How often each name is read.
    uses: HashMap<&'a str, usize>,
    symbols: HashMap<&'a str, Symbol<'a>>,
    steps: Vec<Step>,
    channels: Vec<usize>,
    /// Whether a value has one pixel only.
    single: Vec<bool>,
}

impl<'a> Compiler<'a> {
    fn new(network: &'a Network, output: &'a str) -> Self {
        let mut compiler = Compiler {
            originals: HashMap::new(),
            uses: HashMap::new(),
            symbols: HashMap::new(),
            steps: Vec::new(),
            channels: Vec::new(),
            single: Vec::new(),
        };
        for node in &network.nodes {
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
        for (name, constant) in &network.constants {
            compiler.symbols.insert(name, Symbol::Constant(constant));
        }
        compiler
    }

    fn original(&self, name: &'a str) -> &'a str {
        self.originals.get(name).copied().unwrap_or(name)
    }

    fn symbol(&self, name: &'a str) -> Result<&Symbol<'a>> {
        self.symbols.get(self.original(name)).ok_or_else(|| refused(format!("it reads '{name}' before that is made")))
    }

    /// The constant that a node reads at this place, if it is one.
    fn constant(&self, node: &'a Node, place: usize) -> Option<&'a Constant> {
        let name = node.inputs.get(place).filter(|name| !name.is_empty())?;
        if let Ok(Symbol::Constant(constant)) = self.symbol(name) { Some(constant) } else { None }
    }

    /// The values that a node reads at this place.
    fn values(&self, node: &'a Node, place: usize) -> Result<Vec<ValueId>> {
        let name = node.inputs.get(place).ok_or_else(|| refused("an input is missing"))?;
        match self.symbol(name)? {
            Symbol::Values(values) => Ok(values.clone()),
            Symbol::Constant(_) => Err(refused(format!("its input '{name}' is a constant"))),
        }
    }

    /// The one value that a node reads at this place; several are put together.
    fn one(&mut self, node: &'a Node, place: usize) -> Result<ValueId> {
        let values = self.values(node, place)?;
        if let [value] = *values { Ok(value) } else { self.gather(&values) }
    }

    /// Puts all channels of some values into one.
    fn gather(&mut self, values: &[ValueId]) -> Result<ValueId> {
        let all = values.iter().enumerate();
        let channels = all.flat_map(|(i, value)| (0..self.channels[*value]).map(move |channel| (i, channel))).collect();
        self.step(Op::Gather(channels), values.to_vec(), self.total(values))
    }

    fn total(&self, values: &[ValueId]) -> usize {
        values.iter().map(|value| self.channels[*value]).sum()
    }

    /// A new value.
    fn value(&mut self, channels: usize, single: bool) -> Result<ValueId> {
        if channels == 0 || channels > MOST_CHANNELS {
            return Err(refused(format!("a picture of {channels} channels")));
        }
        self.channels.push(channels);
        self.single.push(single);
        Ok(self.channels.len() - 1)
    }

    /// A new step, and its result.
    fn step(&mut self, op: Op, inputs: Vec<ValueId>, channels: usize) -> Result<ValueId> {
        let grows = matches!(op, Op::Upsample(_) | Op::Shuffle(_) | Op::Mirror(_));
        let single = matches!(op, Op::Mean) || !grows && inputs.iter().all(|value| self.single[*value]);
        let output = self.value(channels, single)?;
        self.steps.push(Step { op, inputs, output });
        Ok(output)
    }

    /// The step that makes a value.
    fn maker(&self, value: ValueId) -> Option<usize> {
        self.steps.iter().position(|step| step.output == value)
    }

    /// Several values as one list of channels, where blocks allow it.
    fn join(&mut self, values: Vec<ValueId>) -> Result<Vec<ValueId>> {
        let whole = |value: &ValueId| self.channels[*value].is_multiple_of(BLOCK);
        let [most @ .., _] = values.as_slice() else { return Err(refused("nothing is put together")) };
        if most.iter().all(whole) { Ok(values) } else { Ok(vec![self.gather(&values)?]) }
    }
}

/// One number for each channel out of a constant that ONNX would broadcast to them.
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
