//! The network that an architecture makes of a checkpoint, and what is known about it without running it.

use super::{Graph, Misfit, Outcome, Value};

/// How far a pixel of the output looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// At pixels nearby. How near is measured.
    Local,
    /// At the whole picture.
    Whole,
}

/// The noise levels that a network takes, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseRange {
    /// The lowest.
    pub minimum: f32,
    /// The highest.
    pub maximum: f32,
    /// The one to use if nobody chooses.
    pub default: f32,
}

/// The most output pixels per input pixel, along each side.
const MAX_SCALE: usize = 64;

/// A network made from a checkpoint. Its input and output are planar floats from 0 to 1 with red first.
#[derive(Clone, Debug)]
pub struct Design {
    /// The ONNX file.
    pub network: Vec<u8>,
    /// What the shapes say, for people: "64 features, 23 blocks". It ends with what is assumed.
    pub summary: String,
    /// What is assumed, because neither the shapes nor the training program tell it: nouns with their numbers.
    pub assumed: Vec<String>,
    /// Output pixels per input pixel, along each side.
    pub scale: u32,
    /// The channels of the input: 1 for gray, 3 for colour, 4 for colour and alpha.
    pub input_channels: usize,
    /// The channels of the output.
    pub output_channels: usize,
    /// The number that each side should be a multiple of. Larger pictures are extended at the right and below.
    pub multiple: u32,
    /// The least number of pixels along a side.
    pub minimum: u32,
    /// The only side that the network accepts, if there is only one.
    pub fixed: Option<u32>,
    /// How far a pixel of the output looks.
    pub reach: Reach,
    /// The noise levels that the network takes, through a second input `noise_level` of shape 1×1×1×1.
    pub noise: Option<NoiseRange>,
    /// Whether it restores faces and nothing else.
    pub faces: bool,
    /// The number of networks that fit the shapes. Which is right shows on a picture.
    pub alternatives: usize,
}

impl Design {
    /// A finished network that enlarges pictures `scale` times, any picture, and looks at pixels nearby.
    ///
    /// # Errors
    /// If it is too large, or enlarges too much.
    pub(super) fn new(graph: Graph<'_>, result: &Value, scale: usize, summary: String) -> Outcome<Self> {
        if !(1..=MAX_SCALE).contains(&scale) {
            return Err(Misfit::contradiction(format!("it would enlarge {scale} times, not 1 to {MAX_SCALE} times")));
        }
        Ok(Design {
            input_channels: graph.channels_of_picture(),
            output_channels: result.channels,
            network: graph.finish(result)?,
            summary,
            assumed: Vec::new(),
            scale: scale as u32,
            multiple: 1,
            minimum: 1,
            fixed: None,
            reach: Reach::Local,
            noise: None,
            faces: false,
            alternatives: 1,
        })
    }
}
