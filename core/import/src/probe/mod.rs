//! What a network does, found out by running it on small pictures.
//!
//! The order matters: what it makes of a size tells the scale, the scale makes pictures comparable, and only then can
//! range, order and halo be told. Every question has a bounded number of runs. Who runs networks from strangers puts a
//! limit on time and memory around all of it.

mod cost;
mod halo;
mod meaning;
mod picture;
mod sizes;
mod subject;

use enlarger::{ChannelOrder, Result};
use enlarger_networks::onnx::{Network, Wrapping, wrap};
use serde::{Deserialize, Serialize};

pub use subject::{Open, Subject};

/// How a network may be cut, and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// Tiles equal the whole.
    Exact,
    /// Tiles nearly equal the whole, and are blended.
    Blend,
    /// The result depends on the whole picture.
    Whole,
}

/// What was found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Output pixels per input pixel, along each side.
    pub scale: u32,
    /// Mirrored pixels that had to be added at each side, because the network shrinks the picture.
    pub pad: u32,
    /// What each side must be a multiple of.
    pub multiple: u32,
    /// The fewest pixels along a side.
    pub minimum: u32,
    /// The values of black and white.
    pub range: [f32; 2],
    /// How far the network's result, made small again, is from what went in: root of the mean square, of 1.
    pub fidelity: f32,
    /// Whether blue is the first channel.
    pub bgr: bool,
    /// Whether the order of the channels could be told at all; otherwise red is taken to be first, as it nearly always is.
    pub order_told: bool,
    /// How it may be cut.
    pub support: Support,
    /// The border, in input pixels, that a tile needs to be right inside.
    pub halo: u32,
    /// The width over which tiles are blended.
    pub overlap: u32,
    /// Seconds for a megapixel of input, here.
    pub seconds: f64,
}

impl Findings {
    /// The order of the channels.
    pub fn order(&self) -> ChannelOrder {
        if self.bgr { ChannelOrder::Bgr } else { ChannelOrder::Rgb }
    }
}

/// Finds out what a network does. Returns it with what it needs around it.
///
/// # Errors
/// `ModelInvalid`, with one sentence on why it cannot enlarge pictures; else what the engine says.
pub fn probe(network: Vec<u8>, open: &Open<'_>) -> Result<(Vec<u8>, Findings)> {
    let facts = Network::read(&network)?.facts()?;
    let sizes = sizes::find(&Subject::new(network.clone(), open)?)?;
    let network = match sizes.pad {
        0 => network,
        pad => wrap(&network, &Wrapping { pad, ..Wrapping::default() })?,
    };
    let subject = Subject::new(network, open)?.sized(&sizes)?;
    let meaning = meaning::find(&subject)?;
    let subject = subject.meaning(&meaning);
    let reach = halo::measure(&subject)?;
    let (support, halo, overlap) = reach.judge(facts.whole.is_some());
    let findings = Findings {
        scale: sizes.scale,
        pad: sizes.pad,
        multiple: sizes.multiple,
        minimum: sizes.minimum,
        range: meaning.range,
        fidelity: meaning.fidelity,
        bgr: meaning.bgr,
        order_told: meaning.order_told,
        support,
        halo,
        overlap,
        seconds: cost::seconds(&subject)?,
    };
    Ok((subject.into_network(), findings))
}
