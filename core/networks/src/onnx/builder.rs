//! Writes ONNX files.
//!
//! Networks in other formats are converted with this. The same calls always give the same bytes.

use half::f16;

use super::field_numbers::{attribute, graph, model, node, opset, tensor, value};
use super::{Dimension, ElementType};
use crate::protobuf::Message;

/// Versions that every engine of Enlarger reads.
const IR_VERSION: i64 = 8;
/// The version of the operators, unless one is used that is newer.
const OPSET: i64 = 13;

/// The value of an attribute to be written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting<'a> {
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f32),
    /// A string.
    Text(&'a str),
    /// A list of integers.
    Integers(&'a [i64]),
}

/// An ONNX file under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    nodes: Message,
    tensors: Message,
    ports: Message,
    made: u32,
    /// The version that an operator needs; 0 if none needs a newer one than all others.
    opset: i64,
}

impl Setting<'_> {
    /// The attribute of this name, as files contain it.
    pub(super) fn attribute(&self, name: &str) -> Message {
        let mut attribute = Message::new();
        attribute.text(attribute::NAME, name);
        let kind = match self {
            Setting::Integer(value) => {
                attribute.number(attribute::INTEGER, *value);
                attribute::TYPE_INTEGER
            }
            Setting::Float(value) => {
                attribute.float(attribute::FLOAT, *value);
                attribute::TYPE_FLOAT
            }
            Setting::Text(value) => {
                attribute.text(attribute::TEXT, value);
                attribute::TYPE_TEXT
            }
            Setting::Integers(values) => {
                // Not packed, because some engines cannot read packed integers here.
                for value in *values {
                    attribute.number(attribute::INTEGERS, *value);
                }
                attribute::TYPE_INTEGERS
            }
        };
        attribute.number(attribute::TYPE, kind);
        attribute
    }
}

impl Builder {
    /// An empty network.
    pub fn new() -> Self {
        Builder::default()
    }

    /// Makes the network one of this version of the operators, if it would be one of an earlier version.
    pub fn needs_opset(&mut self, version: i64) {
        self.opset = self.opset.max(version);
    }

    /// A new name that begins with this word and that no other value of this builder has.
    pub fn fresh(&mut self, word: &str) -> String {
        self.made += 1;
        format!("{word}__{}", self.made)
    }

    /// Adds a constant tensor of floats under this name.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let mut tensor = begin_tensor(name, shape, ElementType::F32);
        tensor.floats(tensor::RAW, values);
        self.tensors.message(graph::TENSOR, &tensor);
    }

    /// Adds a constant list of integers under this name.
    pub fn integers(&mut self, name: &str, values: &[i64]) {
        let mut tensor = begin_tensor(name, &[values.len()], ElementType::I64);
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensor.field(tensor::RAW, &bytes);
        self.tensors.message(graph::TENSOR, &tensor);
    }

    /// Adds a constant tensor of floats under a new name, and returns the name.
    pub fn constant(&mut self, shape: &[usize], values: &[f32]) -> String {
        let name = self.fresh("constant");
        self.floats(&name, shape, values);
        name
    }

    /// Adds a constant list of integers under a new name, and returns the name.
    pub fn numbers(&mut self, values: &[i64]) -> String {
        let name = self.fresh("numbers");
        self.integers(&name, values);
        name
    }

    /// Adds a node that applies the operator `kind`. Nodes must be added in an order in which they can run.
    pub fn node(&mut self, kind: &str, inputs: &[&str], output: &str, settings: &[(&str, Setting<'_>)]) {
        self.node_of(kind, inputs, &[output], settings);
    }

    /// Adds a node with several outputs.
    pub fn node_of(&mut self, kind: &str, inputs: &[&str], outputs: &[&str], settings: &[(&str, Setting<'_>)]) {
        let mut node = Message::new();
        for input in inputs {
            node.text(node::INPUT, input);
        }
        for output in outputs {
            node.text(node::OUTPUT, output);
        }
        // The output's name is unique, so it serves as the node's name too.
        node.text(node::NAME, outputs.first().unwrap_or(&"")).text(node::KIND, kind);
        for (name, setting) in settings {
            node.message(node::ATTRIBUTE, &setting.attribute(name));
        }
        self.nodes.message(graph::NODE, &node);
    }

    /// Adds an input of floats.
    pub fn input(&mut self, name: &str, shape: &[Dimension]) {
        self.port(graph::INPUT, name, ElementType::F32, shape);
    }

    /// Adds an output of floats.
    pub fn output(&mut self, name: &str, shape: &[Dimension]) {
        self.port(graph::OUTPUT, name, ElementType::F32, shape);
    }

    /// Adds an input of another type.
    pub fn input_of(&mut self, element: ElementType, name: &str, shape: &[Dimension]) {
        self.port(graph::INPUT, name, element, shape);
    }

    /// Adds an output of another type.
    pub fn output_of(&mut self, element: ElementType, name: &str, shape: &[Dimension]) {
        self.port(graph::OUTPUT, name, element, shape);
    }

    /// Adds a constant tensor of half-precision floats under this name.
    pub fn half_floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let mut tensor = begin_tensor(name, shape, ElementType::F16);
        let bytes: Vec<u8> = values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect();
        tensor.field(tensor::RAW, &bytes);
        self.tensors.message(graph::TENSOR, &tensor);
    }

    fn port(&mut self, field: u64, name: &str, element: ElementType, shape: &[Dimension]) {
        let mut dimensions = Message::new();
        for (at, length) in shape.iter().enumerate() {
            let mut dimension = Message::new();
            match length {
                Dimension::Fixed(length) => dimension.number(value::DIMENSION_LENGTH, *length as i64),
                // Engines take dimensions of the same name for equal, so each gets its own name.
                Dimension::Open => dimension.text(value::DIMENSION_NAME, &format!("{name}_{at}")),
            };
            dimensions.message(value::SHAPE_DIMENSION, &dimension);
        }
        let mut kind = Message::new();
        kind.number(value::ELEMENT, element.0).message(value::SHAPE, &dimensions);
        let mut whole = Message::new();
        whole.message(value::TYPE_TENSOR, &kind);
        let mut port = Message::new();
        port.text(value::NAME, name).message(value::TYPE, &whole);
        self.ports.message(field, &port);
    }

    /// The nodes, the tensors, and the inputs and outputs, encoded as fields of a graph.
    pub(super) fn parts(&self) -> (&[u8], &[u8], &[u8]) {
        (self.nodes.bytes(), self.tensors.bytes(), self.ports.bytes())
    }

    /// The finished file.
    pub fn finish(self) -> Vec<u8> {
        let mut inside = Message::new();
        inside.append(&self.nodes).text(graph::NAME, "network").append(&self.tensors).append(&self.ports);
        drop(self.tensors);
        let mut set = Message::new();
        set.text(opset::DOMAIN, "").number(opset::VERSION, self.opset.max(OPSET));
        let mut file = Message::new();
        file.number(model::IR_VERSION, IR_VERSION)
            .text(model::PRODUCER, "enlarger")
            .message(model::GRAPH, &inside)
            .message(model::OPSET, &set);
        file.into_bytes()
    }
}

fn begin_tensor(name: &str, shape: &[usize], element: ElementType) -> Message {
    let mut tensor = Message::new();
    for length in shape {
        tensor.number(tensor::DIMENSION, *length as i64);
    }
    tensor.number(tensor::TYPE, element.0).text(tensor::NAME, name);
    tensor
}
