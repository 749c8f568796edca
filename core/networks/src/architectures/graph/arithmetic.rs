//! Activations, and arithmetic on every sample alike.

use super::{Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

impl Graph<'_> {
    pub(in crate::architectures) fn relu(&mut self, input: &Value) -> Value {
        self.operator("Relu", &[&input.name], input.channels, &[])
    }

    pub(in crate::architectures) fn leaky_relu(&mut self, input: &Value, slope: f32) -> Value {
        self.operator("LeakyRelu", &[&input.name], input.channels, &[("alpha", Setting::Float(slope))])
    }

    /// A ReLU whose slope below zero is the tensor `name`, one value for each channel or one for all.
    pub(in crate::architectures) fn parametric_relu(&mut self, input: &Value, name: &str) -> Outcome<Value> {
        let [slopes] = self.weights.dimensions::<1>(name)?;
        if slopes != 1 && slopes != input.channels {
            return Err(Misfit::Shape { name: name.to_owned(), found: vec![slopes], needed: vec![input.channels] });
        }
        let slopes = self.weights.values(name, &[slopes])?;
        let constant = self.floats(&[slopes.len(), 1, 1], &slopes);
        Ok(self.operator("PRelu", &[&input.name, &constant], input.channels, &[]))
    }

    pub(in crate::architectures) fn sigmoid(&mut self, input: &Value) -> Value {
        self.operator("Sigmoid", &[&input.name], input.channels, &[])
    }

    /// x · sigmoid(x), also known as Swish.
    pub(in crate::architectures) fn silu(&mut self, input: &Value) -> Value {
        let gate = self.sigmoid(input);
        self.product(input, &gate)
    }

    /// The hyperbolic tangent.
    pub(in crate::architectures) fn tanh(&mut self, input: &Value) -> Value {
        self.operator("Tanh", &[&input.name], input.channels, &[])
    }

    /// x · tanh(ln(1 + eˣ)).
    pub(in crate::architectures) fn mish(&mut self, input: &Value) -> Value {
        let soft = self.operator("Softplus", &[&input.name], input.channels, &[]);
        let gate = self.tanh(&soft);
        self.product(input, &gate)
    }

    /// Every sample limited to a range.
    pub(in crate::architectures) fn clamped(&mut self, input: &Value, minimum: f32, maximum: f32) -> Value {
        let [minimum, maximum] = [minimum, maximum].map(|bound| self.floats(&[], &[bound]));
        self.operator("Clip", &[&input.name, &minimum, &maximum], input.channels, &[])
    }

    pub(in crate::architectures) fn sum(&mut self, a: &Value, b: &Value) -> Value {
        self.operator("Add", &[&a.name, &b.name], a.channels.max(b.channels), &[])
    }

    pub(in crate::architectures) fn difference(&mut self, a: &Value, b: &Value) -> Value {
        self.operator("Sub", &[&a.name, &b.name], a.channels.max(b.channels), &[])
    }

    /// The product of two values, one of which may have a single pixel or a single channel.
    pub(in crate::architectures) fn product(&mut self, a: &Value, b: &Value) -> Value {
        self.operator("Mul", &[&a.name, &b.name], a.channels.max(b.channels), &[])
    }

    /// Every sample multiplied by a number.
    pub(in crate::architectures) fn scaled(&mut self, input: &Value, factor: f32) -> Value {
        let factor = self.floats(&[1], &[factor]);
        self.operator("Mul", &[&input.name, &factor], input.channels, &[])
    }

    /// A number added to every sample.
    pub(in crate::architectures) fn shifted(&mut self, input: &Value, number: f32) -> Value {
        let number = self.floats(&[1], &[number]);
        self.operator("Add", &[&input.name, &number], input.channels, &[])
    }

    /// A number for each channel added to its samples.
    pub(in crate::architectures) fn shifted_channels(&mut self, input: &Value, numbers: &[f32]) -> Value {
        let numbers = self.floats(&[1, numbers.len(), 1, 1], numbers);
        self.operator("Add", &[&input.name, &numbers], input.channels, &[])
    }

    /// Each channel multiplied by a number of its own.
    pub(in crate::architectures) fn scaled_channels(&mut self, input: &Value, factors: &[f32]) -> Value {
        let factors = self.floats(&[1, factors.len(), 1, 1], factors);
        self.operator("Mul", &[&input.name, &factors], input.channels, &[])
    }
}
