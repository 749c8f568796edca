//! What a probe finds out about a network.
//!
//! The probe runs in a process of its own, so the findings can be serialised.

use enlarger_networks::onnx::Wrapping;
use serde::{Deserialize, Serialize};

/// How a picture may be divided into tiles for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// With this halo, tiles give the same result as the whole picture.
    Exact,
    /// Tiles give nearly the same result as the whole picture, and have to be blended.
    Blend,
    /// The result depends on the whole picture.
    Whole,
}

impl Support {
    /// Its name in manifests.
    pub fn id(self) -> &'static str {
        match self {
            Support::Exact => "exact",
            Support::Blend => "blend",
            Support::Whole => "whole",
        }
    }
}

/// What a probe has found out about a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Output pixels per input pixel, along each side.
    pub scale: u32,
    /// Mirrored pixels that were added at each side, because the network shrinks the picture.
    pub pad: u32,
    /// What the output was multiplied by, because it is in another range than the input.
    #[serde(default)]
    pub gain: Option<f32>,
    /// The number that each side must be a multiple of.
    pub multiple: u32,
    /// The least number of pixels along a side.
    pub minimum: u32,
    /// The values of black and white.
    pub range: [f32; 2],
    /// The width and the height of pictures, if the network takes only one size.
    #[serde(default)]
    pub size: Option<[u32; 2]>,
    /// The minimum, the maximum and the default of the noise level, if the network takes one.
    #[serde(default)]
    pub noise_level: Option<[f32; 3]>,
    /// Whether it restores faces and nothing else.
    #[serde(default)]
    pub faces: bool,
    /// The difference between the input and the output reduced to its size: root mean square, in a range from 0 to 1.
    pub fidelity: f32,
    /// Whether blue is the first channel.
    pub bgr: bool,
    /// Whether the probe could find the order of the channels. If not, red is assumed to be first, as in nearly all networks.
    pub order_known: bool,
    /// How a picture may be divided into tiles.
    pub support: Support,
    /// The halo, in input pixels.
    pub halo: u32,
    /// The width over which tiles are blended, in input pixels.
    pub overlap: u32,
    /// Seconds for a megapixel of input on this machine.
    pub seconds: f64,
}

/// The largest difference, in a range from 0 to 1, at which the output still counts as the input picture.
pub(crate) const MAX_DIFFERENCE: f32 = 0.12;

impl Findings {
    /// Whether the output shows the picture that the network was given.
    pub fn shows_its_input(&self) -> bool {
        self.fidelity <= MAX_DIFFERENCE
    }

    /// The operations that the network needs around it to be what was found.
    pub fn wrapping(&self) -> Wrapping {
        wrapping(self.pad, self.gain)
    }
}

pub(crate) fn wrapping(pad: u32, gain: Option<f32>) -> Wrapping {
    Wrapping { pad, gain, ..Wrapping::default() }
}
