//! What the tests of this crate share: hand-made graphs, and running them on every path.
//!
//! Nothing here is part of the engine.

mod every_kernel;
mod gates_and_sums;
mod integer_arithmetic;
mod lengths;
mod matrix_products;
mod onnx_reference;
mod operators_match_reference;
mod probed_networks;
mod row_streams;
mod sample_networks;
#[cfg(feature = "speed")]
mod speed;
mod vectors;
mod whole_networks;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use enlarger::{Cancel, Result, Tensor, TensorMut};

use crate::compile::compile;
use crate::execute::prepared_graph::PreparedGraph;
use crate::execute::row_stream::GraphStream;
use crate::execute::threads::Threads;
use crate::graph::{Attribute, Constant, ConstantData, Graph, GraphInput, Node};
use crate::kernels::element::Element;
use crate::kernels::simd::InstructionSet;
use crate::operations::arithmetic::Arithmetic;

pub(crate) use onnx_reference::{Array, evaluate_graph as reference};
pub(crate) use row_streams::streamed;

/// The network of the embedded model.
pub(crate) const DEFAULT_MODEL: &[u8] = include_bytes!("../../../../core/models/realesr-general-x4v3/model.onnx");

/// The first argument, or the second one where an emulator runs the tests at a hundredth of the speed; scripts/arm sets the variable.
/// No test is left out there, but pictures are smaller.
pub(crate) fn unless_emulated<T>(whole: T, small: T) -> T {
    if std::env::var_os("ENLARGER_EMULATED").is_some() { small } else { whole }
}

/// Pseudo-random numbers from -1 to 1.
pub(crate) struct RandomNumbers(u32);

impl RandomNumbers {
    pub(crate) fn new(seed: u32) -> Self {
        RandomNumbers(seed.wrapping_mul(2_654_435_761) ^ 0x5bd1_e995)
    }

    pub(crate) fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    pub(crate) fn many(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }
}

/// A graph that is built node by node. Each method returns the name of the new value.
pub(crate) struct GraphBuilder {
    pub(crate) graph: Graph,
    pub(crate) numbers: RandomNumbers,
}

impl GraphBuilder {
    /// A graph with one input, `in`.
    pub(crate) fn new(channels: usize, seed: u32) -> Self {
        let mut graph = Graph::default();
        graph.inputs.push(GraphInput { name: "in".to_owned(), shape: vec![1, channels, 0, 0] });
        GraphBuilder { graph, numbers: RandomNumbers::new(seed) }
    }

    pub(crate) fn constant(&mut self, shape: &[usize], data: ConstantData) -> String {
        let name = format!("constant {}", self.graph.constants.len());
        self.graph.constants.insert(name.clone(), Constant { shape: shape.to_vec(), data });
        name
    }

    pub(crate) fn floats(&mut self, shape: &[usize], scale: f32) -> String {
        let values = self.numbers.many(shape.iter().product());
        self.constant(shape, ConstantData::Floats(values.into_iter().map(|value| value * scale).collect()))
    }

    pub(crate) fn integers(&mut self, values: &[i64]) -> String {
        self.constant(&[values.len()], ConstantData::Integers(values.to_vec()))
    }

    pub(crate) fn node(&mut self, kind: &str, inputs: &[&str], attributes: &[(&str, Attribute)]) -> String {
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
    pub(crate) fn convolution(&mut self, from: &str, channels: usize, outputs: usize, border: i64) -> String {
        let weights = self.floats(&[outputs, channels, 3, 3], 1.0 / (3.0 * (channels as f32).sqrt()));
        let bias = self.floats(&[outputs], 0.5);
        self.node("Conv", &[from, &weights, &bias], &[("pads", Attribute::Integers(vec![border; 4]))])
    }
}

/// Runs a graph on a picture as the engine does; `shape` is that of the result.
pub(crate) fn execute_tile<E: Element>(
    graph: &Graph,
    output: &str,
    picture: &Array,
    shape: [usize; 3],
    isa: InstructionSet,
    arithmetic: Arithmetic,
    threads: usize,
) -> Result<Array> {
    let threads = Threads::new(threads)?;
    let prepared = PreparedGraph::<E>::new(&compile(graph, output)?, isa, arithmetic, &threads)?;
    let data: Vec<f32> = picture.data.iter().map(|value| *value as f32).collect();
    let given = [1, picture.channels, picture.height, picture.width];
    let inputs = [Tensor { name: &graph.inputs[0].name, shape: given, data: &data }];
    let mut result = vec![f32::NAN; shape.iter().product()];
    let [channels, height, width] = shape;
    let to = TensorMut { name: output, shape: [1, channels, height, width], data: &mut result };
    prepared.execute_tile(&threads, &inputs, to, &Cancel::new(), None)?;
    Ok(Array { channels, height, width, data: result.into_iter().map(f64::from).collect() })
}
