//! Attention on planes between the pixels of windows.
//!
//! Values must stay planes, so that layers are convolutions of one pixel; only queries, keys and values are moved into matrices.

use super::lengths::{REST, Side, Size};
use super::{Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};

/// What is added to the attention between pixels that only a shift has brought into one window.
const APART: f32 = -100.0;

/// How planes are divided into windows. Their height and width must be multiples of the windows'.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct PlaneWindows {
    /// Height and width of a window, in pixels.
    pub(in crate::architectures) side: [usize; 2],
    /// The rows and columns of windows, each a list of one integer.
    counts: Size,
    /// The height and width of the planes.
    size: Size,
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

impl PlaneWindows {
    /// The number of pixels of a window.
    pub(in crate::architectures) fn pixels(&self) -> usize {
        self.side[0] * self.side[1]
    }

    /// Instead of a window's pixels, as many that are spread over the picture.
    pub(in crate::architectures) fn spread(&self) -> Self {
        PlaneWindows { grouping: Grouping::Spread, ..self.clone() }
    }

    /// Instead of a window's pixels, the pixels at one place of all windows.
    pub(in crate::architectures) fn places(&self) -> Self {
        PlaneWindows { grouping: Grouping::Places, ..self.clone() }
    }
}

impl Graph<'_> {
    /// Windows of this height and width for planes of this extent.
    pub(in crate::architectures) fn plane_windows(&mut self, size: &Size, side: [usize; 2]) -> PlaneWindows {
        let height = self.calculated("Div", &size.height, side[0].max(1));
        let width = self.calculated("Div", &size.width, side[1].max(1));
        PlaneWindows { side, counts: Size { height, width }, size: size.clone(), grouping: Grouping::Neighbours }
    }

    /// The pixels of planes as matrices, one for each window and head.
    pub(in crate::architectures) fn in_windows(
        &mut self,
        planes: &Value,
        windows: &PlaneWindows,
        heads: usize,
        order: Order,
    ) -> Outcome<Value> {
        let of_head = channels_of_head(planes.channels, heads)?;
        let [height, width] = windows.side;
        let (rows, columns) = (Side::Of(&windows.counts.height), Side::Of(&windows.counts.width));
        let [heads, channels, height, width] = [heads, of_head, height, width].map(Side::from);
        // In the shape, the places of the two axes that tell the groups apart, and of the two that tell the pixels of a group apart.
        let (shape, [a, b], [y, x]) = match windows.grouping {
            Grouping::Neighbours => ([heads, channels, rows, height, columns, width], [2, 4], [3, 5]),
            Grouping::Spread => ([heads, channels, height, rows, width, columns], [3, 5], [2, 4]),
            Grouping::Places => ([heads, channels, rows, height, columns, width], [3, 5], [2, 4]),
        };
        let (groups, pixels) = match windows.grouping {
            Grouping::Places => (Side::from(windows.pixels()), REST),
            _ => (REST, Side::from(windows.pixels())),
        };
        let value = self.reshaped(planes, &shape, planes.channels);
        let (axes, shape) = match order {
            Order::Pixels => ([a, b, 0, y, x, 1], [groups, heads, pixels, channels]),
            Order::Channels => ([a, b, 0, 1, y, x], [groups, heads, channels, pixels]),
        };
        let value = self.transposed(&value, &axes, value.channels);
        Ok(self.reshaped(&value, &shape, planes.channels))
    }

    /// Planes made of matrices of pixels, one for each window and head.
    pub(in crate::architectures) fn out_of_windows(
        &mut self,
        matrices: &Value,
        windows: &PlaneWindows,
        heads: usize,
        order: Order,
    ) -> Outcome<Value> {
        let channels = matrices.channels;
        let of_head = channels_of_head(channels, heads)?;
        let [height, width] = windows.side.map(Side::from);
        let (rows, columns) = (Side::Of(&windows.counts.height), Side::Of(&windows.counts.width));
        let [heads, of_head] = [heads, of_head].map(Side::from);
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
        let value = self.transposed(&value, &axes, value.channels);
        let (height, width) = (Side::Of(&windows.size.height), Side::Of(&windows.size.width));
        Ok(self.reshaped(&value, &[Side::from(1), Side::from(channels), height, width], channels))
    }

    /// Attention between the pixels of each window. `bias` has the shape heads × pixels × pixels, perhaps after a 1, and `mask` is as
    /// [`shift_mask`](Self::shift_mask) makes it. The queries must have been scaled.
    pub(in crate::architectures) fn window_attention(
        &mut self,
        [queries, keys, values]: [&Value; 3],
        windows: &PlaneWindows,
        heads: usize,
        bias: Option<&Value>,
        mask: Option<&Value>,
    ) -> Outcome<Value> {
        let queries = self.in_windows(queries, windows, heads, Order::Pixels)?;
        let keys = self.in_windows(keys, windows, heads, Order::Channels)?;
        let values = self.in_windows(values, windows, heads, Order::Pixels)?;
        let additions: Vec<&Value> = [bias, mask].into_iter().flatten().collect();
        let made = self.attention(&queries, &keys, &values, &additions);
        self.out_of_windows(&made, windows, heads, Order::Pixels)
    }

    /// For planes that were rolled by `shift` pixels: what to add to the attention between the pixels of each window, −100 for
    /// those that are no neighbours in the picture. Its shape is windows × 1 × pixels × pixels.
    pub(in crate::architectures) fn shift_mask(&mut self, windows: &PlaneWindows, shift: [usize; 2]) -> Outcome<Value> {
        // Of each direction, the parts of the picture that a window can join are numbered 0, 1 and 2.
        let mut parts = Vec::new();
        let sides = [windows.size.height.clone(), windows.size.width.clone()];
        for (at, side) in sides.iter().enumerate() {
            let places = self.places_along(side);
            let mut number: Option<Value> = None;
            for distance in [windows.side[at], shift[at]] {
                // 1 for the places from side − distance on, else 0.
                let first = self.calculated("Sub", side, distance);
                let first = self.length_as_float(&first);
                let beyond = self.difference(&places, &first);
                let (below, zero) = (self.floats(&[], &[-1.0]), self.floats(&[], &[0.0]));
                let step = self.operator("Clip", &[&beyond.name, &below, &zero], 0, &[]);
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
        let rows = self.reshaped(&rows, &[Side::from(1), Side::from(1), REST, Side::from(1)], 1);
        let columns = self.reshaped(columns, &[Side::from(1), Side::from(1), Side::from(1), REST], 1);
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
}

/// The channels of a head.
pub(super) fn channels_of_head(channels: usize, heads: usize) -> Outcome<usize> {
    match channels.checked_div(heads) {
        Some(of_head) if of_head > 0 && of_head * heads == channels => Ok(of_head),
        _ => Err(Misfit::contradiction(format!("{channels} channels do not divide into {heads} heads"))),
    }
}
