//! What the tests of this crate share: networks made by hand, and their results on every path.
//!
//! Nothing here is part of the engine.

mod operators;
mod precisions;
mod reference;
mod small;
mod streams;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use enlarger::{Cancel, Result, Tensor, TensorMut};

use crate::compile::compile;
use crate::kernels::isa::Isa;
use crate::kernels::simd::Element;
use crate::loaded::Arithmetic;
use crate::network::{Attribute, Constant, Data, Input, Network, Node};
use crate::program::Program;
use crate::stream::Stream;
use crate::threads::Threads;

pub(crate) use reference::{Array, run as reference};
pub(crate) use streams::streamed;

/// The network inside the library.
pub(crate) const DEFAULT: &[u8] = include_bytes!("../../../../core/models/realesr-general-x4v3/model.onnx");

/// Numbers from -1 to 1 that look random.
pub(crate) struct Numbers(u32);

impl Numbers {
    pub(crate) fn new(seed: u32) -> Self {
        Numbers(seed.wrapping_mul(2_654_435_761) ^ 0x5bd1_e995)
    }

    pub(crate) fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    pub(crate) fn many(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }
}

/// A network that grows node by node; each method gives the name of the new value.
pub(crate) struct Sketch {
    pub(crate) network: Network,
    pub(crate) numbers: Numbers,
}

impl Sketch {
    /// A network with one input, `in`.
    pub(crate) fn new(channels: usize, seed: u32) -> Self {
        let mut network = Network::default();
        network.inputs.push(Input { name: "in".to_owned(), shape: vec![1, channels, 0, 0] });
        Sketch { network, numbers: Numbers::new(seed) }
    }

    pub(crate) fn constant(&mut self, shape: &[usize], data: Data) -> String {
        let name = format!("constant {}", self.network.constants.len());
        self.network.constants.insert(name.clone(), Constant { shape: shape.to_vec(), data });
        name
    }

    pub(crate) fn floats(&mut self, shape: &[usize], scale: f32) -> String {
        let values = self.numbers.many(shape.iter().product());
        self.constant(shape, Data::Floats(values.into_iter().map(|value| value * scale).collect()))
    }

    pub(crate) fn integers(&mut self, values: &[i64]) -> String {
        self.constant(&[values.len()], Data::Integers(values.to_vec()))
    }

    pub(crate) fn node(&mut self, kind: &str, inputs: &[&str], attributes: &[(&str, Attribute)]) -> String {
        let output = format!("value {}", self.network.nodes.len());
        self.network.nodes.push(Node {
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

/// Runs a network on a picture through the engine's own path; `shape` is the result's.
pub(crate) fn run<E: Element>(
    network: &Network,
    output: &str,
    picture: &Array,
    shape: [usize; 3],
    isa: Isa,
    arithmetic: Arithmetic,
    threads: usize,
) -> Result<Array> {
    let threads = Threads::new(threads)?;
    let program = Program::<E>::new(&compile(network, output)?, isa, arithmetic, &threads)?;
    let data: Vec<f32> = picture.data.iter().map(|value| *value as f32).collect();
    let given = [1, picture.channels, picture.height, picture.width];
    let inputs = [Tensor { name: &network.inputs[0].name, shape: given, data: &data }];
    let mut made = vec![f32::NAN; shape.iter().product()];
    let [channels, height, width] = shape;
    let to = TensorMut { name: output, shape: [1, channels, height, width], data: &mut made };
    program.run(&threads, &inputs, to, &Cancel::new(), None)?;
    Ok(Array { channels, height, width, data: made.into_iter().map(f64::from).collect() })
}
