//! A convolution's weights that are changed before they are used: joined with the normalisation before or after, scaled, or divided.
//!
//! What follows from weights alone is computed here, once, and not for every picture.

use super::{Convolution, Graph, Value};
use crate::architectures::Weights;
use crate::architectures::misfit::{Misfit, Outcome};

/// The weights of a convolution, which may be a fully connected layer: a convolution of one pixel.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Layer {
    weights: Vec<f32>,
    /// Output channels × input channels of a group × height × width.
    shape: [usize; 4],
    bias: Option<Vec<f32>>,
}

impl Layer {
    /// The layer with the weights `name.weight` and, if it exists, `name.bias`.
    pub(in crate::architectures) fn read(weights: &Weights<'_>, name: &str) -> Outcome<Self> {
        let name_of = |kind: &str| format!("{name}.{kind}");
        let stored = weights.shape(&name_of("weight")).unwrap_or_default();
        let shape = if stored.len() == 2 {
            let [outputs, inputs] = weights.dimensions::<2>(&name_of("weight"))?;
            [outputs, inputs, 1, 1]
        } else {
            weights.dimensions::<4>(&name_of("weight"))?
        };
        let values = weights.values(&name_of("weight"), stored)?;
        let bias = name_of("bias");
        let bias = if weights.has(&bias) { Some(weights.values(&bias, &[shape[0]])?) } else { None };
        Ok(Layer { weights: values, shape, bias })
    }

    /// A layer of one pixel's weights, like [`read`](Self::read), which must have this many inputs.
    pub(in crate::architectures) fn pointwise(weights: &Weights<'_>, name: &str, inputs: usize) -> Outcome<Self> {
        let layer = Self::read(weights, name)?;
        if layer.shape[1..] == [inputs, 1, 1] {
            return Ok(layer);
        }
        Err(Misfit::Shape {
            name: format!("{name}.weight"),
            found: layer.shape.to_vec(),
            needed: vec![0, inputs, 1, 1],
        })
    }

    /// The number of output channels.
    pub(in crate::architectures) fn outputs(&self) -> usize {
        self.shape[0]
    }

    /// The weights of one output.
    fn of_output(&self) -> usize {
        self.shape[1..].iter().product::<usize>().max(1)
    }

    /// The layer applied to inputs that are multiplied by `factors` and then have `numbers` added. It must be of one pixel and one group.
    pub(in crate::architectures) fn after(mut self, factors: &[f32], numbers: &[f32]) -> Self {
        let mut bias = self.bias.take().unwrap_or_else(|| vec![0.0; self.shape[0]]);
        let length = self.of_output();
        for (bias, row) in bias.iter_mut().zip(self.weights.chunks_exact_mut(length)) {
            let added: f64 =
                row.iter().zip(numbers).map(|(weight, number)| f64::from(*weight) * f64::from(*number)).sum();
            *bias = (f64::from(*bias) + added) as f32;
            row.iter_mut().zip(factors).for_each(|(weight, factor)| *weight *= factor);
        }
        self.bias = Some(bias);
        self
    }

    /// The layer whose outputs are multiplied by `factors` and then have `numbers` added.
    pub(in crate::architectures) fn before(mut self, factors: &[f32], numbers: &[f32]) -> Self {
        let length = self.of_output();
        let mut bias = self.bias.take().unwrap_or_else(|| vec![0.0; self.shape[0]]);
        for (row, factor) in self.weights.chunks_exact_mut(length).zip(factors) {
            row.iter_mut().for_each(|weight| *weight *= factor);
        }
        for ((bias, factor), number) in bias.iter_mut().zip(factors).zip(numbers) {
            *bias = *bias * factor + number;
        }
        self.bias = Some(bias);
        self
    }

    /// The layer with each output multiplied by a number.
    pub(in crate::architectures) fn times(mut self, factor: f32) -> Self {
        self.weights.iter_mut().chain(self.bias.iter_mut().flatten()).for_each(|value| *value *= factor);
        self
    }

    /// The part of the layer that computes `count` of its outputs from `start` on.
    ///
    /// # Errors
    /// If there are not as many.
    pub(in crate::architectures) fn part(&self, start: usize, count: usize) -> Outcome<Self> {
        let length = self.of_output();
        let outputs = start..start + count;
        let weights = self.weights.get(start.saturating_mul(length)..(start + count).saturating_mul(length));
        let bias = self.bias.as_ref().map(|bias| bias.get(outputs).unwrap_or_default().to_vec());
        match weights {
            Some(weights) if count > 0 => {
                let [_, inputs, height, width] = self.shape;
                Ok(Layer { weights: weights.to_vec(), shape: [count, inputs, height, width], bias })
            }
            _ => Err(Misfit::contradiction(format!(
                "a layer has {} outputs, but {} are needed",
                self.shape[0],
                start + count
            ))),
        }
    }

    /// Both layers as one, whose outputs are those of this one and then those of the other.
    ///
    /// # Errors
    /// If they do not read the same inputs.
    pub(in crate::architectures) fn joined(mut self, other: &Self) -> Outcome<Self> {
        if self.shape[1..] != other.shape[1..] || self.bias.is_some() != other.bias.is_some() {
            return Err(Misfit::contradiction("two layers that belong together have different inputs"));
        }
        self.weights.extend(&other.weights);
        self.shape[0] += other.shape[0];
        if let (Some(bias), Some(others)) = (&mut self.bias, &other.bias) {
            bias.extend(others);
        }
        Ok(self)
    }

    /// The layer divided into `count` layers with as many outputs each.
    pub(in crate::architectures) fn divided<const N: usize>(&self) -> Outcome<[Self; N]> {
        let count = self.shape[0] / N;
        if count * N != self.shape[0] {
            return Err(Misfit::contradiction(format!("{} outputs of a layer are not {N} equal parts", self.shape[0])));
        }
        let mut parts = Vec::with_capacity(N);
        for at in 0..N {
            parts.push(self.part(at * count, count)?);
        }
        parts.try_into().map_err(|_| Misfit::contradiction("a layer has no outputs"))
    }

    /// The layer whose outputs then have each square of `factor` × `factor` pixels moved into channels (pixel unshuffle): the same
    /// kernels at the places of the square, in larger ones. Its kernels must have 3×3 values. It must be applied with a stride, by
    /// [`apply_unshuffled`](Self::apply_unshuffled).
    pub(in crate::architectures) fn then_unshuffled(self, weights: &Weights<'_>, factor: usize) -> Outcome<Self> {
        let [outputs, inputs, height, width] = self.shape;
        if [height, width] != [3, 3] {
            return Err(Misfit::contradiction(format!(
                "a kernel that halves the size has {height}×{width} values, not 3×3"
            )));
        }
        let [tall, wide] = [height, width].map(|side| side + factor - 1);
        let length = weights.room(&[outputs, factor * factor, inputs, tall, wide])?;
        let squares = outputs * factor * factor;
        let mut weights = vec![0.0; length];
        for (at, weight) in self.weights.iter().enumerate() {
            let (column, row, plane) = (at % width, at / width % height, at / (width * height));
            let (input, output) = (plane % inputs, plane / inputs);
            for place in 0..factor * factor {
                let plane = (output * factor * factor + place) * inputs + input;
                weights[(plane * tall + row + place / factor) * wide + column + place % factor] = *weight;
            }
        }
        let repeat =
            |bias: Vec<f32>| bias.iter().flat_map(|bias| std::iter::repeat_n(*bias, factor * factor)).collect();
        Ok(Layer { weights, shape: [squares, inputs, tall, wide], bias: self.bias.map(repeat) })
    }

    /// Adds a layer of [`then_unshuffled`](Self::then_unshuffled) to the network.
    pub(in crate::architectures) fn apply_unshuffled(
        &self,
        graph: &mut Graph<'_>,
        input: &Value,
        factor: usize,
    ) -> Outcome<Value> {
        self.apply_with(graph, input, Convolution { stride: factor, pads: Some([1; 4]), groups: 1 })
    }

    /// The layer whose kernels have `step` − 1 zeros between their weights.
    pub(in crate::architectures) fn dilated(self, weights: &Weights<'_>, step: usize) -> Outcome<Self> {
        let [outputs, inputs, height, width] = self.shape;
        let [tall, wide] = [height, width].map(|side| (side - 1).saturating_mul(step).saturating_add(1));
        let mut weights = vec![0.0; weights.room(&[outputs, inputs, tall, wide])?];
        for (at, weight) in self.weights.iter().enumerate() {
            let (column, row, plane) = (at % width, at / width % height, at / (width * height));
            weights[(plane * tall + row * step) * wide + column * step] = *weight;
        }
        Ok(Layer { weights, shape: [outputs, inputs, tall, wide], bias: self.bias })
    }

    /// Adds the layer to the network.
    pub(in crate::architectures) fn apply_with(
        &self,
        graph: &mut Graph<'_>,
        input: &Value,
        settings: Convolution,
    ) -> Outcome<Value> {
        graph.convolve(input, &self.weights, self.shape, self.bias.as_deref(), settings)
    }

    /// Adds the layer to the network, keeping the size.
    pub(in crate::architectures) fn apply(&self, graph: &mut Graph<'_>, input: &Value) -> Outcome<Value> {
        self.apply_with(graph, input, Convolution::default())
    }
}

/// A batch normalisation as factors and numbers to add: `name.weight`, `.bias`, `.running_mean` and `.running_var`.
pub(in crate::architectures) fn batch_normalisation(
    weights: &Weights<'_>,
    name: &str,
    channels: usize,
) -> Outcome<(Vec<f32>, Vec<f32>)> {
    batch_normalisation_with(weights, name, channels, 1e-5)
}

/// As [`batch_normalisation`], with another number than PyTorch's usual one added to the variance.
pub(in crate::architectures) fn batch_normalisation_with(
    weights: &Weights<'_>,
    name: &str,
    channels: usize,
    epsilon: f64,
) -> Outcome<(Vec<f32>, Vec<f32>)> {
    let values = |kind: &str| weights.values(&format!("{name}.{kind}"), &[channels]);
    let (scale, shift, mean, variance) =
        (values("weight")?, values("bias")?, values("running_mean")?, values("running_var")?);
    weights.ignore(&format!("{name}.num_batches_tracked"));
    let factors: Vec<f64> = scale
        .iter()
        .zip(&variance)
        .map(|(scale, variance)| f64::from(*scale) / (f64::from(*variance).max(0.0) + epsilon).sqrt())
        .collect();
    let numbers = shift
        .iter()
        .zip(&mean)
        .zip(&factors)
        .map(|((shift, mean), factor)| (f64::from(*shift) - f64::from(*mean) * factor) as f32)
        .collect();
    Ok((factors.iter().map(|factor| *factor as f32).collect(), numbers))
}
