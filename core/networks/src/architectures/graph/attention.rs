//! Attention on planes: over the pixels of windows, and over channels.
//!
//! Values stay planes, so that layers are convolutions of one pixel; only queries, keys and values are moved into matrices.

use super::{Extent, Graph, Length, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

/// What is added to the attention between pixels that only a shift has brought into one window.
const APART: f32 = -100.0;

/// How planes are divided into windows. Their height and width must be multiples of the windows'.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Windows {
    /// Height and width of a window, in pixels.
    pub(in crate::architectures) side: [usize; 2],
    /// The rows and columns of windows, each a list of one integer.
    counts: Extent,
    /// The height and width of the planes.
    extent: Extent,
    grouping: Grouping,
}

/// Which pixels belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grouping {
    /// Neighbours: those of a window.
    Neighbours,
    /// As many pixels as a window has, as far from each other as there are windows.
    Spread,
    /// The pixels that have the same place in their windows: as many as there are windows.
    Places,
}

/// The order of the axes of a matrix of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::architectures) enum Order {
    /// Windows × heads × pixels × channels of a head.
    Pixels,
    /// Windows × heads × channels of a head × pixels.
    Channels,
}

impl Windows {
    /// The number of pixels of a window.
    pub(in crate::architectures) fn pixels(&self) -> usize {
        self.side[0] * self.side[1]
    }

    /// Instead of a window's pixels, as many that are spread over the picture.
    pub(in crate::architectures) fn spread(&self) -> Self {
        Windows { grouping: Grouping::Spread, ..self.clone() }
    }

    /// Instead of a window's pixels, the pixels at one place of all windows.
    pub(in crate::architectures) fn places(&self) -> Self {
        Windows { grouping: Grouping::Places, ..self.clone() }
    }
}

impl Graph<'_> {
    /// Windows of this height and width for planes of this extent.
    pub(in crate::architectures) fn windows(&mut self, extent: &Extent, side: [usize; 2]) -> Windows {
        let height = self.integer("Div", &extent.height, side[0].max(1) as i64);
        let width = self.integer("Div", &extent.width, side[1].max(1) as i64);
        Windows { side, counts: Extent { height, width }, extent: extent.clone(), grouping: Grouping::Neighbours }
    }

    /// The pixels of planes as matrices, one for each window and head.
    pub(in crate::architectures) fn in_windows(
        &mut self,
        planes: &Value,
        windows: &Windows,
        heads: usize,
        order: Order,
    ) -> Outcome<Value> {
        let of_head = channels_of_head(planes.channels, heads)?;
        let [height, width] = windows.side;
        let (rows, columns) = (Length::Of(&windows.counts.height), Length::Of(&windows.counts.width));
        let [heads, channels, height, width] = [heads, of_head, height, width].map(Length::Fixed);
        // In the shape, the places of the two axes that tell the groups apart, and of the two that tell the pixels of a group apart.
        let (shape, [a, b], [y, x]) = match windows.grouping {
            Grouping::Neighbours => ([heads, channels, rows, height, columns, width], [2, 4], [3, 5]),
            Grouping::Spread => ([heads, channels, height, rows, width, columns], [3, 5], [2, 4]),
            Grouping::Places => ([heads, channels, rows, height, columns, width], [3, 5], [2, 4]),
        };
        let (groups, pixels) = match windows.grouping {
            Grouping::Places => (Length::Fixed(windows.pixels()), Length::Rest),
            _ => (Length::Rest, Length::Fixed(windows.pixels())),
        };
        let value = self.reshaped(planes, &shape, planes.channels);
        let (axes, shape) = match order {
            Order::Pixels => ([a, b, 0, y, x, 1], [groups, heads, pixels, channels]),
            Order::Channels => ([a, b, 0, 1, y, x], [groups, heads, channels, pixels]),
        };
        let value = self.transposed(&value, &axes);
        Ok(self.reshaped(&value, &shape, planes.channels))
    }

    /// Planes made of matrices of pixels, one for each window and head.
    pub(in crate::architectures) fn from_windows(
        &mut self,
        matrices: &Value,
        windows: &Windows,
        heads: usize,
        order: Order,
    ) -> Outcome<Value> {
        let channels = matrices.channels;
        let of_head = channels_of_head(channels, heads)?;
        let [height, width] = windows.side.map(Length::Fixed);
        let (rows, columns) = (Length::Of(&windows.counts.height), Length::Of(&windows.counts.width));
        let [heads, of_head] = [heads, of_head].map(Length::Fixed);
        let ([a, b], [y, x]) = match windows.grouping {
            Grouping::Places => ([height, width], [rows, columns]),
            _ => ([rows, columns], [height, width]),
        };
        // The places of the channels of a head and of the two axes that tell the pixels of a group apart.
        let (shape, [of_channel, of_y, of_x]) = match order {
            Order::Pixels => ([a, b, heads, y, x, of_head], [5, 3, 4]),
            Order::Channels => ([a, b, heads, of_head, y, x], [3, 4, 5]),
        };
        let value = self.reshaped(matrices, &shape, channels);
        let axes = match windows.grouping {
            Grouping::Neighbours => [2, of_channel, 0, of_y, 1, of_x],
            Grouping::Spread | Grouping::Places => [2, of_channel, of_y, 0, of_x, 1],
        };
        let value = self.transposed(&value, &axes);
        let (height, width) = (Length::Of(&windows.extent.height), Length::Of(&windows.extent.width));
        Ok(self.reshaped(&value, &[Length::Fixed(1), Length::Fixed(channels), height, width], channels))
    }

    /// Attention between the pixels of each window. `bias` has the shape heads × pixels × pixels or can be broadcast to it, and
    /// `mask` is as [`shift_mask`](Self::shift_mask) makes it. The queries must have been scaled.
    pub(in crate::architectures) fn window_attention(
        &mut self,
        [queries, keys, values]: [&Value; 3],
        windows: &Windows,
        heads: usize,
        bias: Option<&str>,
        mask: Option<&Value>,
    ) -> Outcome<Value> {
        let queries = self.in_windows(queries, windows, heads, Order::Pixels)?;
        let keys = self.in_windows(keys, windows, heads, Order::Channels)?;
        let values = self.in_windows(values, windows, heads, Order::Pixels)?;
        let mut weights = self.matrix_product(&queries, &keys);
        if let Some(bias) = bias {
            weights = self.operator("Add", &[&weights.name, bias], weights.channels, &[]);
        }
        if let Some(mask) = mask {
            weights = self.sum(&weights, mask);
        }
        let weights = self.softmax(&weights);
        let mut made = self.matrix_product(&weights, &values);
        made.channels = values.channels;
        self.from_windows(&made, windows, heads, Order::Pixels)
    }

    /// For planes that were rolled by `shift` pixels: what to add to the attention between the pixels of each window, −100 for
    /// those that are no neighbours in the picture. Its shape is windows × 1 × pixels × pixels.
    pub(in crate::architectures) fn shift_mask(&mut self, windows: &Windows, shift: [usize; 2]) -> Outcome<Value> {
        // Of each direction, the parts of the picture that a window can join are numbered 0, 1 and 2.
        let mut parts = Vec::new();
        let sides = [windows.extent.height.clone(), windows.extent.width.clone()];
        for (at, side) in sides.iter().enumerate() {
            let places = self.counted(side);
            let mut number: Option<Value> = None;
            for distance in [windows.side[at], shift[at]] {
                // 1 for the places from side − distance on, else 0.
                let first = self.integer("Sub", side, distance as i64 - 1);
                let first = self.operator("Cast", &[&first], 0, &[("to", Setting::Integer(1))]);
                let beyond = self.difference(&places, &first);
                let (zero, one) = (self.floats(&[], &[-1.0]), self.floats(&[], &[0.0]));
                let step = self.operator("Clip", &[&beyond.name, &zero, &one], 0, &[]);
                let step = self.shifted(&step, 1.0);
                number = Some(match number {
                    Some(number) => self.sum(&number, &step),
                    None => step,
                });
            }
            parts.extend(number);
        }
        let [rows, columns] = parts.as_slice() else { return Err(Misfit::contradiction("a picture has two sides")) };
        let rows = self.scaled(rows, 3.0);
        let rows = self.reshaped(&rows, &[Length::Fixed(1), Length::Fixed(1), Length::Rest, Length::Fixed(1)], 1);
        let columns = self.reshaped(columns, &[Length::Fixed(1), Length::Fixed(1), Length::Fixed(1), Length::Rest], 1);
        let numbers = self.sum(&rows, &columns);
        let numbers = Value { channels: 1, ..numbers };
        let of_row = self.in_windows(&numbers, windows, 1, Order::Pixels)?;
        let of_column = self.in_windows(&numbers, windows, 1, Order::Channels)?;
        let apart = self.difference(&of_row, &of_column);
        let apart = self.operator("Abs", &[&apart.name], 1, &[]);
        let (zero, one) = (self.floats(&[], &[0.0]), self.floats(&[], &[1.0]));
        let apart = self.operator("Clip", &[&apart.name, &zero, &one], 1, &[]);
        Ok(self.scaled(&apart, APART))
    }

    /// The product of matrices.
    pub(in crate::architectures) fn matrix_product(&mut self, a: &Value, b: &Value) -> Value {
        self.operator("MatMul", &[&a.name, &b.name], b.channels, &[])
    }

    /// The softmax of each row.
    pub(in crate::architectures) fn softmax(&mut self, input: &Value) -> Value {
        self.operator("Softmax", &[&input.name], input.channels, &[("axis", Setting::Integer(-1))])
    }

    /// Each row divided by its length (the root of its squares' sum), which counts as at least 1e-12.
    pub(in crate::architectures) fn unit_rows(&mut self, input: &Value) -> Value {
        let least = self.floats(&[], &[1e-12]);
        let settings = [("axes", Setting::Integers(&[-1])), ("keepdims", Setting::Integer(1))];
        let length = self.operator("ReduceL2", &[&input.name], input.channels, &settings);
        let length = self.operator("Max", &[&length.name, &least], input.channels, &[]);
        self.operator("Div", &[&input.name, &length.name], input.channels, &[])
    }

    /// Attention between the channels of each head, over all pixels: the rows of queries and keys get the length 1, and
    /// `temperature` multiplies each head's attention. The arguments are planes.
    pub(in crate::architectures) fn channel_attention(
        &mut self,
        [queries, keys, values]: [&Value; 3],
        extent: &Extent,
        temperature: &[f32],
    ) -> Outcome<Value> {
        let (heads, channels) = (temperature.len(), values.channels);
        let of_head = channels_of_head(channels, heads)?;
        let shape = [Length::Fixed(heads), Length::Fixed(of_head), Length::Rest];
        let [queries, keys, values] = [queries, keys, values].map(|planes| self.reshaped(planes, &shape, channels));
        let (queries, keys) = (self.unit_rows(&queries), self.unit_rows(&keys));
        let keys = self.transposed(&keys, &[0, 2, 1]);
        let weights = self.matrix_product(&queries, &keys);
        let temperature = self.floats(&[heads, 1, 1], temperature);
        let weights = self.operator("Mul", &[&weights.name, &temperature], channels, &[]);
        let weights = self.softmax(&weights);
        let made = self.matrix_product(&weights, &values);
        let (height, width) = (Length::Of(&extent.height), Length::Of(&extent.width));
        Ok(self.reshaped(&made, &[Length::Fixed(1), Length::Fixed(channels), height, width], channels))
    }

    /// Like [`channel_attention`](Self::channel_attention), for each group of pixels by itself.
    pub(in crate::architectures) fn channel_attention_in(
        &mut self,
        [queries, keys, values]: [&Value; 3],
        windows: &Windows,
        temperature: &[f32],
    ) -> Outcome<Value> {
        let (heads, channels) = (temperature.len(), values.channels);
        let queries = self.in_windows(queries, windows, heads, Order::Channels)?;
        let keys = self.in_windows(keys, windows, heads, Order::Channels)?;
        let values = self.in_windows(values, windows, heads, Order::Channels)?;
        let (queries, keys) = (self.unit_rows(&queries), self.unit_rows(&keys));
        let keys = self.transposed(&keys, &[0, 1, 3, 2]);
        let weights = self.matrix_product(&queries, &keys);
        let temperature = self.floats(&[heads, 1, 1], temperature);
        let weights = self.operator("Mul", &[&weights.name, &temperature], channels, &[]);
        let weights = self.softmax(&weights);
        let mut made = self.matrix_product(&weights, &values);
        made.channels = channels;
        self.from_windows(&made, windows, heads, Order::Channels)
    }
}

/// The channels of a head.
fn channels_of_head(channels: usize, heads: usize) -> Outcome<usize> {
    match channels.checked_div(heads) {
        Some(of_head) if of_head > 0 && of_head * heads == channels => Ok(of_head),
        _ => Err(Misfit::contradiction(format!("{channels} channels do not divide into {heads} heads"))),
    }
}
