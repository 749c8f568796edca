//! Enlarging by local attention: each new pixel attends to a few places around it, which it chooses itself.
//!
//! Source: Du et al., "LDA-AQU: Adaptive Query-guided Upsampling via Local Deformable Attention", 2024. Its sampling operator is newer
//! than the others, so a network with it needs engines that know ONNX 16.

use super::lengths::{Length, REST, Side};
use super::{Convolution, Graph, Layer, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

/// The version of ONNX in which sampling at given places appeared.
const OPSET: i64 = 16;

/// Added to variances.
const EPSILON: f32 = 1e-6;

/// How far a place may lie from its usual one, in new pixels.
const REACH: f32 = 11.0;

impl Graph<'_> {
    /// Planes enlarged by the weights that begin with `name`.
    pub(in crate::architectures) fn locally_attended(
        &mut self,
        planes: &Value,
        name: &str,
        factor: usize,
    ) -> Outcome<Value> {
        let part = |inner: &str| format!("{name}.{inner}");
        let channels = planes.channels;
        self.needs_opset(OPSET);
        let normal = self.normalised_planes(planes, &part("layer_norm"), EPSILON)?;
        let queries = Layer::pointwise(self.weights, &part("proj_q"), channels)?.apply(self, &normal)?;
        let keys = Layer::pointwise(self.weights, &part("proj_k"), channels)?.apply(self, &normal)?;
        let attending = queries.channels;
        let [of_group, ..] = self.weights.dimensions::<4>(&part("conv_offset.0.weight"))?;
        let table = part("relative_position_bias_table");
        let (table, [.., places, _]) = self.weights.values_of(&table, [1, 1, 1, 0, attending])?;
        let groups = attending.checked_div(of_group).unwrap_or(0);
        let side = places.isqrt();
        if groups * of_group != attending
            || keys.channels != attending
            || !channels.is_multiple_of(groups.max(1))
            || side * side != places
            || side % 2 == 0
        {
            return Err(Misfit::contradiction(format!(
                "'{name}' attends to {places} places with {attending} channels"
            )));
        }

        let size = self.size(planes);
        let large = self.size_times(&size, factor);
        let (height, width) = (Side::Of(&large.height), Side::Of(&large.width));
        let factors = self.floats(&[4], &[1.0, 1.0, factor as f32, factor as f32]);
        let settings =
            [("mode", Setting::Text("linear")), ("coordinate_transformation_mode", Setting::Text("align_corners"))];
        let queries = self.operator("Resize", &[&queries.name, "", &factors], attending, &settings);

        // The offsets of all places, for each group: planes for down and across in turns.
        let grouped = self.reshaped(&queries, &[groups.into(), of_group.into(), height, width], of_group);
        let value = self.convolution_with(&grouped, &part("conv_offset.0"), Convolution::depthwise(of_group))?;
        let value = self.normalised_planes(&value, &part("conv_offset.1"), EPSILON)?;
        let value = self.silu(&value);
        let value = self.convolution(&value, &part("conv_offset.3"))?;
        if value.channels != 2 * places {
            return Err(Misfit::contradiction(format!(
                "'{name}' chooses {} offsets of {places} places",
                value.channels
            )));
        }
        let value = self.operator("Tanh", &[&value.name], value.channels, &[]);
        let value = self.scaled(&value, REACH);
        let middle = (side / 2) as f32;
        let usual: Vec<f32> =
            (0..places).flat_map(|at| [(at / side) as f32 - middle, (at % side) as f32 - middle]).collect();
        let value = self.shifted_channels(&value, &usual);
        let offsets = self.reshaped(&value, &[groups.into(), places.into(), 2.into(), height, width], 2);
        let down = self.sampled_places(&offsets, 0, &large.height, [REST, 1.into()])?;
        let across = self.sampled_places(&offsets, 1, &large.width, [1.into(), REST])?;
        let shape = [Side::from(groups), REST, width, Side::from(1)];
        let [across, down] = [across, down].map(|places| self.reshaped(&places, &shape, 1));
        let grid = self.operator("Concat", &[&across.name, &down.name], 2, &[("axis", Setting::Integer(3))]);

        let mut sampled = Vec::new();
        for (value, count) in [(&keys, attending), (planes, channels)] {
            let share = count / groups;
            let shape = [Side::from(groups), share.into(), Side::Of(&size.height), Side::Of(&size.width)];
            let value = self.reshaped(value, &shape, share);
            let settings = [
                ("mode", Setting::Text("bilinear")),
                ("padding_mode", Setting::Text("zeros")),
                ("align_corners", Setting::Integer(1)),
            ];
            let value = self.operator("GridSample", &[&value.name, &grid.name], share, &settings);
            sampled.push(self.reshaped(&value, &[count.into(), places.into(), REST], count));
        }
        let [keys, values] = sampled.as_slice() else { return Err(Misfit::contradiction("attention has two inputs")) };

        // Attention of each new pixel to its places: channels × places × pixels.
        let mut turned = vec![0.0; table.len()];
        for (at, value) in table.iter().enumerate() {
            turned[at % attending * places + at / attending] = *value;
        }
        let table = self.floats(&[attending, places, 1], &turned);
        let keys = self.operator("Add", &[&keys.name, &table], attending, &[]);
        let queries = self.reshaped(&queries, &[attending.into(), 1.into(), REST], attending);
        let scores = self.product(&queries, &keys);
        let scores = self.sum_along(&scores, 0);
        let scores = self.scaled(&scores, (attending as f32).sqrt().recip());
        let weights = self.operator("Softmax", &[&scores.name], places, &[("axis", Setting::Integer(0))]);
        let made = self.product(&weights, values);
        let made = self.sum_along(&made, 1);
        Ok(self.reshaped(&made, &[1.into(), channels.into(), height, width], channels))
    }

    /// Where each new pixel looks along one side, from −1 to 1: the offsets `at`, added to its own place.
    fn sampled_places(
        &mut self,
        offsets: &Value,
        at: i64,
        side: &Length,
        [rows, columns]: [Side<'_>; 2],
    ) -> Outcome<Value> {
        let offsets = self.part(offsets, 2, at, Some(at + 1), 1);
        let own = self.places_along(side);
        let own = self.reshaped(&own, &[rows, columns], 1);
        let places = self.sum(&offsets, &own);
        let last = self.calculated("Sub", side, 1);
        let last = self.length_as_float(&last);
        let places = self.operator("Div", &[&places.name, &last.name], 1, &[]);
        let places = self.scaled(&places, 2.0);
        Ok(self.shifted(&places, -1.0))
    }

    fn sum_along(&mut self, value: &Value, axis: i64) -> Value {
        let axes = self.integers(&[axis]);
        self.operator("ReduceSum", &[&value.name, &axes], value.channels, &[("keepdims", Setting::Integer(0))])
    }
}
