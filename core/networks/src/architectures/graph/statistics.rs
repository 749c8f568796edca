//! Normalisation over the channels of each pixel of planes, whose factors can join the layer that follows.
//!
//! Planes must stay planes: the statistics are taken along the channels.

use super::{Convolution, Graph, Layer, Value};
use crate::architectures::misfit::Outcome;

impl Graph<'_> {
    /// Each pixel with the mean 0 and the variance 1 over its channels.
    pub(in crate::architectures) fn standardised(&mut self, planes: &Value, epsilon: f32) -> Outcome<Value> {
        let (centred, deviation) = self.deviation(planes, epsilon)?;
        Ok(self.operator("Div", &[&centred.name, &deviation.name], planes.channels, &[]))
    }

    /// Each pixel with the variance 1 over its channels and a mean that changes accordingly.
    pub(in crate::architectures) fn with_unit_variance(&mut self, planes: &Value, epsilon: f32) -> Outcome<Value> {
        let (_, deviation) = self.deviation(planes, epsilon)?;
        Ok(self.operator("Div", &[&planes.name, &deviation.name], planes.channels, &[]))
    }

    /// Each pixel with the mean 0 over its channels, and its standard deviation.
    fn deviation(&mut self, planes: &Value, epsilon: f32) -> Outcome<(Value, Value)> {
        let mean = self.mean_of_channels(planes, 0.0)?;
        let centred = self.difference(planes, &mean);
        let squares = self.product(&centred, &centred);
        let variance = self.mean_of_channels(&squares, epsilon)?;
        Ok((centred, self.operator("Sqrt", &[&variance.name], 1, &[])))
    }

    /// The mean of each pixel's channels, and a number added to it. A convolution is several times faster than a reduction along an
    /// axis that is not the last.
    fn mean_of_channels(&mut self, planes: &Value, number: f32) -> Outcome<Value> {
        let channels = planes.channels;
        let weights = vec![1.0 / channels.max(1) as f32; channels];
        let bias = (number != 0.0).then_some([number]);
        let bias = bias.as_ref().map(<[f32; 1]>::as_slice);
        self.convolve(planes, &weights, [1, channels, 1, 1], bias, Convolution::default())
    }

    /// Each pixel normalised over its channels, with the factors `name.weight` and, if it exists, the numbers `name.bias`.
    pub(in crate::architectures) fn normalised_planes(
        &mut self,
        planes: &Value,
        name: &str,
        epsilon: f32,
    ) -> Outcome<Value> {
        let factors = self.weights.values(&format!("{name}.weight"), &[planes.channels])?;
        let numbers = self.bias(name, planes.channels)?;
        let value = self.standardised(planes, epsilon)?;
        let value = self.scaled_channels(&value, &factors);
        Ok(numbers.map_or(value.clone(), |numbers| self.shifted_channels(&value, &numbers)))
    }

    /// The factors and numbers of a normalisation over channels.
    pub(in crate::architectures) fn norm_values(&self, name: &str, channels: usize) -> Outcome<(Vec<f32>, Vec<f32>)> {
        let values = |kind: &str| self.weights.values(&format!("{name}.{kind}"), &[channels]);
        Ok((values("weight")?, values("bias")?))
    }

    /// A layer of one pixel that includes the factors and numbers of the normalisation `norm` before it, so that only
    /// [`standardised`](Self::standardised) planes need be given to it.
    pub(in crate::architectures) fn layer_after_norm(&self, name: &str, norm: &str, channels: usize) -> Outcome<Layer> {
        let (factors, numbers) = self.norm_values(norm, channels)?;
        Ok(Layer::pointwise(self.weights, name, channels)?.after(&factors, &numbers))
    }
}
