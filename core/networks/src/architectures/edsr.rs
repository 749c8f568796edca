//! EDSR: residual blocks without normalisation, and a pixel shuffle.
//!
//! Source: Lim et al., "Enhanced Deep Residual Networks for Single Image Super-Resolution", 2017, in the naming of its authors and in
//! that of BasicSR.

use super::colour_range::{ColourRange, WHITE, number};
use super::reconstruction::shuffles;
use super::{Design, Graph, Misfit, Outcome, Weights};

/// The factor of what a block adds in networks with at least this many features; others add all.
const RESIDUAL: f32 = 0.1;
const WIDE: usize = 256;

/// The names of the tensors.
struct Spelling {
    first: &'static str,
    /// The two convolutions of a block, given its number.
    block: fn(usize) -> [String; 2],
    /// The convolution after the blocks, given their number.
    after: fn(usize) -> String,
    up: &'static str,
    last: &'static str,
}

const SPELLINGS: [Spelling; 2] = [
    Spelling {
        first: "head.0",
        block: |at| [0, 2].map(|part| format!("body.{at}.body.{part}")),
        after: |count| format!("body.{count}"),
        up: "tail.0",
        last: "tail.1",
    },
    Spelling {
        first: "conv_first",
        block: |at| [1, 2].map(|part| format!("body.{at}.conv{part}")),
        after: |_| "conv_after_body".to_owned(),
        up: "upsample",
        last: "conv_last",
    },
];

impl Spelling {
    fn is_of(&self, weights: &Weights<'_>) -> bool {
        let [first, _] = (self.block)(0);
        [self.first, self.last, &first].iter().all(|name| weights.has(&format!("{name}.weight")))
            && !weights.has("upconv1.weight")
    }
}

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    SPELLINGS.iter().any(|spelling| spelling.is_of(weights))
}

/// The factor of what blocks add is not in the shapes.
pub(super) fn build(weights: &Weights<'_>, alternative: usize) -> Outcome<Design> {
    let spelling = SPELLINGS
        .iter()
        .find(|spelling| spelling.is_of(weights))
        .ok_or_else(|| Misfit::Missing(format!("{}.weight", (SPELLINGS[1].block)(0)[0])))?;
    let [features, channels, ..] = weights.dimensions::<4>(&format!("{}.weight", spelling.first))?;
    let blocks = (0..).take_while(|at| weights.has(&format!("{}.weight", (spelling.block)(*at)[0]))).count();
    let told = number(weights, "res_scale");
    let residual = match (told, features >= WIDE, alternative) {
        (Some(told), ..) => told,
        (None, true, 0) | (None, false, 1) => RESIDUAL,
        _ => 1.0,
    };

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let range = ColourRange::of(weights, spelling.first == "head.0", WHITE, channels)?;
    let centred = range.enter(&mut graph, &picture)?;
    let first = graph.convolution(&centred, spelling.first)?;
    let mut value = first.clone();
    for at in 0..blocks {
        let [before, after] = (spelling.block)(at);
        let change = graph.convolution(&value, &before)?;
        let change = graph.relu(&change);
        let mut change = graph.convolution(&change, &after)?;
        if residual != 1.0 {
            change = graph.scaled(&change, residual);
        }
        value = graph.sum(&value, &change);
    }
    value = graph.convolution(&value, &(spelling.after)(blocks))?;
    value = graph.sum(&value, &first);
    let (large, scale) = shuffles(&mut graph, &value, spelling.up)?;
    value = graph.convolution(&large, spelling.last)?;
    value = range.leave(&mut graph, &value)?;
    Ok(Design {
        alternatives: if told.is_some() { 1 } else { 2 },
        ..Design::new(graph, &value, scale, format!("{features} features, {blocks} blocks"))?
    })
}
