//! Building graphs node by node.

use enlarger_compiler::{Attribute, Constant, ConstantData, Graph, GraphInput, Node};

use crate::random_numbers::RandomNumbers;

/// An attribute that is a list of whole numbers.
pub fn integers(values: &[i64]) -> Attribute {
    Attribute::Integers(values.to_vec())
}

/// A graph that is built node by node. Each method returns the name of the new value.
pub struct GraphBuilder {
    /// The graph so far.
    pub graph: Graph,
    /// The source of weights.
    pub numbers: RandomNumbers,
}

impl GraphBuilder {
    /// A graph with one input, `in`.
    pub fn new(channels: usize, seed: u32) -> Self {
        let mut graph = Graph::default();
        graph.inputs.push(GraphInput { name: "in".to_owned(), shape: vec![1, channels, 0, 0] });
        GraphBuilder { graph, numbers: RandomNumbers::new(seed) }
    }

    /// A constant.
    pub fn constant(&mut self, shape: &[usize], data: ConstantData) -> String {
        let name = format!("constant {}", self.graph.constants.len());
        self.graph.constants.insert(name.clone(), Constant { shape: shape.to_vec(), data });
        name
    }

    /// A constant of random numbers from `-scale` to `scale`.
    pub fn floats(&mut self, shape: &[usize], scale: f32) -> String {
        let values = self.numbers.many(shape.iter().product());
        self.constant(shape, ConstantData::Floats(values.into_iter().map(|value| value * scale).collect()))
    }

    /// A list of whole numbers.
    pub fn integers(&mut self, values: &[i64]) -> String {
        self.constant(&[values.len()], ConstantData::Integers(values.to_vec()))
    }

    /// A node with one result.
    pub fn node(&mut self, kind: &str, inputs: &[&str], attributes: &[(&str, Attribute)]) -> String {
        let output = format!("value {}", self.graph.nodes.len());
        self.graph.nodes.push(Node {
            kind: kind.to_owned(),
            inputs: inputs.iter().map(|name| (*name).to_owned()).collect(),
            outputs: vec![output.clone()],
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        });
        output
    }

    /// A 3×3 convolution with this border.
    pub fn convolution(&mut self, from: &str, channels: usize, outputs: usize, border: i64) -> String {
        let weights = self.floats(&[outputs, channels, 3, 3], 1.0 / (3.0 * (channels as f32).sqrt()));
        let bias = self.floats(&[outputs], 0.5);
        self.node("Conv", &[from, &weights, &bias], &[("pads", Attribute::Integers(vec![border; 4]))])
    }
}
