//! Reading an ONNX file into a [`Graph`].
//!
//! What has no representation here is refused here, so that the compiler sees sound data only. A constant has
//! as many values as its shape says; nothing may be read outside the file.

use enlarger::{Error, ErrorKind, Result};
use enlarger_networks::onnx;

use super::nodes::{Attribute, Constant, ConstantData, Graph, GraphInput, Node};

impl Graph {
    /// Reads an ONNX file.
    ///
    /// # Errors
    /// `ModelInvalid` if the file is damaged, or contains what a [`Graph`] cannot represent.
    pub fn read(file: &[u8]) -> Result<Self> {
        let unsupported = || {
            Error::new(
                ErrorKind::ModelInvalid,
                "this engine cannot read the network: it is damaged, or has operators or constants that the engine does not know, or constants in other files; choose the engine ort, or install the model again",
            )
        };
        graph(&onnx::Network::read(file)?).ok_or_else(unsupported)
    }
}

fn graph(file: &onnx::Network<'_>) -> Option<Graph> {
    let constants = file.tensors.iter().map(|tensor| Some((tensor.name.to_owned(), constant(tensor)?)));
    Some(Graph {
        nodes: file.nodes.iter().map(node).collect::<Option<_>>()?,
        constants: constants.collect::<Option<_>>()?,
        inputs: file.inputs.iter().map(input).collect::<Option<_>>()?,
        outputs: file.outputs.iter().map(|output| output.name.to_owned()).collect(),
    })
}

fn node(node: &onnx::Node<'_>) -> Option<Node> {
    // Operators of other domains have the same names and other meanings.
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
        (Some(values), _) => (values.len(), ConstantData::Floats(values)),
        (None, Some(values)) => (values.len(), ConstantData::Integers(values)),
        (None, None) => return None,
    };
    // A tensor may hold values of another type than the one it declares.
    (Some(found as u64) == tensor.values()).then_some(Constant { shape, data })
}

fn input(port: &onnx::Port<'_>) -> Option<GraphInput> {
    let length = |side: &onnx::Dimension| match side {
        onnx::Dimension::Fixed(length) => usize::try_from(*length).ok(),
        onnx::Dimension::Open => Some(0),
    };
    let sides = port.shape.as_deref().unwrap_or_default();
    Some(GraphInput { name: port.name.to_owned(), shape: sides.iter().map(length).collect::<Option<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT_MODEL: &[u8] = include_bytes!("../../../../core/models/realesr-general-x4v3/model.onnx");

    #[test]
    fn the_default_network_is_read() {
        let graph = Graph::read(DEFAULT_MODEL).unwrap();
        assert_eq!(graph.nodes.iter().filter(|node| node.kind == "Conv").count(), 34);
        assert_eq!(graph.inputs, [GraphInput { name: "input".to_owned(), shape: vec![1, 3, 0, 0] }]);
        assert_eq!(graph.outputs, ["output"]);
        let weights = &graph.constants["Conv_2.weight"];
        assert_eq!(weights.shape, [64, 64, 3, 3]);
        assert!(weights.floats().unwrap().iter().all(|value| value.is_finite()));
    }

    #[test]
    fn truncated_files_are_errors() {
        assert!(Graph::read(b"").is_err());
        for length in (1..4096).chain([DEFAULT_MODEL.len() / 2, DEFAULT_MODEL.len() - 1]) {
            let graph = Graph::read(&DEFAULT_MODEL[..length]);
            assert!(graph.is_err_and(|error| error.kind() == ErrorKind::ModelInvalid), "{length}");
        }
    }
}
