//! An ONNX file under construction.
//!
//! Networks that come in another form are written with this. The same calls give the same bytes.

use super::number::{attribute, graph, model, node, opset, tensor, value};
use super::{ElementType, Side};
use crate::message::Message;

/// Versions that every engine here reads.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 13;

/// What a node says besides its inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting<'a> {
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f32),
    /// A text.
    Text(&'a str),
    /// Integers.
    Integers(&'a [i64]),
}

/// An ONNX file under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    nodes: Message,
    tensors: Message,
    ports: Message,
    made: u32,
}

impl Builder {
    /// An empty network.
    pub fn new() -> Self {
        Builder::default()
    }

    /// A name that no other value of this builder has, made of this word.
    pub fn fresh(&mut self, word: &str) -> String {
        self.made += 1;
        format!("{word}__{}", self.made)
    }

    /// Adds floats under this name.
    pub fn floats(&mut self, name: &str, sides: &[usize], values: &[f32]) {
        let mut tensor = begin_tensor(name, sides, ElementType::F32);
        tensor.floats(tensor::RAW, values);
        self.tensors.message(graph::TENSOR, &tensor);
    }

    /// Adds integers under this name.
    pub fn integers(&mut self, name: &str, values: &[i64]) {
        let mut tensor = begin_tensor(name, &[values.len()], ElementType::I64);
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensor.field(tensor::RAW, &bytes);
        self.tensors.message(graph::TENSOR, &tensor);
    }

    /// Adds floats under a name of their own.
    pub fn constant(&mut self, sides: &[usize], values: &[f32]) -> String {
        let name = self.fresh("constant");
        self.floats(&name, sides, values);
        name
    }

    /// Adds integers under a name of their own.
    pub fn numbers(&mut self, values: &[i64]) -> String {
        let name = self.fresh("numbers");
        self.integers(&name, values);
        name
    }

    /// Adds an operation. Nodes must be added in an order that they can run in.
    pub fn node(&mut self, kind: &str, inputs: &[&str], output: &str, settings: &[(&str, Setting<'_>)]) {
        let mut node = Message::new();
        for input in inputs {
            node.text(node::INPUT, input);
        }
        node.text(node::OUTPUT, output);
        // Values have names of their own already.
        node.text(node::NAME, output).text(node::KIND, kind);
        for (name, setting) in settings {
            let mut attribute = Message::new();
            attribute.text(attribute::NAME, name);
            let kind = match setting {
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
                    // One field each: some engines do not read them packed.
                    for value in *values {
                        attribute.number(attribute::INTEGERS, *value);
                    }
                    attribute::TYPE_INTEGERS
                }
            };
            attribute.number(attribute::TYPE, kind);
            node.message(node::ATTRIBUTE, &attribute);
        }
        self.nodes.message(graph::NODE, &node);
    }

    /// Adds an input of floats.
    pub fn input(&mut self, name: &str, sides: &[Side]) {
        self.port(graph::INPUT, name, sides);
    }

    /// Adds an output of floats.
    pub fn output(&mut self, name: &str, sides: &[Side]) {
        self.port(graph::OUTPUT, name, sides);
    }

    fn port(&mut self, field: u64, name: &str, sides: &[Side]) {
        let mut shape = Message::new();
        for (at, length) in sides.iter().enumerate() {
            let mut side = Message::new();
            match length {
                Side::Fixed(length) => side.number(value::SIDE_LENGTH, *length as i64),
                // Each its own name, or engines would take them for equal.
                Side::Open => side.text(value::SIDE_NAME, &format!("{name}_{at}")),
            };
            shape.message(value::SHAPE_SIDE, &side);
        }
        let mut kind = Message::new();
        kind.number(value::ELEMENT, ElementType::F32.0).message(value::SHAPE, &shape);
        let mut whole = Message::new();
        whole.message(value::TYPE_TENSOR, &kind);
        let mut port = Message::new();
        port.text(value::NAME, name).message(value::TYPE, &whole);
        self.ports.message(field, &port);
    }

    /// The nodes, the tensors, and the inputs and outputs, as fields of a graph.
    pub(super) fn parts(&self) -> (&[u8], &[u8], &[u8]) {
        (self.nodes.bytes(), self.tensors.bytes(), self.ports.bytes())
    }

    /// The file.
    pub fn finish(self) -> Vec<u8> {
        let mut inside = Message::new();
        inside.append(&self.nodes).text(graph::NAME, "network").append(&self.tensors).append(&self.ports);
        drop(self.tensors);
        let mut set = Message::new();
        set.text(opset::DOMAIN, "").number(opset::VERSION, OPSET);
        let mut file = Message::new();
        file.number(model::IR_VERSION, IR_VERSION)
            .text(model::PRODUCER, "enlarger")
            .message(model::GRAPH, &inside)
            .message(model::OPSET, &set);
        file.into_bytes()
    }
}

fn begin_tensor(name: &str, sides: &[usize], element: ElementType) -> Message {
    let mut tensor = Message::new();
    for side in sides {
        tensor.number(tensor::SIDE, *side as i64);
    }
    tensor.number(tensor::TYPE, element.0).text(tensor::NAME, name);
    tensor
}
