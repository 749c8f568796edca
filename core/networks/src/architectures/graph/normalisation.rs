//! Normalisation over channels, GELU and softmax.
//!
//! They are written in operators of the base set, in the forms that engines recognise and run as one.

use super::{Graph, Value};
use crate::architectures::misfit::Outcome;
use crate::onnx::Setting;

/// What torch adds to the variance in a layer norm, unless a network says otherwise.
pub(in crate::architectures) const EPSILON: f32 = 1e-5;

/// The least length by which torch divides vectors.
const LEAST_LENGTH: f32 = 1e-12;

impl Graph<'_> {
    /// The layer norm of each token, with the weights `name.weight` and, if it exists, `name.bias`.
    pub(in crate::architectures) fn layer_norm(&mut self, tokens: &Value, name: &str, epsilon: f32) -> Outcome<Value> {
        let channels = tokens.channels;
        let weights = self.weights.values(&format!("{name}.weight"), &[channels])?;
        let bias = self.bias(name, channels)?;
        let axes = [("axes", Setting::Integers(&[-1])), ("keepdims", Setting::Integer(1))];
        let mean = self.operator("ReduceMean", &[&tokens.name], channels, &axes);
        let centred = self.difference(tokens, &mean);
        let two = self.floats(&[], &[2.0]);
        let squares = self.operator("Pow", &[&centred.name, &two], channels, &[]);
        let variance = self.operator("ReduceMean", &[&squares.name], channels, &axes);
        let epsilon = self.floats(&[], &[epsilon]);
        let variance = self.operator("Add", &[&variance.name, &epsilon], channels, &[]);
        let deviation = self.operator("Sqrt", &[&variance.name], channels, &[]);
        let normal = self.operator("Div", &[&centred.name, &deviation.name], channels, &[]);
        let weights = self.floats(&[channels], &weights);
        let scaled = self.operator("Mul", &[&normal.name, &weights], channels, &[]);
        let Some(bias) = bias else { return Ok(scaled) };
        let bias = self.floats(&[channels], &bias);
        Ok(self.operator("Add", &[&scaled.name, &bias], channels, &[]))
    }

    /// Each vector along an axis divided by its length, the root of the sum of its squares.
    pub(in crate::architectures) fn unit(&mut self, input: &Value, axis: i64) -> Value {
        let settings = [("axes", Setting::Integers(&[axis])), ("keepdims", Setting::Integer(1))];
        let length = self.operator("ReduceL2", &[&input.name], 1, &settings);
        let least = self.floats(&[1], &[LEAST_LENGTH]);
        let length = self.operator("Max", &[&length.name, &least], 1, &[]);
        self.operator("Div", &[&input.name, &length.name], input.channels, &[])
    }

    /// The Gaussian error linear unit, by the error function.
    pub(in crate::architectures) fn gelu(&mut self, input: &Value) -> Value {
        let [root, one, half] = [std::f32::consts::SQRT_2, 1.0, 0.5].map(|number| self.floats(&[], &[number]));
        let channels = input.channels;
        let scaled = self.operator("Div", &[&input.name, &root], channels, &[]);
        let error = self.operator("Erf", &[&scaled.name], channels, &[]);
        let raised = self.operator("Add", &[&error.name, &one], channels, &[]);
        let product = self.operator("Mul", &[&input.name, &raised.name], channels, &[]);
        self.operator("Mul", &[&product.name, &half], channels, &[])
    }

    /// The softmax over the last dimension.
    pub(in crate::architectures) fn softmax(&mut self, input: &Value) -> Value {
        self.operator("Softmax", &[&input.name], input.channels, &[("axis", Setting::Integer(-1))])
    }
}
