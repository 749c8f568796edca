//! Writes out attributes that ONNX lets a node leave out, for engines that need them.
//!
//! The size of a convolution's kernel is that of its weights; the steps of a pool are 1 in each direction (ONNX's
//! specification of the operators Conv, ConvTranspose, AveragePool and MaxPool). The result computes the same.

use std::borrow::Cow;

use enlarger::Result;

use super::field_numbers::{graph, node};
use super::rewrite::with_graph;
use super::{Attribute, Network, Node, Setting};
use crate::protobuf::Message;

/// Returns the network with these attributes; the file itself if none is missing. Subgraphs stay as they are.
///
/// # Errors
/// As [`Network::read`].
pub fn with_defaults(file: &[u8]) -> Result<Cow<'_, [u8]>> {
    let network = Network::read(file)?;
    let missing: Vec<Option<Message>> = network.nodes.iter().map(|node| missing(&network, node)).collect();
    if missing.iter().all(Option::is_none) {
        return Ok(Cow::Borrowed(file));
    }
    let mut missing = missing.into_iter();
    let whole = with_graph(file, |field, bytes| {
        let attribute = if field == graph::NODE { missing.next().flatten() } else { None };
        Ok(attribute.map(|attribute| {
            let mut completed = Message::new();
            completed.raw(bytes).message(node::ATTRIBUTE, &attribute);
            completed
        }))
    })?;
    Ok(Cow::Owned(whole))
}

/// The attribute that a node lacks, if its value is known.
fn missing(network: &Network<'_>, node: &Node<'_>) -> Option<Message> {
    if !node.domain.is_empty() {
        return None;
    }
    let (name, values) = match node.kind {
        "Conv" | "ConvTranspose" => {
            let weights = network.tensor(node.inputs.get(1)?)?;
            let sides = weights.shape.get(2..)?.iter().map(|side| i64::try_from(*side).ok());
            ("kernel_shape", sides.collect::<Option<Vec<i64>>>()?)
        }
        "AveragePool" | "MaxPool" => ("strides", vec![1; node.integers("kernel_shape")?.len()]),
        _ => return None,
    };
    let is_missing = !matches!(node.attribute(name), Some(Attribute::Integers(_)));
    (is_missing && !values.is_empty()).then(|| Setting::Integers(&values).attribute(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Builder, Dimension};

    const PICTURE: [Dimension; 4] = [Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];

    fn network(conv: &[(&str, Setting<'_>)], pool: &[(&str, Setting<'_>)]) -> Vec<u8> {
        let mut builder = Builder::new();
        builder.input("in", &PICTURE);
        builder.output("out", &PICTURE);
        let weights = builder.constant(&[3, 3, 5, 1], &[0.0; 45]);
        builder.node("Conv", &["in", &weights], "a", conv);
        builder.node("MaxPool", &["a"], "b", pool);
        builder.node("Conv", &["b", "a"], "out", &[]);
        builder.finish()
    }

    #[test]
    fn missing_attributes_are_written_out() {
        let kernel = ("kernel_shape", Setting::Integers(&[2, 2]));
        let file = network(&[("group", Setting::Integer(1))], std::slice::from_ref(&kernel));
        let completed = with_defaults(&file).unwrap();
        let read = Network::read(&completed).unwrap();
        assert_eq!(read.nodes[0].integers("kernel_shape"), Some([5, 1].as_slice()));
        assert_eq!(read.nodes[0].attribute("group"), Some(&Attribute::Integer(1)));
        assert_eq!(read.nodes[1].integers("strides"), Some([1, 1].as_slice()));
        assert_eq!(read.nodes[2].attributes, [], "its weights are computed");
        assert_eq!((read.tensors.len(), read.inputs.len(), read.opsets.len()), (1, 1, 1));
        assert!(matches!(with_defaults(&completed).unwrap(), Cow::Borrowed(_)));
    }

    #[test]
    fn attributes_that_are_there_stay() {
        let kernel = ("kernel_shape", Setting::Integers(&[5, 1]));
        let strides = ("strides", Setting::Integers(&[2, 2]));
        let file = network(std::slice::from_ref(&kernel), &[("kernel_shape", Setting::Integers(&[2, 2])), strides]);
        assert!(matches!(with_defaults(&file).unwrap(), Cow::Borrowed(_)));
        assert!(with_defaults(b"no network").is_err());
    }
}
