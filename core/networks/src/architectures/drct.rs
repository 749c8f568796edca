//! DRCT: groups of five blocks with attention in windows, each of which sees the results of all before it.
//!
//! Source: Hsu et al., "DRCT: Saving Image Super-Resolution away from Information Bottleneck", 2024.

use super::frame::{Frame, embedded};
use super::graph::EPSILON;
use super::swin::{self, Divisions};
use super::{Design, Outcome, Reach, Weights};

/// The blocks of a group, the slope of the leaky ReLU after each, and the factor of what a group adds.
const BLOCKS: usize = 5;
const SLOPE: f32 = 0.2;
const RESIDUAL: f32 = 0.2;

/// The number that programs which run these networks make the sides of pictures a multiple of.
const MULTIPLE: usize = 16;

/// The table of biases of the first block.
const TABLE: &str = "layers.0.swin1.attn.relative_position_bias_table";

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has(TABLE)
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    weights.ignore_where(|name| name.ends_with(".attn.relative_position_index") || name.ends_with(".attn_mask"));
    let side = swin::window_side(weights, TABLE)?;
    let multiple = (1..=MULTIPLE).map(|times| times * side).find(|multiple| multiple.is_multiple_of(MULTIPLE));
    let shifts = swin::shifts(weights, "layers.0.swin2.attn_mask", "layers.0.swin2.attn.relative_position_index");
    let frame = Frame { open_end: true, ..Frame::new(multiple.unwrap_or(side), Reach::Local) };
    frame.build(weights, |graph, shallow| {
        let divisions = Divisions::new(graph, shallow, side)?;
        let positions = graph.positions([side; 2])?;
        let tokens = embedded(graph, shallow)?;
        let mut tokens = graph.partitioned(&tokens, &divisions.plain);
        let groups = weights.count_groups("layers.");
        for group in 0..groups {
            let mut parts = vec![tokens.clone()];
            for at in 1..=BLOCKS {
                let all = graph.tokens_joined(&parts.iter().collect::<Vec<_>>());
                let name = format!("layers.{group}.swin{at}");
                let made = swin::block(graph, &all, &name, &divisions, &positions, at % 2 == 0 && shifts)?;
                let made = graph.linear_of_convolution(&made, &format!("layers.{group}.adjust{at}"))?;
                parts.push(if at < BLOCKS { graph.leaky_relu(&made, SLOPE) } else { graph.scaled(&made, RESIDUAL) });
            }
            tokens = graph.sum(&parts[BLOCKS], &tokens);
        }
        let normal = graph.layer_norm(&tokens, "norm", EPSILON)?;
        Ok((divisions.planes(graph, &normal), format!("{groups} dense groups, windows of {side}×{side}")))
    })
}
