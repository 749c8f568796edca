//! The parts of an ONNX graph that the compiler understands.
//!
//! Pure data. Nothing here interprets an operator; the compiler does.

use std::collections::HashMap;

/// A tensor stored in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// The lengths of its axes.
    pub shape: Vec<usize>,
    /// As many values as the shape says, the last axis fastest.
    pub data: ConstantData,
}

/// The values of a constant.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstantData {
    /// Floating-point numbers, of whatever width in the file.
    Floats(Vec<f32>),
    /// Whole numbers, of whatever width in the file.
    Integers(Vec<i64>),
}

impl Constant {
    /// The values, if they are floating-point numbers.
    pub fn floats(&self) -> Option<&[f32]> {
        if let ConstantData::Floats(values) = &self.data { Some(values) } else { None }
    }

    /// The values, if they are whole numbers.
    pub fn integers(&self) -> Option<&[i64]> {
        if let ConstantData::Integers(values) = &self.data { Some(values) } else { None }
    }
}

/// An attribute of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// A number.
    Float(f32),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list of whole numbers.
    Integers(Vec<i64>),
    /// A tensor.
    Constant(Constant),
    /// Something that no operator known here has.
    Other,
}

/// A node: an operator, its inputs, outputs and attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The name of the operator, such as `Conv`.
    pub kind: String,
    /// Names of values; empty if an optional input is left out.
    pub inputs: Vec<String>,
    /// Names of the values that it computes.
    pub outputs: Vec<String>,
    /// The attributes by name.
    pub attributes: HashMap<String, Attribute>,
}

impl Node {
    /// An attribute that is a whole number; `default` if it is missing.
    pub fn integer(&self, name: &str, default: i64) -> i64 {
        if let Some(Attribute::Integer(value)) = self.attributes.get(name) { *value } else { default }
    }

    /// An attribute that is a number; `default` if it is missing.
    pub fn float(&self, name: &str, default: f32) -> f32 {
        if let Some(Attribute::Float(value)) = self.attributes.get(name) { *value } else { default }
    }

    /// An attribute that is a list of whole numbers; `default` if it is missing.
    pub fn integers<'a>(&'a self, name: &str, default: &'a [i64]) -> &'a [i64] {
        if let Some(Attribute::Integers(values)) = self.attributes.get(name) { values } else { default }
    }

    /// An attribute that is a text; `default` if it is missing.
    pub fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        if let Some(Attribute::Text(value)) = self.attributes.get(name) { value } else { default }
    }
}

/// An input of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphInput {
    /// The name by which nodes read it.
    pub name: String,
    /// The dimensions; 0 for those that the file leaves open.
    pub shape: Vec<usize>,
}

/// An ONNX graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The nodes, each after those whose results it reads.
    pub nodes: Vec<Node>,
    /// The constants by name.
    pub constants: HashMap<String, Constant>,
    /// The inputs.
    pub inputs: Vec<GraphInput>,
    /// The names of the outputs.
    pub outputs: Vec<String>,
}
