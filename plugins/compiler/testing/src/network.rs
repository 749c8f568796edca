//! A network, and its file.

use enlarger_compiler::{Attribute, ConstantData};
use enlarger_networks::onnx::{Builder, Dimension, Setting};

use crate::graph_builder::GraphBuilder;

/// A network.
pub struct Network {
    /// Its graph, whose input is `in`.
    pub builder: GraphBuilder,
    /// The name of its output.
    pub output: String,
    /// How many times larger the result is.
    pub scale: usize,
    /// What the sides of a picture must be multiples of.
    pub multiple: usize,
    /// Whether all pixels of a result depend on all of the picture.
    pub whole: bool,
}

impl Network {
    /// The network as an ONNX file.
    pub fn file(&self) -> Vec<u8> {
        let graph = &self.builder.graph;
        let mut file = Builder::new();
        let side = |side: &usize| if *side == 0 { Dimension::Open } else { Dimension::Fixed(*side as u64) };
        for input in &graph.inputs {
            file.input(&input.name, &input.shape.iter().map(side).collect::<Vec<Dimension>>());
        }
        file.output(&self.output, &[1, 3, 0, 0].map(|length| side(&length)));
        let mut names: Vec<&String> = graph.constants.keys().collect();
        names.sort();
        for name in names {
            let constant = &graph.constants[name];
            match &constant.data {
                ConstantData::Floats(values) => file.floats(name, &constant.shape, values),
                ConstantData::Integers(values) => file.integers(name, values),
            }
        }
        for node in &graph.nodes {
            let inputs: Vec<&str> = node.inputs.iter().map(String::as_str).collect();
            let mut settings: Vec<(&str, Setting<'_>)> =
                node.attributes.iter().map(|(name, value)| (name.as_str(), setting(value))).collect();
            settings.sort_by_key(|(name, _)| *name);
            file.node(&node.kind, &inputs, &node.outputs[0], &settings);
        }
        file.finish()
    }
}

fn setting(attribute: &Attribute) -> Setting<'_> {
    match attribute {
        Attribute::Float(value) => Setting::Float(*value),
        Attribute::Integer(value) => Setting::Integer(*value),
        Attribute::Text(value) => Setting::Text(value),
        Attribute::Integers(values) => Setting::Integers(values),
        Attribute::Constant(_) | Attribute::Other => panic!("no node of these networks has such an attribute"),
    }
}
