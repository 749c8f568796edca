//! One operation of a network, as its file lists it.

use enlarger::Result;

use super::number::{attribute as number, node};
use super::tensor::Tensor;
use super::{Budget, damaged};
use crate::protobuf::{Value, fields};

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// What it does.
    pub kind: &'a str,
    /// Who defined what it does; empty for ONNX itself.
    pub domain: &'a str,
    /// Names of values; empty where an optional one is left out.
    pub inputs: Vec<&'a str>,
    /// Names of values.
    pub outputs: Vec<&'a str>,
    /// What it says besides its inputs.
    pub attributes: Vec<(&'a str, Attribute<'a>)>,
}

/// What a node says besides its inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute<'a> {
    /// A float.
    Float(f32),
    /// An integer.
    Integer(i64),
    /// A text.
    Text(&'a [u8]),
    /// Integers.
    Integers(Vec<i64>),
    /// A tensor.
    Tensor(Tensor<'a>),
    /// A network inside the node, which can use values without naming them.
    Graph,
    /// Something that nobody here asks for.
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

    /// The integers of this name.
    pub fn integers(&self, name: &str) -> Option<&[i64]> {
        if let Some(Attribute::Integers(values)) = self.attribute(name) { Some(values) } else { None }
    }

    /// Whether there is a network inside it.
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
