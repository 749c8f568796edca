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
        // A node may have the same list for thousands of inputs.
        let mut left = MAX_ALL_INTEGERS;
        let input = |name: &&str| {
            let mut value = self.get(name)?;
            match left.checked_sub(value.held()) {
                Some(rest) => left = rest,
                None => value.integers = None,
            }
            Some(value)
        };
        let inputs: Vec<Option<Shaped>> = node.inputs.iter().map(input).collect();
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::onnx::{Builder, ElementType, Setting};

    /// The shape of the value `out` of a network, and whether its integers are known.
    fn out(builder: Builder) -> (Vec<u64>, bool) {
        let file = builder.finish();
        let network = Network::read(&file).unwrap();
        let mut shapes = Shapes::new(&network, 64, 64);
        let started = Instant::now();
        network.nodes.iter().for_each(|node| drop(shapes.run(node)));
        assert!(started.elapsed().as_secs_f64() < 10.0);
        assert!(shapes.known.values().map(Shaped::held).sum::<usize>() <= MAX_ALL_INTEGERS);
        let out = shapes.get("out").unwrap();
        (out.shape, out.integers.is_some())
    }

    fn builder() -> Builder {
        let mut builder = Builder::new();
        builder.input("in", &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open]);
        builder.output("out", &[Dimension::Open; 4]);
        builder
    }

    #[test]
    fn long_lists_of_integers_are_not_kept() {
        let mut many = builder();
        many.integers("list", &[1; MAX_INTEGERS]);
        many.node("Concat", &["list"; 20_000], "out", &[("axis", Setting::Integer(0))]);
        assert_eq!(out(many), (vec![20_000 * MAX_INTEGERS as u64], false));

        let mut copies = builder();
        copies.integers("list", &[1; MAX_INTEGERS]);
        (0..20_000).for_each(|at| copies.node("Identity", &["list"], &format!("copy{at}"), &[]));
        copies.node("Identity", &["copy19999"], "out", &[]);
        assert_eq!(out(copies), (vec![MAX_INTEGERS as u64], false));

        let mut few = builder();
        few.integers("list", &[1; 4]);
        few.node("Concat", &["list", "list"], "out", &[("axis", Setting::Integer(0))]);
        assert_eq!(out(few), (vec![8], true));
    }

    #[test]
    fn values_of_many_dimensions_are_not_worked_out() {
        let axes: Vec<i64> = (0..200_000).collect();
        for kind in ["Unsqueeze", "Squeeze", "ReduceMean"] {
            let mut long = builder();
            long.node(kind, &["in"], "out", &[("axes", Setting::Integers(&axes))]);
            assert_eq!(out(long), (vec![1, 3, 64, 64], false), "{kind}");
        }
        // Each has nearly twice as many dimensions as the one before.
        let mut doubled = builder();
        doubled.node("Identity", &["in"], "0", &[]);
        (0..40).for_each(|at| doubled.node("Gather", &[at.to_string().as_str(); 2], &(at + 1).to_string(), &[]));
        doubled.node("Identity", &["40"], "out", &[]);
        assert!(out(doubled).0.len() <= MAX_DIMENSIONS);
        let mut deep = Builder::new();
        deep.input("in", &[Dimension::Fixed(2); 20]);
        deep.output("out", &[Dimension::Open; 4]);
        deep.node("Relu", &["in"], "out", &[]);
        assert_eq!(out(deep).0, [1 << 20]);
    }

    #[test]
    fn gathered_elements_have_the_shape_of_their_indices() {
        let mut gathered = builder();
        gathered.input_of(
            ElementType::I64,
            "at",
            &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Fixed(2), Dimension::Fixed(5)],
        );
        gathered.node("GatherElements", &["in", "at"], "out", &[]);
        assert_eq!(out(gathered).0, [1, 3, 2, 5]);
    }
}
