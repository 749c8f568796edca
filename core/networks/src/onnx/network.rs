//! A network as its ONNX file lists it: nodes, tensors, inputs and outputs.
//!
//! It borrows from the file; a weight is never copied to be looked at.

use enlarger::Result;

use super::number::{graph, model, opset, value as number};
use super::tensor::{ElementType, Tensor, pair};
use super::{Budget, Node, Side, damaged, invalid};
use crate::protobuf::{Value, fields};

/// An input or output of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Port<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type of its values; `None` for what is no tensor.
    pub element: Option<ElementType>,
    /// The length of each dimension; `None` where the file does not even say how many there are.
    pub sides: Option<Vec<Side>>,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network<'a> {
    /// The version of the format.
    pub ir_version: i64,
    /// The program that wrote the file.
    pub producer: &'a str,
    /// The versions of the sets of operations that it uses, by who defined them.
    pub opsets: Vec<(&'a str, i64)>,
    /// What somebody noted in it.
    pub metadata: Vec<(&'a str, &'a str)>,
    /// The operations, in an order that they can run in.
    pub nodes: Vec<Node<'a>>,
    /// The tensors that it holds.
    pub tensors: Vec<Tensor<'a>>,
    /// What its user gives.
    pub inputs: Vec<Port<'a>>,
    /// What its user gets.
    pub outputs: Vec<Port<'a>>,
    /// Whether it defines operations of its own.
    pub has_functions: bool,
}

impl<'a> Network<'a> {
    /// Reads a file.
    ///
    /// # Errors
    /// `ModelInvalid` for what is no ONNX file, or one that contradicts itself; `Limit` for one of too many parts.
    pub fn read(file: &'a [u8]) -> Result<Self> {
        let mut network = Network::default();
        let mut found = None;
        let mut budget = Budget::new();
        for field in fields(file) {
            let (field, value) = field.ok_or_else(damaged)?;
            match field {
                model::IR_VERSION => network.ir_version = value.number().ok_or_else(damaged)?,
                model::PRODUCER => network.producer = value.text().ok_or_else(damaged)?,
                // Two of them would be one made of both, which no program writes.
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
                        "the network has sparse tensors, which no engine here runs; export it without",
                    ));
                }
                _ => continue,
            }
            budget.spend()?;
        }
        // Old files list their tensors among the inputs.
        let names: std::collections::HashSet<&str> = network.tensors.iter().map(|tensor| tensor.name).collect();
        network.inputs.retain(|input| !names.contains(input.name));
        Ok(network)
    }

    /// The tensor of this name, among those of the network and those that nodes hold.
    pub fn tensor(&self, name: &str) -> Option<&Tensor<'a>> {
        let held = || {
            let node = self.nodes.iter().find(|node| node.kind == "Constant" && node.outputs == [name])?;
            if let Some(super::Attribute::Tensor(tensor)) = node.attribute("value") { Some(tensor) } else { None }
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
    let mut port = Port { name: "", element: None, sides: None };
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
                let sides = port.sides.insert(Vec::new());
                for field in fields(value.bytes().ok_or_else(damaged)?) {
                    let (field, value) = field.ok_or_else(damaged)?;
                    if field == number::SHAPE_SIDE {
                        budget.spend()?;
                        sides.push(side(value).ok_or_else(damaged)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn side(value: Value<'_>) -> Option<Side> {
    let mut side = Side::Open;
    for field in fields(value.bytes()?) {
        match field? {
            // Some programs write 0 or -1 for what is open.
            (number::SIDE_LENGTH, value) => {
                side =
                    value.number().filter(|length| *length > 0).map_or(Side::Open, |length| Side::Fixed(length as u64));
            }
            (number::SIDE_NAME, value) => drop(value.text()?),
            _ => {}
        }
    }
    Some(side)
}
