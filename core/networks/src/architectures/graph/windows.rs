//! Windows: tokens in the order of rectangles of the picture, which may be shifted, and what attention in windows adds to its scores.
//!
//! Attention needs the tokens of a window side by side. The order is a list of indices that is computed once from the picture's size; a
//! gather of rows then shifts and cuts at once. Everything else works on each token alone, so tokens can stay in that order.

use super::lengths::{Length, REST, Side, Size};
use super::{Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

/// What torch's networks add to the score of two tokens that are not neighbours in the picture.
pub(in crate::architectures) const MASKED: f32 = -100.0;

/// The most scores of a window and a head.
const MAX_SCORES: usize = 1 << 21;

/// A division of a picture into windows.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Windows {
    /// The height and the width of a window.
    pub(in crate::architectures) sides: [usize; 2],
    /// For each token in the order of windows, its index in the order of the picture.
    pub(in crate::architectures) order: Length,
    /// For each token in the order of the picture, its index in the order of windows.
    pub(in crate::architectures) back: Length,
    /// What to add to the scores, windows × 1 × tokens × tokens, if the windows are shifted.
    pub(in crate::architectures) mask: Option<Value>,
}

impl Windows {
    /// The tokens of a window.
    pub(in crate::architectures) fn tokens(&self) -> usize {
        self.sides[0] * self.sides[1]
    }
}

impl Graph<'_> {
    /// Windows of a picture whose sides are multiples of theirs. Shifted windows begin `shift` pixels below and at the right of the
    /// picture's corner and continue at the opposite sides; the score of tokens from opposite sides becomes lower by `masked`.
    pub(in crate::architectures) fn windows(
        &mut self,
        size: &Size,
        sides: [usize; 2],
        shift: [usize; 2],
        masked: f32,
    ) -> Outcome<Windows> {
        let mut windows = self.windows_without_mask(size, sides, shift)?;
        if shift != [0, 0] {
            let regions = self.regions(size, sides, shift);
            windows.mask = Some(self.mask(&regions, &regions, masked));
        }
        Ok(windows)
    }

    /// As [`windows`](Self::windows), but without a mask.
    pub(in crate::architectures) fn windows_without_mask(
        &mut self,
        size: &Size,
        sides: [usize; 2],
        shift: [usize; 2],
    ) -> Outcome<Windows> {
        let tokens = sides[0].checked_mul(sides[1]).filter(|tokens| *tokens > 0);
        if tokens.and_then(|tokens| tokens.checked_mul(tokens)).is_none_or(|scores| scores > MAX_SCORES) {
            return Err(Misfit::contradiction(format!("windows of {}×{} pixels are too large", sides[0], sides[1])));
        }
        let pixels = self.calculated("Mul", &size.height, &size.width);
        let flat = Value { name: self.counted(&pixels), channels: 1 };
        let grid = self.reshaped(&flat, &[Side::Of(&size.height), REST], 1);
        let rolled = self.rolled(&grid, [0, 1], shift.map(|shift| shift as i64));
        let cut = self.cut_in_windows(&rolled, size, sides);
        let order = Length(self.reshaped(&cut, &[REST], 1).name);

        let across = self.calculated("Div", &size.width, sides[1]);
        let cut = self.reshaped(&flat, &[REST, Side::Of(&across), sides[0].into(), sides[1].into()], 1);
        let turned = self.transposed(&cut, &[0, 2, 1, 3], 1);
        let grid = self.reshaped(&turned, &[Side::Of(&size.height), REST], 1);
        let rolled = self.rolled(&grid, [0, 1], shift.map(|shift| -(shift as i64)));
        let back = Length(self.reshaped(&rolled, &[REST], 1).name);

        Ok(Windows { sides, order, back, mask: None })
    }

    /// A grid of height × width as rows of windows × windows of a row × height × width of a window.
    fn cut_in_windows(&mut self, grid: &Value, size: &Size, sides: [usize; 2]) -> Value {
        let across = self.calculated("Div", &size.width, sides[1]);
        let cut = self.reshaped(grid, &[REST, sides[0].into(), Side::Of(&across), sides[1].into()], 1);
        self.transposed(&cut, &[0, 2, 1, 3], 1)
    }

    /// For each token of shifted windows, windows × tokens, a number that tells from which part of the picture it comes. Only the last
    /// windows of a row or a column hold tokens from several.
    pub(in crate::architectures) fn regions(&mut self, size: &Size, sides: [usize; 2], shift: [usize; 2]) -> Value {
        let rows = self.strips(&size.height, sides[0], shift[0], 3.0);
        let rows = self.reshaped(&rows, &[REST, 1.into()], 1);
        let columns = self.strips(&size.width, sides[1], shift[1], 1.0);
        let regions = self.sum(&rows, &columns);
        let cut = self.cut_in_windows(&regions, size, sides);
        let tokens = sides[0] * sides[1];
        self.reshaped(&cut, &[REST, tokens.into()], tokens)
    }

    /// What to add to the scores, windows × 1 × queries × keys: `masked` for tokens from different parts of the picture, otherwise 0.
    pub(in crate::architectures) fn mask(&mut self, queries: &Value, keys: &Value, masked: f32) -> Value {
        let (rows, columns) = (queries.channels, keys.channels);
        let queries = self.reshaped(queries, &[REST, 1.into(), rows.into(), 1.into()], 1);
        let keys = self.reshaped(keys, &[REST, 1.into(), 1.into(), columns.into()], 1);
        let equal = self.operator("Equal", &[&queries.name, &keys.name], 1, &[]);
        let [zero, masked] = [0.0, masked].map(|number| self.floats(&[], &[number]));
        self.operator("Where", &[&equal.name, &zero, &masked], columns, &[])
    }

    /// For each row or column, a number that tells the strips apart into which shifting cuts them: 2, 1 or 0 times `unit`.
    fn strips(&mut self, length: &Length, side: usize, shift: usize, unit: f32) -> Value {
        let counted = self.counted(length);
        let [last, crossing] = [side, shift].map(|from_end| {
            let bound = self.calculated("Sub", length, from_end);
            let before = self.operator("Less", &[&counted, &bound.0], 1, &[]);
            self.length_as_float(&Length(before.name))
        });
        let sum = self.sum(&last, &crossing);
        self.scaled(&sum, unit)
    }

    /// Indices of tokens in the order of `windows`, for [`rows`](Self::rows), that take for each window a larger one around it, with
    /// `margin` more pixels at each side. Outside of the picture the index is 0; tokens have the indices from 1.
    pub(in crate::architectures) fn surroundings(&mut self, windows: &Windows, size: &Size, margin: usize) -> Value {
        let numbers = Value { name: self.calculated("Add", &windows.back, 1).0, channels: 1 };
        let grid = self.reshaped(&numbers, &[Side::Of(&size.height), REST], 1);
        let pads = self.integers(&[margin as i64; 4]);
        let mut grid = self.operator("Pad", &[&grid.name, &pads], 1, &[("mode", Setting::Text("constant"))]);
        for (axis, length) in [&size.height, &size.width].into_iter().enumerate() {
            let side = windows.sides[axis];
            let count = self.calculated("Div", length, side);
            let numbers = Length(self.counted(&count));
            let starts = self.calculated("Mul", &numbers, side);
            let starts = self.reshaped(&Value { name: starts.0, channels: 1 }, &[REST, 1.into()], 1);
            let within: Vec<i64> = (0..(side + 2 * margin) as i64).collect();
            let within = Value { name: self.integers(&within), channels: 1 };
            let places = self.sum(&starts, &within);
            let settings = [("axis", Setting::Integer(2 * axis as i64))];
            grid = self.operator("Gather", &[&grid.name, &places.name], 1, &settings);
        }
        // Rows of windows × rows within × windows of a row × columns within.
        let turned = self.transposed(&grid, &[0, 2, 1, 3], 1);
        self.reshaped(&turned, &[REST], 1)
    }

    /// Tokens in the order of the picture, put into the order of windows.
    pub(in crate::architectures) fn partitioned(&mut self, tokens: &Value, windows: &Windows) -> Value {
        self.rows(tokens, &windows.order.0)
    }

    /// Tokens in the order of windows, put into the order of the picture.
    pub(in crate::architectures) fn merged(&mut self, tokens: &Value, windows: &Windows) -> Value {
        self.rows(tokens, &windows.back.0)
    }

    /// The list of indices that puts tokens in the order of some windows into the order of others, for [`rows`](Self::rows).
    pub(in crate::architectures) fn reordering(&mut self, from: &Windows, to: &Windows) -> Length {
        self.picked(&from.back, &to.order)
    }
}

/// Where the bias of each pair of tokens is in the table of biases by relative position.
#[derive(Clone, Debug)]
pub(in crate::architectures) struct Positions {
    indices: String,
    queries: usize,
    keys: usize,
    /// The rows of a table.
    table: usize,
}

impl Graph<'_> {
    /// The usual positions in windows of this height and width: a table with a row for each difference of rows, from −(height − 1), and
    /// of columns.
    pub(in crate::architectures) fn positions(&mut self, sides: [usize; 2]) -> Outcome<Positions> {
        let tokens = sides[0].saturating_mul(sides[1]);
        let [tall, span] = sides.map(|side| side.saturating_mul(2).saturating_sub(1));
        self.positions_by(tokens, tokens, tall.saturating_mul(span), |query, key| {
            let row = query / sides[1] + sides[0] - 1 - key / sides[1];
            let column = query % sides[1] + sides[1] - 1 - key % sides[1];
            row * span + column
        })
    }

    /// Positions for any pairs of queries and keys, whose row in the table a function gives.
    pub(in crate::architectures) fn positions_by(
        &mut self,
        queries: usize,
        keys: usize,
        table: usize,
        row: impl Fn(usize, usize) -> usize,
    ) -> Outcome<Positions> {
        if queries.saturating_mul(keys) > MAX_SCORES {
            return Err(Misfit::contradiction(format!("windows of {queries} tokens are too large")));
        }
        let mut indices = Vec::with_capacity(queries * keys);
        for query in 0..queries {
            indices.extend((0..keys).map(|key| row(query, key) as i64));
        }
        Ok(Positions { indices: self.integers(&indices), queries, keys, table })
    }

    /// The biases in the table `name`, to be added to scores: 1 × heads × queries × keys.
    pub(in crate::architectures) fn position_bias(&mut self, name: &str, positions: &Positions) -> Outcome<Value> {
        let (table, _) = self.weights.values_of(name, [positions.table, 0])?;
        self.position_bias_of(&table, positions)
    }

    /// As [`position_bias`](Self::position_bias) with this table: rows × heads.
    pub(in crate::architectures) fn position_bias_of(
        &mut self,
        table: &[f32],
        positions: &Positions,
    ) -> Outcome<Value> {
        let rows = positions.table;
        let heads = table.len().checked_div(rows).unwrap_or(0);
        let turned: Vec<f32> = (0..heads).flat_map(|head| table.iter().skip(head).step_by(heads)).copied().collect();
        self.position_bias_of_heads(&turned, positions)
    }

    /// As [`position_bias`](Self::position_bias) with this table: heads × rows.
    ///
    /// The network gathers the biases itself, because large windows would make its file large. Engines do that once, while loading.
    pub(in crate::architectures) fn position_bias_of_heads(
        &mut self,
        table: &[f32],
        positions: &Positions,
    ) -> Outcome<Value> {
        let rows = positions.table;
        let heads = table.len().checked_div(rows).unwrap_or(0);
        if heads == 0 || heads * rows != table.len() {
            return Err(Misfit::contradiction(format!("{} biases are not {rows} for each head", table.len())));
        }
        let table = self.floats(&[heads, rows], table);
        let axis = [("axis", Setting::Integer(1))];
        let gathered = self.operator("Gather", &[&table, &positions.indices], positions.keys, &axis);
        let shape = [1.into(), heads.into(), positions.queries.into(), positions.keys.into()];
        Ok(self.reshaped(&gathered, &shape, positions.keys))
    }
}
