//! A network as its ONNX file lists it: nodes, constants, inputs and outputs.
//!
//! What cannot be understood is refused here with a sentence, so that the compiler sees sound data only. A constant's
//! values are as many as its shape says; nothing is read outside the file.

use std::collections::HashMap;

use enlarger::{Error, ErrorKind, Result};
use half::f16;

use crate::protobuf::{Value, fields};

/// A tensor that the file holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constant {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Data,
}

/// The values of a constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    Floats(Vec<f32>),
    Integers(Vec<i64>),
}

impl Constant {
    pub(crate) fn floats(&self) -> Option<&[f32]> {
        if let Data::Floats(values) = &self.data { Some(values) } else { None }
    }

    pub(crate) fn integers(&self) -> Option<&[i64]> {
        if let Data::Integers(values) = &self.data { Some(values) } else { None }
    }
}

/// What a node says besides its inputs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Attribute {
    Float(f32),
    Integer(i64),
    Text(String),
    Integers(Vec<i64>),
    Constant(Constant),
    Other,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: String,
    /// Names of values; empty where an optional one is left out.
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

/// An input of the network that its user gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Input {
    pub(crate) name: String,
    /// The sides; 0 for those that the file leaves open.
    pub(crate) shape: Vec<usize>,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Network {
    pub(crate) nodes: Vec<Node>,
    pub(crate) constants: HashMap<String, Constant>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) outputs: Vec<String>,
}

// Numbers of fields in the ONNX format.
mod field {
    pub(super) const MODEL_GRAPH: u64 = 7;
    pub(super) const GRAPH_NODE: u64 = 1;
    pub(super) const GRAPH_CONSTANT: u64 = 5;
    pub(super) const GRAPH_INPUT: u64 = 11;
    pub(super) const GRAPH_OUTPUT: u64 = 12;
    pub(super) const NODE_INPUT: u64 = 1;
    pub(super) const NODE_OUTPUT: u64 = 2;
    pub(super) const NODE_KIND: u64 = 4;
    pub(super) const NODE_ATTRIBUTE: u64 = 5;
    pub(super) const NODE_DOMAIN: u64 = 7;
    pub(super) const ATTRIBUTE_NAME: u64 = 1;
    pub(super) const ATTRIBUTE_FLOAT: u64 = 2;
    pub(super) const ATTRIBUTE_INTEGER: u64 = 3;
    pub(super) const ATTRIBUTE_TEXT: u64 = 4;
    pub(super) const ATTRIBUTE_CONSTANT: u64 = 5;
    pub(super) const ATTRIBUTE_INTEGERS: u64 = 8;
    pub(super) const CONSTANT_SIDE: u64 = 1;
    pub(super) const CONSTANT_TYPE: u64 = 2;
    pub(super) const CONSTANT_FLOATS: u64 = 4;
    pub(super) const CONSTANT_INTEGERS: u64 = 7;
    pub(super) const CONSTANT_NAME: u64 = 8;
    pub(super) const CONSTANT_BYTES: u64 = 9;
    pub(super) const CONSTANT_ELSEWHERE: u64 = 14;
    pub(super) const VALUE_NAME: u64 = 1;
    pub(super) const VALUE_TYPE: u64 = 2;
    pub(super) const TYPE_TENSOR: u64 = 1;
    pub(super) const TENSOR_SHAPE: u64 = 2;
    pub(super) const SHAPE_SIDE: u64 = 1;
    pub(super) const SIDE_LENGTH: u64 = 1;
}

// Types of elements.
const FLOAT: i64 = 1;
const INT64: i64 = 7;
const FLOAT16: i64 = 10;

impl Network {
    /// Reads a file.
    ///
    /// # Errors
    /// `ModelInvalid` for a file that is not understood.
    pub(crate) fn read(file: &[u8]) -> Result<Self> {
        parse(file).ok_or_else(|| {
            Error::new(
                ErrorKind::ModelInvalid,
                "winograd cannot read this network: it is damaged, or has constants of an unknown type or outside its file; try the engine ort, or install the model again",
            )
        })
    }
}

fn parse(file: &[u8]) -> Option<Network> {
    let graph = fields(file)?.into_iter().find(|(number, _)| *number == field::MODEL_GRAPH)?.1.bytes()?;
    let mut network = Network::default();
    for (number, value) in fields(graph)? {
        match number {
            field::GRAPH_NODE => network.nodes.push(node(value)?),
            field::GRAPH_CONSTANT => {
                let (name, constant) = constant(value)?;
                network.constants.insert(name, constant);
            }
            field::GRAPH_INPUT => network.inputs.push(input(value)?),
            field::GRAPH_OUTPUT => network.outputs.push(input(value)?.name),
            _ => {}
        }
    }
    // Old files list their constants among the inputs.
    network.inputs.retain(|input| !network.constants.contains_key(&input.name));
    Some(network)
}

fn node(value: Value<'_>) -> Option<Node> {
    let mut node = Node { kind: String::new(), inputs: Vec::new(), outputs: Vec::new(), attributes: HashMap::new() };
    for (number, value) in fields(value.bytes()?)? {
        match number {
            field::NODE_INPUT => node.inputs.push(value.text()?),
            field::NODE_OUTPUT => node.outputs.push(value.text()?),
            field::NODE_KIND => node.kind = value.text()?,
            field::NODE_ATTRIBUTE => {
                let (name, attribute) = attribute(value)?;
                node.attributes.insert(name, attribute);
            }
            // Operations of other domains mean something else under the same names.
            field::NODE_DOMAIN if !matches!(value.bytes()?, b"" | b"ai.onnx") => return None,
            _ => {}
        }
    }
    Some(node)
}

fn attribute(value: Value<'_>) -> Option<(String, Attribute)> {
    let (mut name, mut attribute, mut list) = (String::new(), Attribute::Other, Vec::new());
    for (number, value) in fields(value.bytes()?)? {
        match number {
            field::ATTRIBUTE_NAME => name = value.text()?,
            field::ATTRIBUTE_FLOAT => attribute = Attribute::Float(*value.floats()?.first()?),
            field::ATTRIBUTE_INTEGER => attribute = Attribute::Integer(value.number()?),
            field::ATTRIBUTE_TEXT => attribute = Attribute::Text(value.text()?),
            field::ATTRIBUTE_CONSTANT => attribute = Attribute::Constant(constant(value)?.1),
            field::ATTRIBUTE_INTEGERS => list.extend(value.numbers()?),
            _ => {}
        }
    }
    Some((name, if list.is_empty() { attribute } else { Attribute::Integers(list) }))
}

fn constant(value: Value<'_>) -> Option<(String, Constant)> {
    let (mut name, mut shape, mut kind, mut raw) = (String::new(), Vec::new(), 0, None);
    let (mut floats, mut integers) = (Vec::new(), Vec::new());
    for (number, value) in fields(value.bytes()?)? {
        match number {
            field::CONSTANT_SIDE => shape.extend(value.numbers()?),
            field::CONSTANT_TYPE => kind = value.number()?,
            field::CONSTANT_FLOATS => floats.extend(value.floats()?),
            field::CONSTANT_INTEGERS => integers.extend(value.numbers()?),
            field::CONSTANT_NAME => name = value.text()?,
            field::CONSTANT_BYTES => raw = Some(value.bytes()?),
            field::CONSTANT_ELSEWHERE if value.number()? != 0 => return None,
            _ => {}
        }
    }
    let data = match (kind, raw) {
        (FLOAT, None) => Data::Floats(floats),
        (FLOAT, Some(bytes)) => Data::Floats(elements(bytes, f32::from_le_bytes)?),
        (FLOAT16, Some(bytes)) => Data::Floats(elements(bytes, |bytes| f16::from_le_bytes(bytes).to_f32())?),
        (INT64, None) => Data::Integers(integers),
        (INT64, Some(bytes)) => Data::Integers(elements(bytes, i64::from_le_bytes)?),
        _ => return None,
    };
    let shape: Vec<usize> = shape.into_iter().map(|side| usize::try_from(side).ok()).collect::<Option<_>>()?;
    let expected = shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side))?;
    let found = match &data {
        Data::Floats(values) => values.len(),
        Data::Integers(values) => values.len(),
    };
    (found == expected).then_some((name, Constant { shape, data }))
}

fn elements<T, const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then(|| chunks.iter().map(|bytes| read(*bytes)).collect())
}

fn input(value: Value<'_>) -> Option<Input> {
    let (mut name, mut shape) = (String::new(), Vec::new());
    for (number, value) in fields(value.bytes()?)? {
        match number {
            field::VALUE_NAME => name = value.text()?,
            field::VALUE_TYPE => {
                let inside = |value: Value<'_>, wanted: u64| -> Option<Option<Vec<u8>>> {
                    let fields = fields(value.bytes()?)?;
                    let found = fields.into_iter().find(|(number, _)| *number == wanted);
                    Some(found.and_then(|(_, value)| value.bytes().map(<[u8]>::to_vec)))
                };
                let Some(tensor) = inside(value, field::TYPE_TENSOR)? else { continue };
                let Some(sides) = inside(Value::Bytes(&tensor), field::TENSOR_SHAPE)? else { continue };
                for (_, side) in fields(&sides)?.into_iter().filter(|(number, _)| *number == field::SHAPE_SIDE) {
                    let length = fields(side.bytes()?)?.into_iter().find(|(number, _)| *number == field::SIDE_LENGTH);
                    let length = length.and_then(|(_, value)| value.number()).unwrap_or(0);
                    shape.push(usize::try_from(length).ok()?);
                }
            }
            _ => {}
        }
    }
    Some(Input { name, shape })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;

    const NETWORK: &[u8] = include_bytes!("../../../core/models/realesr-general-x4v3/model.onnx");

    #[test]
    fn the_default_network_is_understood() {
        let network = Network::read(NETWORK).unwrap();
        assert_eq!(network.nodes.iter().filter(|node| node.kind == "Conv").count(), 34);
        assert_eq!(network.inputs, [Input { name: "input".to_owned(), shape: vec![1, 3, 0, 0] }]);
        assert_eq!(network.outputs, ["output"]);
        let weights = &network.constants["Conv_2.weight"];
        assert_eq!(weights.shape, [64, 64, 3, 3]);
        assert!(weights.floats().unwrap().iter().all(|value| value.is_finite()));
    }

    #[test]
    fn damaged_files_are_errors_and_no_panics() {
        assert!(Network::read(b"").is_err());
        for length in (1..4096).chain([NETWORK.len() / 2, NETWORK.len() - 1]) {
            let network = Network::read(&NETWORK[..length]);
            assert!(network.is_err_and(|error| error.kind() == ErrorKind::ModelInvalid), "{length}");
        }
        // The nodes come first in the file; whatever is still read must also be compiled or refused.
        let mut bytes = NETWORK.to_vec();
        let (mut read, mut refused) = (0, 0);
        for at in (0..4000).step_by(7) {
            let kept = bytes[at];
            for flipped in [kept ^ 0xff, kept ^ 1, kept ^ 0x80] {
                bytes[at] = flipped;
                match Network::read(&bytes) {
                    Ok(network) => {
                        read += 1;
                        refused += usize::from(compile(&network, "output").is_err());
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::ModelInvalid),
                }
            }
            bytes[at] = kept;
        }
        assert!(read > 100 && refused > 100 && refused < read, "{refused} of {read} were refused");
    }
}
