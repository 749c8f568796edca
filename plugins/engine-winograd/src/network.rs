//! A network as the compiler takes it apart: nodes, constants, inputs and outputs, all its own.
//!
//! What cannot be understood is refused here with a sentence, so that the compiler sees sound data only. A constant's
//! values are as many as its shape says; nothing is read outside the file.

use std::collections::HashMap;

use enlarger::{Error, ErrorKind, Result};
use enlarger_networks::onnx;

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

impl Network {
    /// Reads a file.
    ///
    /// # Errors
    /// `ModelInvalid` for a file that is not understood.
    pub(crate) fn read(file: &[u8]) -> Result<Self> {
        let unknown = || {
            Error::new(
                ErrorKind::ModelInvalid,
                "winograd cannot read this network: it is damaged, or has operations or constants of an unknown kind or outside its file; try the engine ort, or install the model again",
            )
        };
        understood(&onnx::Network::read(file)?).ok_or_else(unknown)
    }
}

fn understood(file: &onnx::Network<'_>) -> Option<Network> {
    let constants = file.tensors.iter().map(|tensor| Some((tensor.name.to_owned(), constant(tensor)?)));
    Some(Network {
        nodes: file.nodes.iter().map(node).collect::<Option<_>>()?,
        constants: constants.collect::<Option<_>>()?,
        inputs: file.inputs.iter().map(input).collect::<Option<_>>()?,
        outputs: file.outputs.iter().map(|output| output.name.to_owned()).collect(),
    })
}

fn node(node: &onnx::Node<'_>) -> Option<Node> {
    // Operations of other domains mean something else under the same names.
    if !node.domain.is_empty() {
        return None;
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let attributes = node.attributes.iter().map(|(name, value)| Some(((*name).to_owned(), attribute(value)?)));
    Some(Node {
        kind: node.kind.to_owned(),
        inputs: names(&node.inputs),
        outputs: names(&node.outputs),
        attributes: attributes.collect::<Option<_>>()?,
    })
}

fn attribute(attribute: &onnx::Attribute<'_>) -> Option<Attribute> {
    Some(match attribute {
        onnx::Attribute::Float(value) => Attribute::Float(*value),
        onnx::Attribute::Integer(value) => Attribute::Integer(*value),
        onnx::Attribute::Text(value) => Attribute::Text(String::from_utf8(value.to_vec()).ok()?),
        onnx::Attribute::Integers(values) => Attribute::Integers(values.clone()),
        onnx::Attribute::Tensor(tensor) => Attribute::Constant(constant(tensor)?),
        onnx::Attribute::Graph | onnx::Attribute::Other => Attribute::Other,
    })
}

fn constant(tensor: &onnx::Tensor<'_>) -> Option<Constant> {
    let shape: Vec<usize> = tensor.shape.iter().map(|side| usize::try_from(*side).ok()).collect::<Option<_>>()?;
    let (found, data) = match (tensor.floats(), tensor.integers()) {
        (Some(values), _) => (values.len(), Data::Floats(values)),
        (None, Some(values)) => (values.len(), Data::Integers(values)),
        (None, None) => return None,
    };
    // A tensor may list values of another type than its own.
    (Some(found as u64) == tensor.values()).then_some(Constant { shape, data })
}

fn input(port: &onnx::Port<'_>) -> Option<Input> {
    let length = |side: &onnx::Dimension| match side {
        onnx::Dimension::Fixed(length) => usize::try_from(*length).ok(),
        onnx::Dimension::Open => Some(0),
    };
    let sides = port.shape.as_deref().unwrap_or_default();
    Some(Input { name: port.name.to_owned(), shape: sides.iter().map(length).collect::<Option<_>>()? })
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
