//! Takes conversions out of a network that convert nothing any more, once all its floats have the same type.
//!
//! An engine for plain convolutions need not know the operator Cast. A Cast goes only if its input is certainly a float.

use std::collections::HashSet;

use enlarger::Result;

use super::field_numbers::{graph, node};
use super::limits::damaged;
use super::rewrite::with_graph;
use super::tensor::ElementType;
use super::{Attribute, Network, Node};
use crate::protobuf::{Message, fields};

/// Operators whose result has the type of their first input.
#[rustfmt::skip]
const KEEP_THE_TYPE: &[&str] = &[
    "Abs", "Add", "AveragePool", "BatchNormalization", "Clip", "Concat", "Conv", "ConvTranspose", "DepthToSpace", "Div",
    "Dropout", "Elu", "Erf", "Exp", "Flatten", "Gather", "Gelu", "GlobalAveragePool", "HardSigmoid", "HardSwish",
    "Identity", "InstanceNormalization", "LayerNormalization", "LeakyRelu", "MatMul", "MaxPool", "Mul", "Neg", "PRelu",
    "Pad", "Pow", "ReduceMean", "Relu", "Reshape", "Resize", "Sigmoid", "Slice", "Softmax", "Sqrt", "Squeeze", "Sub",
    "Tanh", "Transpose", "Unsqueeze", "Upsample", "Split",
];

/// Returns a network whose floats are all 32-bit ones, with each Cast from a float to a float replaced by an Identity.
///
/// # Errors
/// As [`Network::read`].
pub(super) fn without_idle_casts(file: &[u8]) -> Result<Vec<u8>> {
    let network = Network::read(file)?;
    let mut idle = idle_casts(&network).into_iter();
    with_graph(file, |field, bytes| {
        let is_idle = field == graph::NODE && idle.next() == Some(true);
        if is_idle { identity(bytes).map(Some) } else { Ok(None) }
    })
}

/// For each node, whether it is such a Cast.
fn idle_casts(network: &Network<'_>) -> Vec<bool> {
    let float = |element: Option<ElementType>| element == Some(ElementType::F32);
    let inputs = network.inputs.iter().filter(|port| float(port.element)).map(|port| port.name);
    let tensors = network.tensors.iter().filter(|tensor| float(Some(tensor.element))).map(|tensor| tensor.name);
    let mut floats: HashSet<&str> = inputs.chain(tensors).collect();
    let mut idle = Vec::new();
    for node in &network.nodes {
        let of_float = node.inputs.first().is_some_and(|name| floats.contains(name));
        let to_float = node.kind == "Cast" && node.attribute("to") == Some(&Attribute::Integer(ElementType::F32.0));
        idle.push(to_float && of_float);
        if to_float || (of_float && keeps_the_type(node)) || holds_a_float(node) {
            floats.extend(node.outputs.iter().copied());
        }
    }
    idle
}

fn keeps_the_type(node: &Node<'_>) -> bool {
    KEEP_THE_TYPE.contains(&node.kind)
}

fn holds_a_float(node: &Node<'_>) -> bool {
    let tensor = node.attribute("value").filter(|_| node.kind == "Constant");
    matches!(tensor, Some(Attribute::Tensor(tensor)) if tensor.element == ElementType::F32)
}

/// The node with the operator Identity in place of its own, and without attributes.
fn identity(message: &[u8]) -> Result<Message> {
    let mut copy = Message::new();
    for field in fields(message) {
        match field.ok_or_else(damaged)? {
            (node::KIND, _) => drop(copy.text(node::KIND, "Identity")),
            (node::ATTRIBUTE, _) => {}
            (field, value) => drop(copy.value(field, value)),
        }
    }
    Ok(copy)
}
