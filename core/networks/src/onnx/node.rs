//! Reads one node of a network: an operator, its inputs, outputs and attributes.

use enlarger::Result;

use super::field_numbers::{attribute as number, node};
use super::limits::{Budget, damaged};
use super::tensor::Tensor;
use crate::protobuf::{Value, fields};

/// One node of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// The operator, such as `Conv`.
    pub kind: &'a str,
    /// The domain that defines the operator; empty for ONNX itself.
    pub domain: &'a str,
    /// The names of the input values; empty for an optional input that is left out.
    pub inputs: Vec<&'a str>,
    /// The names of the output values.
    pub outputs: Vec<&'a str>,
    /// The attributes, by name.
    pub attributes: Vec<(&'a str, Attribute<'a>)>,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute<'a> {
    /// A float.
    Float(f32),
    /// An integer.
    Integer(i64),
    /// A string.
    Text(&'a [u8]),
    /// A list of integers.
    Integers(Vec<i64>),
    /// A tensor.
    Tensor(Tensor<'a>),
    /// A subgraph. It can use values of the network that are not listed among the node's inputs.
    Graph,
    /// Any other type; its value is not read.
    Other,
}

impl<'a> Node<'a> {
    pub(super) fn read(message: &'a [u8], budget: &mut Budget) -> Result<Self> {
        let mut read = Node { kind: "", domain: "", inputs: vec![], outputs: vec![], attributes: vec![] };
        for field in fields(message) {
            let (field, value) = field.ok_or_else(damaged)?;
            let text = || value.text().ok_or_else(damaged);
            budget.spend()?;
            match field {
                node::INPUT => read.inputs.push(text()?),
                node::OUTPUT => read.outputs.push(text()?),
                node::KIND => read.kind = text()?,
                node::DOMAIN => read.domain = text()?,
                node::ATTRIBUTE => read.attributes.push(attribute(value, budget)?),
                _ => {}
            }
        }
        if read.domain == "ai.onnx" {
            read.domain = "";
        }
        Ok(read)
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|(found, _)| *found == name).map(|(_, attribute)| attribute)
    }

    /// The list of integers of this name.
    pub fn integers(&self, name: &str) -> Option<&[i64]> {
        if let Some(Attribute::Integers(values)) = self.attribute(name) { Some(values) } else { None }
    }

    /// Whether an attribute is a subgraph.
    pub fn has_graph(&self) -> bool {
        self.attributes.iter().any(|(_, attribute)| *attribute == Attribute::Graph)
    }
}

fn attribute<'a>(value: Value<'a>, budget: &mut Budget) -> Result<(&'a str, Attribute<'a>)> {
    let (mut name, mut attribute, mut list) = ("", Attribute::Other, None);
    for field in fields(value.bytes().ok_or_else(damaged)?) {
        let (field, value) = field.ok_or_else(damaged)?;
        match field {
            number::NAME => name = value.text().ok_or_else(damaged)?,
            number::FLOAT => {
                let Value::Fixed(bits) = value else { return Err(damaged()) };
                attribute = Attribute::Float(f32::from_bits(bits));
            }
            number::INTEGER => attribute = Attribute::Integer(value.number().ok_or_else(damaged)?),
            number::TEXT => attribute = Attribute::Text(value.bytes().ok_or_else(damaged)?),
            number::TENSOR => {
                attribute = Attribute::Tensor(Tensor::read(value.bytes().ok_or_else(damaged)?, budget)?);
            }
            number::GRAPH | number::GRAPHS => attribute = Attribute::Graph,
            number::INTEGERS => {
                for number in value.numbers() {
                    budget.spend()?;
                    list.get_or_insert_with(Vec::new).push(number.ok_or_else(damaged)?);
                }
            }
            _ => {}
        }
    }
    Ok((name, list.map_or(attribute, Attribute::Integers)))
}
