//! A network under construction: operations on values, with the weights of a checkpoint.
//!
//! Architectures are written with it. It adds ONNX operators that all engines know where there is a choice, and reads weights only
//! through [`Weights`], so that every tensor is checked and crossed off.

mod arithmetic;
mod attention;
mod border;
mod channel_attention;
mod convolution;
mod dysample;
mod group_norm;
mod layer;
mod lengths;
mod local_attention;
mod noise;
mod normalisation;
mod padding;
mod pixels;
mod planes;
mod reduction;
mod statistics;
mod tokens;
mod windows;

pub(super) use attention::PlaneWindows;
pub(super) use convolution::Convolution;
pub(super) use layer::{Layer, batch_normalisation};
pub(super) use lengths::{Length, REST, Side, Size};
pub(super) use normalisation::EPSILON;
pub(super) use padding::Padding;
pub(super) use pixels::{channels_and_factor, half_of};
pub(super) use tokens::Linear;
pub(super) use windows::{MASKED, Positions, Windows};

use super::misfit::Outcome;
use super::{Misfit, Weights};
use crate::onnx::{Builder, Dimension, MAX_NETWORK, NOISE_INPUT, Setting};

/// The largest network that is built, in operators. No published one has more than some ten thousands.
const MAX_OPERATORS: u32 = 200_000;

/// The most channels of a picture. More than four are those of squares of pixels, or of several pictures.
const MAX_CHANNELS: usize = 16;

/// A value that the network computes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) name: String,
    /// Its channels: the second dimension of planes, the last one of tokens.
    pub(super) channels: usize,
}

/// A network under construction.
pub(super) struct Graph<'w> {
    pub(super) weights: &'w Weights<'w>,
    builder: Builder,
    operators: u32,
    /// The channels of the input for a picture, once it has one.
    channels: usize,
    /// The bytes of all constants.
    constants: usize,
}

impl<'w> Graph<'w> {
    pub(super) fn new(weights: &'w Weights<'w>) -> Self {
        Graph { weights, builder: Builder::new(), operators: 0, channels: 0, constants: 0 }
    }

    /// Adds the input for a picture.
    pub(super) fn picture(&mut self, channels: usize) -> Outcome<Value> {
        self.picture_with(channels, Dimension::Open)
    }

    /// Adds the input for a picture that must have this many pixels along each side.
    pub(super) fn picture_of(&mut self, channels: usize, side: usize) -> Outcome<Value> {
        self.picture_with(channels, Dimension::Fixed(side as u64))
    }

    fn picture_with(&mut self, channels: usize, side: Dimension) -> Outcome<Value> {
        if !(1..=MAX_CHANNELS).contains(&channels) {
            return Err(Misfit::contradiction(format!("it would read pictures of {channels} channels")));
        }
        self.channels = channels;
        self.builder.input("input", &[Dimension::Fixed(1), Dimension::Fixed(channels as u64), side, side]);
        Ok(Value { name: "input".into(), channels })
    }

    /// The channels of the picture.
    pub(super) fn channels_of_picture(&self) -> usize {
        self.channels
    }

    /// Adds the input for a noise level, one value.
    pub(super) fn noise_level(&mut self) -> Value {
        self.builder.input(NOISE_INPUT, &[Dimension::Fixed(1); 4]);
        Value { name: NOISE_INPUT.into(), channels: 1 }
    }

    /// Makes the network one of this version of ONNX, if it would be one of an earlier version.
    pub(super) fn needs_opset(&mut self, version: i64) {
        self.builder.needs_opset(version);
    }

    /// Finishes the network, whose result is this value. Returns the ONNX file.
    pub(super) fn finish(mut self, result: &Value) -> Outcome<Vec<u8>> {
        if self.operators > MAX_OPERATORS {
            return Err(Misfit::contradiction(format!("it would have more than {MAX_OPERATORS} operators")));
        }
        if self.constants > self.most_constants() {
            let most = self.most_constants() >> 20;
            return Err(Misfit::contradiction(format!("its constants would have more than {most} MB")));
        }
        let shape = [Dimension::Fixed(1), Dimension::Fixed(result.channels as u64), Dimension::Open, Dimension::Open];
        self.builder.node("Identity", &[&result.name], "output", &[]);
        self.builder.output("output", &shape);
        Ok(self.builder.finish())
    }

    /// Adds an operator with several outputs, of which the first is used.
    pub(super) fn operator_of(
        &mut self,
        kind: &str,
        inputs: &[&str],
        outputs: usize,
        channels: usize,
        settings: &[(&str, Setting<'_>)],
    ) -> Value {
        let names: Vec<String> = (0..outputs.max(1)).map(|_| self.builder.fresh(&kind.to_lowercase())).collect();
        self.operators += 1;
        if self.operators <= MAX_OPERATORS {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            self.builder.node_of(kind, inputs, &names, settings);
        }
        Value { name: names.into_iter().next().unwrap_or_default(), channels }
    }

    /// Adds an operator with one output.
    pub(super) fn operator(
        &mut self,
        kind: &str,
        inputs: &[&str],
        channels: usize,
        settings: &[(&str, Setting<'_>)],
    ) -> Value {
        let name = self.builder.fresh(&kind.to_lowercase());
        self.operators += 1;
        if self.operators <= MAX_OPERATORS {
            self.builder.node(kind, inputs, &name, settings);
        }
        Value { name, channels }
    }

    /// Adds a constant tensor of floats and returns its name.
    pub(super) fn floats(&mut self, shape: &[usize], values: &[f32]) -> String {
        if self.has_room(values) { self.builder.constant(shape, values) } else { String::new() }
    }

    /// Adds a constant list of integers and returns its name.
    pub(super) fn integers(&mut self, values: &[i64]) -> String {
        if self.has_room(values) { self.builder.numbers(values) } else { String::new() }
    }

    /// Counts the bytes of a constant. If there are too many, [`finish`](Self::finish) refuses the network, so no more are kept.
    fn has_room<T>(&mut self, values: &[T]) -> bool {
        self.constants = self.constants.saturating_add(size_of_val(values));
        self.constants <= self.most_constants()
    }

    /// The most bytes of all constants.
    fn most_constants(&self) -> usize {
        self.weights.most_values().saturating_mul(size_of::<f32>()).min(MAX_NETWORK as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoints::Checkpoint;

    #[test]
    fn pictures_have_1_to_16_channels() {
        let checkpoint = Checkpoint::default();
        let weights = Weights::new(&checkpoint);
        for channels in [0, 17, usize::MAX] {
            assert!(Graph::new(&weights).picture(channels).unwrap_err().clause().contains("channels"));
        }
        assert!([1, 16].iter().all(|channels| Graph::new(&weights).picture(*channels).is_ok()));
    }

    #[test]
    fn constants_are_limited_together() {
        let checkpoint = Checkpoint::default();
        let weights = Weights::new(&checkpoint);
        let finished = |constants: usize| {
            let mut graph = Graph::new(&weights);
            let picture = graph.picture(3).unwrap();
            for _ in 0..constants {
                graph.floats(&[1 << 18], &vec![0.0; 1 << 18]);
            }
            graph.finish(&picture).map(|file| file.len())
        };
        // A megabyte each.
        assert!(finished(31).unwrap() > 31 << 20);
        assert!(finished(33).unwrap_err().clause().contains("more than 32 MB"));
        assert!(finished(3000).is_err());
    }

    #[test]
    fn constants_of_any_shape_are_refused_before_they_are_made() {
        let checkpoint = Checkpoint::default();
        let weights = Weights::new(&checkpoint);
        assert_eq!(weights.room(&[1 << 10, 1 << 13]).unwrap(), 1 << 23);
        assert!(weights.room(&[1 << 10, 1 << 14]).unwrap_err().clause().contains("1024×16384 values"));
        assert!(weights.room(&[1 << 62, 1 << 62]).is_err());
        assert!(weights.count_multiplications(&[1 << 16, 1 << 15]).is_ok());
        assert!(weights.count_multiplications(&[1 << 16, 1 << 15]).is_ok());
        assert!(weights.count_multiplications(&[1]).is_err());
    }

    #[test]
    fn kernels_without_a_middle_or_a_square_are_refused() {
        let checkpoint = Checkpoint::default();
        let weights = Weights::new(&checkpoint);
        let mut graph = Graph::new(&weights);
        let picture = graph.picture(1).unwrap();
        let even = graph.convolve(&picture, &[0.0; 4], [1, 1, 2, 2], None, Convolution::default());
        assert!(even.unwrap_err().clause().contains("2×2 values has no middle"));
        let padded = Convolution { pads: Some([0; 4]), ..Convolution::default() };
        assert!(graph.convolve(&picture, &[0.0; 4], [1, 1, 2, 2], None, padded).is_ok());
    }
}
