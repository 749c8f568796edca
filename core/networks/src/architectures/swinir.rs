//! SwinIR: groups of blocks with attention in windows, every second of them shifted, and a convolution after each group.
//!
//! Source: Liang et al., "SwinIR: Image Restoration Using Swin Transformer", 2021.

use super::frame::Frame;
use super::swin::{self, Divisions};
use super::{Design, Outcome, Reach, Weights};

/// The table of biases of the first block.
const TABLE: &str = "layers.0.residual_group.blocks.0.attn.relative_position_bias_table";

/// The windows of the networks against JPEG artefacts, which are the only ones that work on samples up to 255.
const JPEG_WINDOW: usize = 7;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has(TABLE) && weights.has("layers.0.residual_group.blocks.0.mlp.fc2.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    weights.ignore_where(|name| name.ends_with(".attn.relative_position_index") || name.ends_with(".attn_mask"));
    let side = swin::window_side(weights, TABLE)?;
    let range = if side == JPEG_WINDOW { 255.0 } else { 1.0 };
    let shifts = swin::shifts(
        weights,
        "layers.0.residual_group.blocks.1.attn_mask",
        "layers.0.residual_group.blocks.0.attn.relative_position_index",
    );
    let frame = Frame { range, ..Frame::new(side, Reach::Local) };
    frame.build(weights, |graph, shallow| {
        let divisions = Divisions::new(graph, shallow, side)?;
        let positions = graph.positions([side; 2])?;
        swin::groups(graph, shallow, &divisions, false, |graph, tokens, group| {
            swin::blocks(graph, tokens, group, |graph, tokens, name, odd| {
                swin::block(graph, tokens, name, &divisions, &positions, odd && shifts)
            })
        })
    })
}
