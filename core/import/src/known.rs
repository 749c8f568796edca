//! What an architecture tells about a network that was made from a checkpoint.
//!
//! The shapes of a checkpoint say more than a probe can find out, and they say it for certain. The command probes a network in a
//! process of its own, so this can be serialised.

use enlarger_networks::architectures::{Design, Reach};
use serde::{Deserialize, Serialize};

/// What is known about a network before it runs. Its pixels are from 0 to 1 with red first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The architecture.
    pub architecture: String,
    /// Output pixels per input pixel, along each side.
    pub scale: u32,
    /// The number that each side should be a multiple of.
    pub multiple: u32,
    /// The least number of pixels along a side.
    pub minimum: u32,
    /// Whether a pixel of the output looks at the whole picture.
    pub whole: bool,
    /// The minimum, the maximum and the default of the noise level, if the network takes one.
    pub noise_level: Option<[f32; 3]>,
    /// Whether it restores faces and nothing else.
    pub faces: bool,
}

impl Known {
    pub(crate) fn of(architecture: &str, design: &Design) -> Self {
        Known {
            architecture: architecture.to_owned(),
            scale: design.scale,
            multiple: design.multiple,
            minimum: design.minimum,
            whole: design.reach == Reach::Whole,
            noise_level: design.noise.map(|noise| [noise.minimum, noise.maximum, noise.default]),
            faces: design.faces,
        }
    }
}
