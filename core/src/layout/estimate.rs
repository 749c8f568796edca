//! The memory that a run needs, as an estimate that is never too low. Each stage states its own need.

use crate::error::{Error, ErrorKind};
use crate::layout::periods::in_period;
use crate::layout::{ALL_PLANES, Layout};
use crate::plan::method::Method;
use crate::plan::networks::Networks;
use crate::stages::colour_lock::ColourLock;
use crate::stages::edge_care::Limits as EdgeLimits;
use crate::stages::fill::Fill;
use crate::stages::grain_noise::GrainNoise;
use crate::stages::resample::Resample;
use crate::stages::source_noise::SourceNoise;
use crate::stages::texture::Texture;
use crate::stages::tiles::tile_stage::TileStage;

impl Layout {
    /// The most bytes that the run is expected to need. Each stage states its own need; this only adds them up.
    pub(super) fn estimate(&self, networks: &Networks<'_>) -> u64 {
        // The largest picture in one tile of a network that needs much memory exceeds 64 bits.
        let mut bytes = 0u128;
        for pass in &self.passes {
            let network = networks.networks[pass.network];
            bytes += TileStage::memory(pass, network.manifest, network.usage) + ColourLock::memory(pass);
        }
        if let Some(pass) = self.passes.last().filter(|pass| pass.texture.is_some()) {
            bytes += Texture::memory(pass, self.native_factors().0.max(self.native_factors().1));
        }
        // The colour path and the planes beside it are resampled; a faithful enlargement takes as much again.
        let paths = if self.mixed { 2 } else { 1 };
        if self.periods.repeats() {
            // One period in memory, with pixels of the largest format, and one of the mask.
            let held = if self.masked { 32 } else { 16 } + if self.fills { 16 } else { 0 };
            bytes += held * u128::from(in_period(self.original_rect(ALL_PLANES), self.period).size().pixels());
        }
        let width = self.wanted.width;
        let resampled = |method| Resample::memory(method, width, self.source.height, self.whole.height);
        if let Some((_, read)) = self.limits() {
            bytes += EdgeLimits::memory(read.width) + 2 * resampled(Method::Bilinear);
        }
        if let Some((_, read)) = self.noise() {
            let factor = self.factors().0.max(self.factors().1);
            bytes += SourceNoise::memory(read.width) + resampled(Method::Bilinear) + GrainNoise::memory(factor, width);
        }
        if self.masked {
            bytes += resampled(self.method);
        }
        if self.fills {
            bytes += Fill::memory(self.original_rect(ALL_PLANES).width, ALL_PLANES.count() as u32);
        }
        if self.reduces() {
            // Colour, and the planes beside it.
            bytes += 2 * Resample::memory(self.method, self.source.width, self.original.height, self.source.height);
        }
        for from in [self.native, self.source] {
            bytes += paths * Resample::memory(self.method, self.wanted.width, from.height, self.whole.height);
        }
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

pub(super) fn too_little_memory(needed: u64, budget: u64) -> Error {
    Error::new(
        ErrorKind::Memory,
        format!(
            "this run needs about {} MiB of memory and may use {} MiB; enlarge a part of the picture, choose a smaller factor or tile, or allow more memory",
            needed >> 20,
            budget >> 20
        ),
    )
}
