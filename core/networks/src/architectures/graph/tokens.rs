//! Operations on tokens: matrices with a row for each pixel and a column for each channel.
//!
//! The operators may have further dimensions before the row, such as one for windows. The last dimension is always the channels.

use super::lengths::{REST, Side, Size};
use super::{Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

/// A fully connected layer: weights of shape output × input, and a bias.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Linear {
    pub(in crate::architectures) weights: Vec<f32>,
    pub(in crate::architectures) shape: [usize; 2],
    pub(in crate::architectures) bias: Option<Vec<f32>>,
}

impl Linear {
    /// The outputs from `start`.
    pub(in crate::architectures) fn part(&self, start: usize, count: usize) -> Linear {
        let inputs = self.shape[1];
        Linear {
            weights: self.weights[start * inputs..][..count * inputs].to_vec(),
            shape: [count, inputs],
            bias: self.bias.as_ref().map(|bias| bias[start..][..count].to_vec()),
        }
    }

    /// The layer with all its outputs multiplied by a number.
    pub(in crate::architectures) fn times(mut self, factor: f32) -> Linear {
        self.weights.iter_mut().chain(self.bias.iter_mut().flatten()).for_each(|value| *value *= factor);
        self
    }
}

impl Graph<'_> {
    /// Planes as tokens: a matrix with a row for each pixel and a column for each channel.
    pub(in crate::architectures) fn tokens(&mut self, planes: &Value) -> Value {
        let channels = planes.channels;
        let flat = self.reshaped(planes, &[channels.into(), REST], channels);
        self.transposed(&flat, &[1, 0], channels)
    }

    /// Tokens as planes of this size.
    pub(in crate::architectures) fn planes(&mut self, tokens: &Value, size: &Size) -> Value {
        let channels = tokens.channels;
        let flat = self.transposed(tokens, &[1, 0], channels);
        self.reshaped(&flat, &[1.into(), channels.into(), (&size.height).into(), REST], channels)
    }

    /// The layer with the weights `name.weight` and, if it exists, `name.bias`.
    pub(in crate::architectures) fn linear_weights(&self, name: &str, inputs: usize) -> Outcome<Linear> {
        let (weights, shape) = self.weights.values_of(&format!("{name}.weight"), [0, inputs])?;
        Ok(Linear { weights, shape, bias: self.bias(name, shape[0])? })
    }

    /// A fully connected layer with the weights `name.weight` and, if it exists, `name.bias`.
    pub(in crate::architectures) fn linear(&mut self, tokens: &Value, name: &str) -> Outcome<Value> {
        let layer = self.linear_weights(name, tokens.channels)?;
        Ok(self.linear_of(tokens, &layer))
    }

    /// A fully connected layer.
    pub(in crate::architectures) fn linear_of(&mut self, tokens: &Value, layer: &Linear) -> Value {
        let [outputs, inputs] = layer.shape;
        let mut turned = vec![0.0; layer.weights.len()];
        for (at, weight) in layer.weights.iter().enumerate() {
            turned[at % inputs * outputs + at / inputs] = *weight;
        }
        let turned = self.floats(&[inputs, outputs], &turned);
        let product = self.operator("MatMul", &[&tokens.name, &turned], outputs, &[]);
        match &layer.bias {
            None => product,
            Some(bias) => {
                let bias = self.floats(&[outputs], bias);
                self.operator("Add", &[&product.name, &bias], outputs, &[])
            }
        }
    }

    /// A convolution of one pixel with the weights `name.weight` and, if it exists, `name.bias`, applied to tokens.
    pub(in crate::architectures) fn linear_of_convolution(&mut self, tokens: &Value, name: &str) -> Outcome<Value> {
        let (weights, [outputs, inputs, ..]) =
            self.weights.values_of(&format!("{name}.weight"), [0, tokens.channels, 1, 1])?;
        let layer = Linear { weights, shape: [outputs, inputs], bias: self.bias(name, outputs)? };
        Ok(self.linear_of(tokens, &layer))
    }

    /// Two fully connected layers, `name.fc1` and `name.fc2`, with a GELU between them.
    pub(in crate::architectures) fn perceptron(&mut self, tokens: &Value, name: &str) -> Outcome<Value> {
        let hidden = self.linear(tokens, &format!("{name}.fc1"))?;
        let active = self.gelu(&hidden);
        self.linear(&active, &format!("{name}.fc2"))
    }

    /// The rows that a list of integers names.
    pub(in crate::architectures) fn rows(&mut self, input: &Value, indices: &str) -> Value {
        self.operator("Gather", &[&input.name, indices], input.channels, &[("axis", Setting::Integer(0))])
    }

    /// These columns of a matrix.
    pub(in crate::architectures) fn columns(&mut self, input: &Value, indices: &[i64]) -> Value {
        let list = self.integers(indices);
        self.operator("Gather", &[&input.name, &list], indices.len(), &[("axis", Setting::Integer(1))])
    }

    /// The rows of all values, one after another.
    pub(in crate::architectures) fn rows_joined(&mut self, values: &[&Value]) -> Value {
        self.joined_along(values, 0)
    }

    /// The channels of all tokens, one after another.
    pub(in crate::architectures) fn tokens_joined(&mut self, values: &[&Value]) -> Value {
        let channels = values.iter().map(|value| value.channels).sum();
        Value { channels, ..self.joined_along(values, -1) }
    }

    fn joined_along(&mut self, values: &[&Value], axis: i64) -> Value {
        let names: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
        let channels = values.first().map_or(0, |value| value.channels);
        self.operator("Concat", &names, channels, &[("axis", Setting::Integer(axis))])
    }

    /// Tokens in windows of `rows` rows, cut into heads: windows × heads × rows × channels of a head.
    pub(in crate::architectures) fn heads<'l>(
        &mut self,
        tokens: &Value,
        rows: impl Into<Side<'l>>,
        heads: usize,
    ) -> Outcome<Value> {
        self.cut_in_heads(tokens, rows.into(), heads, &[0, 2, 1, 3])
    }

    /// As [`heads`](Self::heads), but windows × heads × channels of a head × rows, as keys are needed.
    pub(in crate::architectures) fn heads_turned<'l>(
        &mut self,
        tokens: &Value,
        rows: impl Into<Side<'l>>,
        heads: usize,
    ) -> Outcome<Value> {
        self.cut_in_heads(tokens, rows.into(), heads, &[0, 2, 3, 1])
    }

    fn cut_in_heads(&mut self, tokens: &Value, rows: Side<'_>, heads: usize, order: &[i64]) -> Outcome<Value> {
        if heads == 0 || !tokens.channels.is_multiple_of(heads) {
            return Err(Misfit::contradiction(format!("{heads} heads do not divide {} channels", tokens.channels)));
        }
        let channels = tokens.channels / heads;
        let cut = self.reshaped(tokens, &[REST, rows, heads.into(), channels.into()], channels);
        Ok(self.transposed(&cut, order, channels))
    }

    /// The inverse of [`heads`](Self::heads): tokens of `channels` channels.
    pub(in crate::architectures) fn headless(&mut self, input: &Value, channels: usize) -> Value {
        let turned = self.transposed(input, &[0, 2, 1, 3], input.channels);
        self.reshaped(&turned, &[REST, Side::from(channels)], channels)
    }

    /// Attention: softmax(queries · keys + additions) · values. The scale is expected to be in the queries, and the keys turned.
    pub(in crate::architectures) fn attention(
        &mut self,
        queries: &Value,
        keys_turned: &Value,
        values: &Value,
        additions: &[&Value],
    ) -> Value {
        let mut scores = self.matrix_product(queries, keys_turned, 0);
        for addition in additions {
            scores = self.sum(&scores, addition);
        }
        let weights = self.softmax(&scores);
        self.matrix_product(&weights, values, values.channels)
    }

    /// The product of the matrices in the last two dimensions.
    pub(in crate::architectures) fn matrix_product(&mut self, a: &Value, b: &Value, channels: usize) -> Value {
        self.operator("MatMul", &[&a.name, &b.name], channels, &[])
    }
}
