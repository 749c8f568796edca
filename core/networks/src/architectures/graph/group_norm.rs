//! Normalisation of groups of channels over the whole picture.
//!
//! Its statistics are those of whatever the network gets, so a network with it must not run in tiles.

use super::lengths::{REST, Side};
use super::{Graph, Value};
use crate::architectures::misfit::{Misfit, Outcome};
use crate::onnx::Setting;

impl Graph<'_> {
    /// Planes normalised over each of `groups` equal groups of channels, with the factors `name.weight` and the numbers `name.bias`.
    pub(in crate::architectures) fn group_norm(
        &mut self,
        planes: &Value,
        name: &str,
        groups: usize,
        epsilon: f32,
    ) -> Outcome<Value> {
        let channels = planes.channels;
        if groups == 0 || !channels.is_multiple_of(groups) {
            return Err(Misfit::contradiction(format!("{channels} channels are not {groups} equal groups")));
        }
        let (factors, numbers) = self.norm_values(name, channels)?;
        let extent = self.size(planes);
        let joined = self.reshaped(planes, &[Side::from(1), Side::from(groups), REST], groups);
        let ones = self.floats(&[groups], &vec![1.0; groups]);
        let zeros = self.floats(&[groups], &vec![0.0; groups]);
        let epsilon = [("epsilon", Setting::Float(epsilon))];
        let normal = self.operator("InstanceNormalization", &[&joined.name, &ones, &zeros], groups, &epsilon);
        let shape = [Side::from(1), Side::from(channels), Side::Of(&extent.height), Side::Of(&extent.width)];
        let normal = self.reshaped(&normal, &shape, channels);
        let scaled = self.scaled_channels(&normal, &factors);
        Ok(self.shifted_channels(&scaled, &numbers))
    }
}
