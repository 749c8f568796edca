//! The level of noise, or of another defect, that the user chooses for a network.
//!
//! It is an input of a single value, so that one network serves for all levels. A level is in the network's own unit.

use super::{Graph, Value};

impl Graph<'_> {
    /// The picture with a further channel, every sample of which is the noise level.
    pub(in crate::architectures) fn with_noise_plane(&mut self, picture: &Value) -> Value {
        let level = self.noise_level();
        let first = self.channels(picture, 0, 1);
        let zeros = self.scaled(&first, 0.0);
        let plane = self.sum(&zeros, &level);
        self.joined(&[picture, &plane])
    }

    /// The noise level if it is not negative, otherwise this estimate of it.
    pub(in crate::architectures) fn level_or(&mut self, estimate: &Value) -> Value {
        let level = self.noise_level();
        // 1 for every level from 0, and 0 for −1.
        let above = self.shifted(&level, 1.0);
        let chosen = self.clamped(&above, 0.0, 1.0);
        let difference = self.difference(&level, estimate);
        let change = self.product(&chosen, &difference);
        self.sum(estimate, &change)
    }
}
