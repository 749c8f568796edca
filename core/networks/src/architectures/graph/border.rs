//! Borders around a picture.
//!
//! Some networks extend pictures themselves, on all sides. The amounts must depend on the picture's size only.

use super::lengths::Side;
use super::{Graph, Padding, Value};

impl Graph<'_> {
    /// The picture with a border of this many pixels, and as many more at the right and below as make its sides multiples of
    /// `multiple`. The border must not change whether they are.
    pub(in crate::architectures) fn extended(
        &mut self,
        picture: &Value,
        border: usize,
        multiple: usize,
        padding: Padding,
    ) -> Value {
        let size = self.size(picture);
        let border_side = Side::from(border);
        let [bottom, right] = [&size.height, &size.width].map(|length| {
            if multiple == 1 {
                return self.length(border);
            }
            let missing = self.missing(length, multiple);
            self.calculated("Add", &missing, border)
        });
        let zero = Side::Number(0);
        let pads = [zero, zero, border_side, border_side, zero, zero, Side::Of(&bottom), Side::Of(&right)];
        self.padded(picture, &pads, padding)
    }

    /// The value without this many pixels at each side.
    pub(in crate::architectures) fn without_border(&mut self, input: &Value, border: usize) -> Value {
        let [start, end] = [border as i64, -(border as i64)].map(|at| self.integers(&[at; 2]));
        let axes = self.integers(&[2, 3]);
        self.operator("Slice", &[&input.name, &start, &end, &axes], input.channels, &[])
    }
}
