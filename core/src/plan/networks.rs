//! The networks of a run, as far as a plan needs to know them: their properties, and the order in which they run.

use crate::engine::engine::Usage;
use crate::models::manifest::{Manifest, Tileable};
use crate::plan::grid::Rules;

/// Resampling does the rest of an enlargement up to this factor. Another pass would cost many times as long, and most
/// of its pixels would be resampled away.
pub(crate) const MAX_STRETCH: f64 = 1.25;

/// The overlap, in pixels, of the parts of a picture that the network should have seen as a whole.
const PART_OVERLAP: u32 = 32;

/// A network of a run.
#[derive(Clone, Copy)]
pub(crate) struct Network<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) usage: Usage,
    /// Bytes that a row stream over this many columns needs, if the session offers one.
    pub(crate) stream_memory: &'a dyn Fn(usize) -> Option<u64>,
}

impl Network<'_> {
    /// The most pixels that a tile may have, halo included. `in_parts`: a network that needs the whole picture gets
    /// parts of it.
    pub(crate) fn max_tile_pixels(self, in_parts: bool) -> u64 {
        let most = self.usage.max_tile_pixels.unwrap_or(u64::MAX);
        let side = u64::from(self.usage.tile.max(1));
        // The larger the parts, the closer the result is to that of the whole picture.
        if in_parts && self.manifest.tiling.support == Tileable::Whole { most } else { most.min(side * side) }
    }

    /// Bytes that a row stream over a picture of this width needs. `None` if there is no stream, or if the network
    /// cannot use one: a stream takes rows only, no noise level; it cannot show the whole picture, and it does not
    /// blend.
    pub(crate) fn stream(self, rules: Rules, width: u32) -> Option<u64> {
        let usable = !rules.whole && rules.fixed.is_none() && rules.overlap == 0 && self.manifest.extra.is_empty();
        if usable { (self.stream_memory)(rules.fit(width) as usize) } else { None }
    }

    /// The rules for this network's tiles.
    pub(crate) fn rules(self, in_parts: bool) -> Rules {
        let mut rules = Rules::of(self.manifest);
        let one_size = rules.fixed.is_some() && self.manifest.tiling.support == Tileable::Whole;
        if one_size || (in_parts && rules.whole) {
            // Blending hides the edges of the parts.
            (rules.whole, rules.overlap) = (false, rules.overlap.max(PART_OVERLAP));
        }
        rules
    }
}

/// How often the networks of a run are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sequence {
    /// One network, as often as the factor needs.
    Repeat,
    /// Several networks, each once, in their order.
    Chain,
}

/// The networks of a run; none for a classical method, and exactly one for [`Sequence::Repeat`].
pub(crate) struct Networks<'a> {
    pub(crate) networks: Vec<Network<'a>>,
    pub(crate) sequence: Sequence,
}

impl Networks<'_> {
    /// The index of the network of each pass.
    pub(crate) fn passes(&self, factor: f64) -> Vec<usize> {
        match self.sequence {
            _ if self.networks.is_empty() => Vec::new(),
            Sequence::Repeat => vec![0; repetitions(self.networks[0].manifest.scale, factor) as usize],
            Sequence::Chain => {
                // To shrink a picture, nothing is needed from the first enlarging network on.
                let needed = |network: &&Network<'_>| factor >= 1.0 || network.manifest.scale == 1;
                (0..self.networks.iter().take_while(needed).count()).collect()
            }
        }
    }
}

/// How often a network of this scale must run for `factor`.
fn repetitions(scale: u32, factor: f64) -> u32 {
    if scale == 1 {
        return 1;
    }
    // Shrinking needs no network. From factor 1 on there is at least one pass, so that ×1 restores.
    if factor < 1.0 {
        return 0;
    }
    (1..).find(|&n| f64::from(scale).powi(n as i32) * MAX_STRETCH >= factor).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_repeats_until_the_factor_is_reached() {
        let cases = [
            (4, 0.5, 0),
            (4, 1.0, 1),
            (4, 4.0, 1),
            (4, 5.0, 1),
            (4, 5.1, 2),
            (4, 16.0, 2),
            (2, 4.0, 2),
            (2, 8.0, 3),
            (1, 1.0, 1),
            (1, 3.0, 1),
            (1, 0.5, 1),
        ];
        for (scale, factor, expected) in cases {
            assert_eq!(repetitions(scale, factor), expected, "x{scale} network, factor {factor}");
        }
    }
}
