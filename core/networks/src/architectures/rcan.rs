//! RCAN: groups of residual blocks, each of which weighs its channels by their means over the whole picture.
//!
//! Source: Zhang et al., "Image Super-Resolution Using Very Deep Residual Channel Attention Networks", 2018, in the naming of its
//! authors and in that of BasicSR; newer ones have a pixel unshuffle before the network.

use super::colour_range::{ColourRange, WHITE};
use super::reconstruction::shuffles;
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

/// The names of the tensors.
struct Spelling {
    first: &'static str,
    /// The prefix of a block, given the numbers of its group and of itself.
    block: fn(usize, usize) -> String,
    /// The last convolution of a group, given the group's number and that of its blocks.
    group: fn(usize, usize) -> String,
    /// The convolution after the groups, given their number.
    after: fn(usize) -> String,
    /// The two convolutions of the attention.
    attention: [&'static str; 2],
    up: &'static str,
    last: &'static str,
}

const AUTHORS: Spelling = Spelling {
    first: "head.0",
    block: |group, block| format!("body.{group}.body.{block}.body"),
    group: |group, blocks| format!("body.{group}.body.{blocks}"),
    after: |groups| format!("body.{groups}"),
    attention: ["3.conv_du.0", "3.conv_du.2"],
    up: "tail.0",
    last: "tail.1",
};

const SPELLINGS: [Spelling; 3] = [
    AUTHORS,
    // With a pixel unshuffle, which holds the first number.
    Spelling { first: "head.1", ..AUTHORS },
    Spelling {
        first: "conv_first",
        block: |group, block| format!("body.{group}.residual_group.{block}.rcab"),
        group: |group, _| format!("body.{group}.conv"),
        after: |_| "conv_after_body".to_owned(),
        attention: ["3.attention.1", "3.attention.3"],
        up: "upsample",
        last: "conv_last",
    },
];

impl Spelling {
    fn has_block(&self, weights: &Weights<'_>, group: usize, block: usize) -> bool {
        weights.has(&format!("{}.{}.weight", (self.block)(group, block), self.attention[0]))
    }

    fn is_of(&self, weights: &Weights<'_>) -> bool {
        self.has_block(weights, 0, 0) && weights.has(&format!("{}.weight", self.first))
    }
}

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    SPELLINGS.iter().any(|spelling| spelling.is_of(weights))
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let spelling = SPELLINGS
        .iter()
        .find(|spelling| spelling.is_of(weights))
        .ok_or_else(|| Misfit::Missing(format!("{}.{}.weight", (AUTHORS.block)(0, 0), AUTHORS.attention[0])))?;
    let [features, channels_in, ..] = weights.dimensions::<4>(&format!("{}.weight", spelling.first))?;
    let [channels, ..] = weights.dimensions::<4>(&format!("{}.weight", spelling.last))?;
    let unshuffles = spelling.first == "head.1";
    let factor = if unshuffles { channels_in.checked_div(channels).unwrap_or(0).isqrt() } else { 1 };
    if factor == 0 || unshuffles && factor * factor * channels != channels_in {
        return Err(Misfit::contradiction(format!("{channels_in} channels do not come from a picture of {channels}")));
    }
    let groups = (0..).take_while(|group| spelling.has_block(weights, *group, 0)).count();

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels_in / (factor * factor))?;
    let basic = spelling.first == "conv_first";
    let range = ColourRange::of(weights, !basic, if basic { WHITE } else { 1.0 }, picture.channels)?;
    let centred = range.enter(&mut graph, &picture)?;
    let first = graph.unshuffled_convolution(&centred, spelling.first, factor)?;
    let (mut value, mut blocks) = (first.clone(), 0);
    for group in 0..groups {
        let input = value.clone();
        blocks = (0..).take_while(|block| spelling.has_block(weights, group, *block)).count();
        for block in 0..blocks {
            value = attentive_block(&mut graph, &value, &(spelling.block)(group, block), spelling.attention)?;
        }
        value = graph.convolution(&value, &(spelling.group)(group, blocks))?;
        value = graph.sum(&value, &input);
    }
    value = graph.convolution(&value, &(spelling.after)(groups))?;
    value = graph.sum(&value, &first);
    let (large, enlargement) = shuffles(&mut graph, &value, spelling.up)?;
    value = graph.convolution(&large, spelling.last)?;
    value = range.leave(&mut graph, &value)?;
    if !enlargement.is_multiple_of(factor) {
        return Err(Misfit::contradiction(format!(
            "it would enlarge {enlargement} times a picture that was reduced {factor} times"
        )));
    }
    Ok(Design {
        multiple: factor as u32,
        minimum: factor as u32,
        reach: Reach::Whole,
        ..Design::new(
            graph,
            &value,
            enlargement / factor,
            format!("{features} features, {groups} groups of {blocks} blocks"),
        )?
    })
}

/// Two convolutions, whose result is weighed by the means of its channels and added to the input.
fn attentive_block(graph: &mut Graph<'_>, input: &Value, name: &str, attention: [&str; 2]) -> Outcome<Value> {
    let first = graph.convolution(input, &format!("{name}.0"))?;
    let active = graph.relu(&first);
    let second = graph.convolution(&active, &format!("{name}.2"))?;
    let means = graph.mean(&second);
    let few = graph.convolution(&means, &format!("{name}.{}", attention[0]))?;
    let few = graph.relu(&few);
    let all = graph.convolution(&few, &format!("{name}.{}", attention[1]))?;
    let gate = graph.sigmoid(&all);
    let weighed = graph.product(&second, &gate);
    Ok(graph.sum(&weighed, input))
}
