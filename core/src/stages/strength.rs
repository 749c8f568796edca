//! Strength: mixes the network's result with a resampled enlargement of the source.
//!
//! It mixes sRGB-encoded values. Both inputs have the low frequencies of the source in encoded values, so the mixture
//! has them too, and no colour drifts. (Mixed in linear light, the mean of encoded values would rise wherever one input
//! is sharper than the other.) The stage must not be used at full strength, where the source would be resampled for
//! nothing.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

/// The stage that mixes.
pub(crate) struct StrengthMix<'a> {
    /// The network's result.
    network: BoxStage<'a>,
    /// The resampled source.
    resampled: BoxStage<'a>,
    /// The share of the network's result, 0 to 1.
    strength: f32,
    /// A row of `resampled`.
    row: Vec<f32>,
}

impl<'a> StrengthMix<'a> {
    /// Both stages must give sRGB-encoded rows of the same rectangle.
    pub(crate) fn new(network: BoxStage<'a>, resampled: BoxStage<'a>, strength: f32) -> Result<Self> {
        let row = memory::zeros(network.row_length())?;
        Ok(StrengthMix { network, resampled, strength, row })
    }
}

impl Stage for StrengthMix<'_> {
    fn rect(&self) -> Rect {
        self.network.rect()
    }

    fn channels(&self) -> usize {
        self.network.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.network.next(run, row)?;
        self.resampled.next(run, &mut self.row)?;
        row.iter_mut()
            .zip(&self.row)
            .for_each(|(network, resampled)| *network = resampled + (*network - resampled) * self.strength);
        Ok(())
    }
}
