//! Reads a network from an ONNX file: nodes, tensors, inputs and outputs.
//!
//! The result borrows from the file; weights are not copied.

use std::fmt;

use enlarger::Result;

use super::field_numbers::{graph, model, opset, value as number};
use super::limits::{Budget, damaged};
use super::tensor::{ElementType, Tensor, pair};
use super::{Attribute, Node};
use crate::errors::invalid;
use crate::protobuf::{Value, fields};

/// The length of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The only length that is allowed.
    Fixed(u64),
    /// Any length.
    Open,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dimension::Fixed(length) => write!(f, "{length}"),
            Dimension::Open => f.write_str("?"),
        }
    }
}

/// An input or output of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Port<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type of its values; `None` if it is not a tensor.
    pub element: Option<ElementType>,
    /// The length of each dimension; `None` if the file does not even give their number.
    pub shape: Option<Vec<Dimension>>,
}

/// A network, as its file lists it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network<'a> {
    /// The version of the format.
    pub ir_version: i64,
    /// The program that wrote the file.
    pub producer: &'a str,
    /// The versions of the operator sets that it uses, each with the domain that defines it (empty for ONNX itself).
    pub opsets: Vec<(&'a str, i64)>,
    /// The metadata, as pairs of key and value.
    pub metadata: Vec<(&'a str, &'a str)>,
    /// The operations, in an order in which they can run.
    pub nodes: Vec<Node<'a>>,
    /// The constant tensors, such as weights.
    pub tensors: Vec<Tensor<'a>>,
    /// The inputs that the caller has to give.
    pub inputs: Vec<Port<'a>>,
    /// The outputs that the caller gets.
    pub outputs: Vec<Port<'a>>,
    /// Whether it defines its own operators.
    pub has_functions: bool,
}

impl<'a> Network<'a> {
    /// Reads an ONNX file.
    ///
    /// # Errors
    /// `ModelInvalid` if it is not an ONNX file or contradicts itself; `Limit` if it has too many parts.
    pub fn read(file: &'a [u8]) -> Result<Self> {
        let mut network = Network::default();
        let mut found = None;
        let mut budget = Budget::new();
        for field in fields(file) {
            let (field, value) = field.ok_or_else(damaged)?;
            match field {
                model::IR_VERSION => network.ir_version = value.number().ok_or_else(damaged)?,
                model::PRODUCER => network.producer = value.text().ok_or_else(damaged)?,
                // By protobuf's rules two graphs would be merged, but no program writes that.
                model::GRAPH if found.is_some() => return Err(damaged()),
                model::GRAPH => found = Some(value.bytes().ok_or_else(damaged)?),
                model::OPSET => {
                    budget.spend()?;
                    network.opsets.push(version(value).ok_or_else(damaged)?);
                }
                model::METADATA => {
                    budget.spend()?;
                    network.metadata.push(pair(value).ok_or_else(damaged)?);
                }
                model::FUNCTION => network.has_functions = true,
                _ => {}
            }
        }
        for field in fields(found.ok_or_else(damaged)?) {
            let (field, value) = field.ok_or_else(damaged)?;
            let bytes = || value.bytes().ok_or_else(damaged);
            match field {
                graph::NODE => network.nodes.push(Node::read(bytes()?, &mut budget)?),
                graph::TENSOR => network.tensors.push(Tensor::read(bytes()?, &mut budget)?),
                graph::INPUT => network.inputs.push(port(bytes()?, &mut budget)?),
                graph::OUTPUT => network.outputs.push(port(bytes()?, &mut budget)?),
                graph::SPARSE_TENSOR => {
                    return Err(invalid(
                        "the network has sparse tensors, which no engine supports; export it without sparse tensors",
                    ));
                }
                _ => continue,
            }
            budget.spend()?;
        }
        // Old files list their constant tensors among the inputs too.
        let names: std::collections::HashSet<&str> = network.tensors.iter().map(|tensor| tensor.name).collect();
        network.inputs.retain(|input| !names.contains(input.name));
        Ok(network)
    }

    /// The constant tensor of this name: one of the network's, or the value of a `Constant` node.
    pub fn tensor(&self, name: &str) -> Option<&Tensor<'a>> {
        let held = || {
            let node = self.nodes.iter().find(|node| node.kind == "Constant" && node.outputs == [name])?;
            if let Some(Attribute::Tensor(tensor)) = node.attribute("value") { Some(tensor) } else { None }
        };
        self.tensors.iter().find(|tensor| tensor.name == name).or_else(held)
    }
}

fn version<'a>(value: Value<'a>) -> Option<(&'a str, i64)> {
    let (mut domain, mut version) = ("", 0);
    for field in fields(value.bytes()?) {
        match field? {
            (opset::DOMAIN, value) => domain = value.text()?,
            (opset::VERSION, value) => version = value.number()?,
            _ => {}
        }
    }
    Some((if domain == "ai.onnx" { "" } else { domain }, version))
}

fn port<'a>(message: &'a [u8], budget: &mut Budget) -> Result<Port<'a>> {
    let mut port = Port { name: "", element: None, shape: None };
    for field in fields(message) {
        match field.ok_or_else(damaged)? {
            (number::NAME, value) => port.name = value.text().ok_or_else(damaged)?,
            (number::TYPE, value) => {
                for field in fields(value.bytes().ok_or_else(damaged)?) {
                    let (field, value) = field.ok_or_else(damaged)?;
                    if field == number::TYPE_TENSOR {
                        tensor_type(value.bytes().ok_or_else(damaged)?, &mut port, budget)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(port)
}

fn tensor_type(message: &[u8], port: &mut Port<'_>, budget: &mut Budget) -> Result<()> {
    port.element = Some(ElementType(0));
    for field in fields(message) {
        match field.ok_or_else(damaged)? {
            (number::ELEMENT, value) => port.element = Some(ElementType(value.number().ok_or_else(damaged)?)),
            (number::SHAPE, value) => {
                let shape = port.shape.insert(Vec::new());
                for field in fields(value.bytes().ok_or_else(damaged)?) {
                    let (field, value) = field.ok_or_else(damaged)?;
                    if field == number::SHAPE_DIMENSION {
                        budget.spend()?;
                        shape.push(dimension(value).ok_or_else(damaged)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn dimension(value: Value<'_>) -> Option<Dimension> {
    let mut dimension = Dimension::Open;
    for field in fields(value.bytes()?) {
        match field? {
            // Some exporters write 0 or -1 for a dynamic dimension.
            (number::DIMENSION_LENGTH, value) => {
                dimension = value
                    .number()
                    .filter(|length| *length > 0)
                    .map_or(Dimension::Open, |length| Dimension::Fixed(length as u64));
            }
            (number::DIMENSION_NAME, value) => drop(value.text()?),
            _ => {}
        }
    }
    Some(dimension)
}
