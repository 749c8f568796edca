//! The networks of a run, as a plan must know them: what each may be given, and in which order they run.

use crate::engine::engine::Usage;
use crate::models::manifest::{Manifest, Tileable};
use crate::plan::grid::Rules;

/// Beyond what native passes give, this much more is left to resampling: another pass would cost many times the time
/// for pixels that resampling takes away again.
pub(crate) const STRETCH: f64 = 1.25;

/// The width over which the parts of a picture are blended that a network should have seen as a whole.
const PARTED_OVERLAP: u32 = 32;

/// What a plan must know of a network that will run.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) usage: Usage,
    /// Bytes that a row stream over so many columns takes, where the session offers one.
    pub(crate) stream: &'a dyn Fn(usize) -> Option<u64>,
}

impl Step<'_> {
    /// The most pixels that a tile may have, halo included. `parted`: the network should have seen the whole.
    pub(crate) fn tile_pixels(self, parted: bool) -> u64 {
        let most = self.usage.max_tile_pixels.unwrap_or(u64::MAX);
        let side = u64::from(self.usage.tile.max(1));
        // The largest parts there is room for come nearest to the whole.
        if parted && self.manifest.tiling.support == Tileable::Whole { most } else { most.min(side * side) }
    }

    /// Bytes that a row stream over a picture of this width takes, if one serves: it takes rows and nothing else, no noise
    /// level, and neither sees the whole nor blends.
    pub(crate) fn stream(self, rules: Rules, width: u32) -> Option<u64> {
        let serves = !rules.whole && rules.overlap == 0 && self.manifest.extra.is_empty();
        if serves { (self.stream)(rules.fit(width) as usize) } else { None }
    }

    pub(crate) fn rules(self, parted: bool) -> Rules {
        let mut rules = Rules::of(self.manifest);
        if parted && rules.whole {
            // Blended, parts show no edges.
            (rules.whole, rules.overlap) = (false, rules.overlap.max(PARTED_OVERLAP));
        }
        rules
    }
}

/// The networks of a run: one that runs as often as the factor asks for, or several that run once each.
pub(crate) struct Steps<'a> {
    pub(crate) networks: Vec<Step<'a>>,
    pub(crate) chained: bool,
}

impl Steps<'_> {
    /// The network of each pass.
    pub(crate) fn order(&self, factor: f64) -> Vec<usize> {
        if !self.chained {
            return vec![0; passes(self.networks[0].manifest.scale, factor) as usize];
        }
        // Shrinking needs no network that enlarges, nor what would come after one.
        let restores = |network: &&Step<'_>| factor >= 1.0 || network.manifest.scale == 1;
        (0..self.networks.iter().take_while(restores).count()).collect()
    }
}

/// How often a network that enlarges by `scale` must run for `factor`.
fn passes(scale: u32, factor: f64) -> u32 {
    if scale == 1 {
        return 1;
    }
    // Shrinking needs no network; at 1 and above there is always one pass, so that ×1 restores.
    if factor < 1.0 {
        return 0;
    }
    (1..).find(|&n| f64::from(scale).powi(n as i32) * STRETCH >= factor).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_follow_the_factor() {
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
            assert_eq!(passes(scale, factor), expected, "x{scale} network, factor {factor}");
        }
    }
}
