//! Strength: mixes the network's result with a resampled enlargement of the source.
//!
//! It mixes sRGB-encoded values. Both inputs have the low frequencies of the source in encoded values, so the mixture
//! has them too, and no colour drifts. (Mixed in linear light, the mean of encoded values would rise wherever one input
//! is sharper than the other.) The stage must not be used at full strength without a mask, where the source would be resampled
//! for nothing.

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
    /// The enlarged mask, by which the strength is multiplied.
    mask: Option<BoxStage<'a>>,
    /// The share of the network's result, 0 to 1.
    strength: f32,
    /// A row of `resampled`.
    row: Vec<f32>,
    /// The strength of each pixel of a row.
    strengths: Vec<f32>,
}

impl<'a> StrengthMix<'a> {
    /// The first two stages must give sRGB-encoded rows of the same rectangle, and the mask one plane of it, 0 to 1.
    pub(crate) fn new(
        network: BoxStage<'a>,
        resampled: BoxStage<'a>,
        mask: Option<BoxStage<'a>>,
        strength: f32,
    ) -> Result<Self> {
        let row = memory::zeros(network.row_length())?;
        let strengths = memory::zeros(network.rect().width as usize)?;
        Ok(StrengthMix { network, resampled, mask, strength, row, strengths })
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
        match &mut self.mask {
            Some(mask) => {
                mask.next(run, &mut self.strengths)?;
                self.strengths.iter_mut().for_each(|share| *share *= self.strength);
            }
            None => self.strengths.fill(self.strength),
        }
        let width = self.strengths.len();
        for (network, resampled) in row.chunks_exact_mut(width).zip(self.row.chunks_exact(width)) {
            for ((network, resampled), strength) in network.iter_mut().zip(resampled).zip(&self.strengths) {
                // At full strength, rounding must not change the network's result.
                if *strength < 1.0 {
                    *network = resampled + (*network - resampled) * strength;
                }
            }
        }
        Ok(())
    }
}
