//! The parts of an ONNX graph that this engine understands.
//!
//! Pure data. Nothing here interprets an operator; the compiler does.

use std::collections::HashMap;

/// A tensor stored in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constant {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: ConstantData,
}

/// The values of a constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ConstantData {
    Floats(Vec<f32>),
    Integers(Vec<i64>),
}

impl Constant {
    pub(crate) fn floats(&self) -> Option<&[f32]> {
        if let ConstantData::Floats(values) = &self.data { Some(values) } else { None }
    }

    pub(crate) fn integers(&self) -> Option<&[i64]> {
        if let ConstantData::Integers(values) = &self.data { Some(values) } else { None }
    }
}

/// An attribute of a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Attribute {
    Float(f32),
    Integer(i64),
    Text(String),
    Integers(Vec<i64>),
    Constant(Constant),
    Other,
}

/// A node: an operator, its inputs, outputs and attributes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The name of the operator, such as `Conv`.
    pub(crate) kind: String,
    /// Names of values; empty if an optional input is left out.
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    pub(crate) attributes: HashMap<String, Attribute>,
}

impl Node {
    pub(crate) fn integer(&self, name: &str, default: i64) -> i64 {
        if let Some(Attribute::Integer(value)) = self.attributes.get(name) { *value } else { default }
    }

    pub(crate) fn float(&self, name: &str, default: f32) -> f32 {
        if let Some(Attribute::Float(value)) = self.attributes.get(name) { *value } else { default }
    }

    pub(crate) fn integers<'a>(&'a self, name: &str, default: &'a [i64]) -> &'a [i64] {
        if let Some(Attribute::Integers(values)) = self.attributes.get(name) { values } else { default }
    }

    pub(crate) fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        if let Some(Attribute::Text(value)) = self.attributes.get(name) { value } else { default }
    }
}

/// An input of the network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GraphInput {
    pub(crate) name: String,
    /// The dimensions; 0 for those that the file leaves open.
    pub(crate) shape: Vec<usize>,
}

/// An ONNX graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) constants: HashMap<String, Constant>,
    pub(crate) inputs: Vec<GraphInput>,
    pub(crate) outputs: Vec<String>,
}
