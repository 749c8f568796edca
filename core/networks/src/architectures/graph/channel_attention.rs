//! Attention on planes between channels: over the whole picture, in windows, or in each of several planes.
//!
//! The rows of queries and keys get the length 1, so attention must be scaled by a temperature of each head.

use super::attention::{Order, PlaneWindows, channels_of_head};
use super::lengths::{REST, Side, Size};
use super::{Graph, Value};
use crate::architectures::misfit::Outcome;

impl Graph<'_> {
    /// Attention between the channels of each head, over all pixels: the rows of queries and keys get the length 1, and
    /// `temperature` multiplies each head's attention. The arguments are planes.
    pub(in crate::architectures) fn channel_attention(
        &mut self,
        [queries, keys, values]: [&Value; 3],
        size: &Size,
        temperature: &[f32],
    ) -> Outcome<Value> {
        let (heads, channels) = (temperature.len(), values.channels);
        let of_head = channels_of_head(channels, heads)?;
        let shape = [Side::from(heads), Side::from(of_head), REST];
        let [queries, keys, values] = [queries, keys, values].map(|planes| self.reshaped(planes, &shape, channels));
        let (queries, keys) = (self.unit(&queries, -1), self.unit(&keys, -1));
        let keys = self.transposed(&keys, &[0, 2, 1], keys.channels);
        let weights = self.matrix_product(&queries, &keys, 0);
        let temperature = self.floats(&[heads, 1, 1], temperature);
        let weights = self.operator("Mul", &[&weights.name, &temperature], channels, &[]);
        let weights = self.softmax(&weights);
        let made = self.matrix_product(&weights, &values, 0);
        let (height, width) = (Side::Of(&size.height), Side::Of(&size.width));
        Ok(self.reshaped(&made, &[Side::from(1), Side::from(channels), height, width], channels))
    }

    /// Windows of planes as planes of their own.
    pub(in crate::architectures) fn in_patches(&mut self, planes: &Value, windows: &PlaneWindows) -> Outcome<Value> {
        let value = self.in_windows(planes, windows, 1, Order::Channels)?;
        let [height, width] = windows.side.map(Side::from);
        Ok(self.reshaped(&value, &[REST, Side::from(planes.channels), height, width], planes.channels))
    }

    /// Planes of which windows are planes of their own.
    pub(in crate::architectures) fn out_of_patches(
        &mut self,
        patches: &Value,
        windows: &PlaneWindows,
    ) -> Outcome<Value> {
        self.out_of_windows(patches, windows, 1, Order::Channels)
    }

    /// Like [`channel_attention`](Self::channel_attention), for each of several planes of the same size by itself.
    pub(in crate::architectures) fn channel_attention_of_each(
        &mut self,
        [queries, keys, values]: [&Value; 3],
        temperature: &[f32],
    ) -> Outcome<Value> {
        let (heads, channels) = (temperature.len(), values.channels);
        let of_head = channels_of_head(channels, heads)?;
        let shape = self.operator("Shape", &[&values.name], 4, &[]);
        let pixels = self.size(values);
        let pixels = self.calculated("Mul", &pixels.height, &pixels.width);
        let rows = [REST, Side::from(heads), Side::from(of_head), Side::Of(&pixels)];
        let [queries, keys, values] = [queries, keys, values].map(|planes| self.reshaped(planes, &rows, channels));
        let made = self.attention_between_rows([&queries, &keys, &values], temperature);
        Ok(self.operator("Reshape", &[&made.name, &shape.name], channels, &[]))
    }

    /// Attention between the rows of matrices, which are the last two dimensions after that of the heads.
    fn attention_between_rows(&mut self, [queries, keys, values]: [&Value; 3], temperature: &[f32]) -> Value {
        let (heads, channels) = (temperature.len(), values.channels);
        let (queries, keys) = (self.unit(queries, -1), self.unit(keys, -1));
        let keys = self.transposed(&keys, &[0, 1, 3, 2], channels);
        let weights = self.matrix_product(&queries, &keys, 0);
        let temperature = self.floats(&[heads, 1, 1], temperature);
        let weights = self.operator("Mul", &[&weights.name, &temperature], channels, &[]);
        let weights = self.softmax(&weights);
        self.matrix_product(&weights, values, channels)
    }

    /// Like [`channel_attention`](Self::channel_attention), for each group of pixels by itself.
    pub(in crate::architectures) fn channel_attention_in(
        &mut self,
        [queries, keys, values]: [&Value; 3],
        windows: &PlaneWindows,
        temperature: &[f32],
    ) -> Outcome<Value> {
        let heads = temperature.len();
        let queries = self.in_windows(queries, windows, heads, Order::Channels)?;
        let keys = self.in_windows(keys, windows, heads, Order::Channels)?;
        let values = self.in_windows(values, windows, heads, Order::Channels)?;
        let made = self.attention_between_rows([&queries, &keys, &values], temperature);
        self.out_of_windows(&made, windows, heads, Order::Channels)
    }
}
