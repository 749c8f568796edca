//! The shapes of all values of a network for a picture of a given size, worked out without running it.
//!
//! Networks with attention compute shapes from the picture's size, so small integer values are worked out too. A rule that is missing
//! gives an estimate from the inputs, never an error: the result serves to estimate memory.

mod axes;
mod integers;
mod operators;

use std::collections::HashMap;

use super::{Dimension, Network, Node};

/// The most integers that a value of shape arithmetic may have, and that all such values may have together.
const MAX_INTEGERS: usize = 4096;
const MAX_ALL_INTEGERS: usize = 1 << 20;

/// The most dimensions of a value. Networks for pictures have six, where they cut pictures into windows.
const MAX_DIMENSIONS: usize = 16;

/// A value whose shape is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shaped {
    pub(super) shape: Vec<u64>,
    /// Its values, if they are few integers that do not depend on pixels.
    pub(super) integers: Option<Vec<i64>>,
}

impl Shaped {
    pub(super) fn of(shape: impl Into<Vec<u64>>) -> Self {
        Shaped { shape: shape.into(), integers: None }
    }

    /// A list of integers, or a single one if `scalar`.
    fn integers(values: Vec<i64>, scalar: bool) -> Self {
        let shape = if scalar { Vec::new() } else { vec![values.len() as u64] };
        Shaped { shape, integers: (values.len() <= MAX_INTEGERS).then_some(values) }
    }

    /// The value with one dimension instead of too many.
    fn limited(mut self) -> Self {
        if self.shape.len() > MAX_DIMENSIONS {
            self.shape = vec![self.samples() as u64];
        }
        self
    }

    /// How many integers are known.
    fn held(&self) -> usize {
        self.integers.as_ref().map_or(0, Vec::len)
    }

    /// The number of samples.
    pub(super) fn samples(&self) -> f64 {
        self.shape.iter().map(|length| *length as f64).product()
    }
}

/// The shapes of the values that have been reached.
pub(super) struct Shapes<'n, 'a> {
    network: &'n Network<'a>,
    known: HashMap<&'a str, Shaped>,
    /// How many integers all known values have.
    integers: usize,
}

impl<'n, 'a> Shapes<'n, 'a> {
    /// The shapes of the inputs for a picture with three channels. Inputs that state their sides keep them.
    pub(super) fn new(network: &'n Network<'a>, height: u64, width: u64) -> Self {
        let picture = [1, 3, height, width];
        let mut known = HashMap::new();
        for input in &network.inputs {
            let stated = input.shape.as_deref().unwrap_or(&[Dimension::Open; 4]);
            let length = |(at, dimension): (usize, &Dimension)| match dimension {
                Dimension::Fixed(length) => *length,
                Dimension::Open => picture.get(at).copied().unwrap_or(1),
            };
            let shape: Vec<u64> = stated.iter().enumerate().map(length).collect();
            known.insert(input.name, Shaped::of(shape).limited());
        }
        Shapes { network, known, integers: 0 }
    }

    /// The shape of a value or of a constant tensor.
    pub(super) fn get(&self, name: &str) -> Option<Shaped> {
        self.known.get(name).cloned().or_else(|| {
            let tensor = self.network.tensor(name)?;
            let few = tensor.values().is_some_and(|values| values <= MAX_INTEGERS as u64);
            Some(Shaped { shape: tensor.shape.clone(), integers: if few { tensor.integers() } else { None } }.limited())
        })
    }

    /// The shapes of a node's outputs, which are also remembered.
    pub(super) fn run(&mut self, node: &Node<'a>) -> Vec<Shaped> {
        let inputs: Vec<Option<Shaped>> = node.inputs.iter().map(|name| self.get(name)).collect();
        // Only factors of sizes are asked for.
        let few = |values: u64| values <= MAX_INTEGERS as u64;
        let constant = |name: &str| {
            self.network
                .tensor(name)
                .filter(|tensor| tensor.values().is_some_and(few))
                .and_then(|tensor| tensor.floats())
        };
        let outputs = integers::run(node, &inputs)
            .map(|made| vec![made])
            .or_else(|| operators::run(node, &inputs, &constant))
            .unwrap_or_else(|| {
                // The largest input, for each output.
                let largest = inputs.iter().flatten().max_by(|a, b| a.samples().total_cmp(&b.samples()));
                vec![
                    largest.map_or_else(|| Shaped::of([]), |input| Shaped::of(input.shape.clone()));
                    node.outputs.len()
                ]
            });
        let outputs: Vec<Shaped> = outputs.into_iter().map(Shaped::limited).collect();
        for (name, output) in node.outputs.iter().zip(&outputs) {
            self.remember(name, output.clone());
        }
        outputs
    }

    fn remember(&mut self, name: &'a str, mut value: Shaped) {
        self.forget(name);
        if self.integers + value.held() > MAX_ALL_INTEGERS {
            value.integers = None;
        }
        self.integers += value.held();
        self.known.insert(name, value);
    }

    /// Forgets a value that is not used any more.
    pub(super) fn forget(&mut self, name: &str) -> Option<Shaped> {
        let value = self.known.remove(name)?;
        self.integers -= value.held();
        Some(value)
    }
}
