//! DySample: enlarging by sampling the value at places that it chooses itself.
//!
//! Source: Liu et al., "Learning to Upsample by Learning to Sample", 2023. Its sampling operator is newer than the others, so a
//! network with it needs engines that know ONNX 16.

use super::lengths::{Length, REST, Side};
use super::{Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

/// The version of ONNX in which sampling at given places appeared.
const OPSET: i64 = 16;

/// How far a place may lie from its usual one, in pixels, if its scope says nothing.
const REACH: f32 = 0.5;

impl Graph<'_> {
    /// The value enlarged by the weights `name.offset`, `name.scope`, `name.init_pos` and, if it exists, `name.end_conv`; and the
    /// factor. `groups` of channels are sampled at places of their own.
    pub(in crate::architectures) fn dysampled(
        &mut self,
        input: &Value,
        name: &str,
        groups: usize,
    ) -> Outcome<(Value, usize)> {
        let part = |part: &str| format!("{name}.{part}");
        let (start, [_, places, ..]) = self.weights.values_of(&part("init_pos"), [1, 0, 1, 1])?;
        // For each group and each pixel of a square, a horizontal and a vertical offset.
        let squares = places / 2 / groups.max(1);
        let factor = squares.isqrt();
        if factor == 0 || factor * factor * groups * 2 != places || !input.channels.is_multiple_of(groups) {
            return Err(Misfit::contradiction(format!(
                "{places} values of '{}' are not places for {groups} groups of {} channels",
                part("init_pos"),
                input.channels
            )));
        }
        self.needs_opset(OPSET);
        let scope = self.convolution(input, &part("scope"))?;
        let scope = self.sigmoid(&scope);
        let scope = self.scaled(&scope, REACH);
        let offset = self.convolution(input, &part("offset"))?;
        if offset.channels != places || scope.channels != places {
            return Err(Misfit::contradiction(format!("'{name}' chooses {} places of {places}", offset.channels)));
        }
        let offset = self.product(&offset, &scope);
        let offset = self.shifted_channels(&offset, &start);

        let extent = self.size(input);
        let large = self.size_times(&extent, factor);
        let across = self.places(&offset, [0, places / 2], &extent.width, Side::from(1), factor)?;
        let down = self.places(&offset, [places / 2, places / 2], &extent.height, REST, factor)?;
        // Groups × rows × columns × 2.
        let shape = [Side::from(groups), Side::Of(&large.height), Side::Of(&large.width), Side::from(1)];
        let [across, down] = [across, down].map(|places| self.reshaped(&places, &shape, 1));
        let grid = self.operator("Concat", &[&across.name, &down.name], 2, &[("axis", Setting::Integer(3))]);
        let of_group = input.channels / groups;
        let shape = [Side::from(groups), Side::from(of_group), Side::Of(&extent.height), Side::Of(&extent.width)];
        let separate = self.reshaped(input, &shape, of_group);
        let settings = [
            ("mode", Setting::Text("bilinear")),
            // The places lie inside, because not all engines know another padding.
            ("padding_mode", Setting::Text("zeros")),
            ("align_corners", Setting::Integer(0)),
        ];
        let sampled = self.operator("GridSample", &[&separate.name, &grid.name], of_group, &settings);
        let shape = [Side::from(1), Side::from(input.channels), Side::Of(&large.height), Side::Of(&large.width)];
        let mut value = self.reshaped(&sampled, &shape, input.channels);
        if self.weights.has(&part("end_conv.weight")) {
            value = self.convolution(&value, &part("end_conv"))?;
        }
        Ok((value, factor))
    }

    /// Places along one side, from −1 to 1, of all enlarged pixels of all groups: `count` of the offsets from `start` on, added to
    /// each pixel's own place. `shape` is the length of the pixels' places along the rows.
    fn places(
        &mut self,
        offset: &Value,
        [start, count]: [usize; 2],
        side: &Length,
        rows: Side<'_>,
        factor: usize,
    ) -> Outcome<Value> {
        let offset = self.channels(offset, start, count);
        let numbers = self.places_along(side);
        let middles = self.shifted(&numbers, 0.5);
        let columns = if matches!(rows, Side::Number(-1)) { Side::from(1) } else { REST };
        let middles = self.reshaped(&middles, &[Side::from(1), Side::from(1), rows, columns], 1);
        let places = self.sum(&offset, &middles);
        let length = self.length_as_float(side);
        // No farther than the middle of the outermost pixels, beyond which the value stays the same.
        let (first, last) = (self.floats(&[1], &[0.5]), self.shifted(&length, -0.5));
        let places = self.operator("Max", &[&places.name, &first], count, &[]);
        let places = self.operator("Min", &[&places.name, &last.name], count, &[]);
        let relative = self.operator("Div", &[&places.name, &length.name], count, &[]);
        let doubled = self.scaled(&relative, 2.0);
        let around = self.shifted(&doubled, -1.0);
        self.shuffled(&around, factor)
    }
}
