//! SwinIR: groups of blocks with attention in windows, every second of them shifted, and a convolution after each group.
//!
//! Source: Liang et al., "SwinIR: Image Restoration Using Swin Transformer", 2021.

use super::graph::Padding;
use super::reconstruction::Reconstruction;
use super::swin::{self, Divisions};
use super::{Design, Graph, Misfit, Outcome, Reach, Weights};
use crate::architectures::graph::EPSILON;

/// The table of biases of a group's first block.
const TABLE: &str = "layers.0.residual_group.blocks.0.attn.relative_position_bias_table";

/// The windows of the networks against JPEG artefacts, which are the only ones that work on samples up to 255.
const JPEG_WINDOW: usize = 7;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has(TABLE) && weights.has("layers.0.residual_group.blocks.0.mlp.fc2.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    weights.ignore_where(|name| name.ends_with(".attn.relative_position_index") || name.ends_with(".attn_mask"));
    let window = swin::window_side(weights, TABLE)?;
    let range = swin::range(weights, if window == JPEG_WINDOW { 255.0 } else { 1.0 });
    let reconstruction = Reconstruction::of(weights);
    let unshuffles = weights.has("conv_first.1.weight");
    let first = if unshuffles { "conv_first.1" } else { "conv_first" };
    let [features, channels_in, ..] = weights.dimensions::<4>(&format!("{first}.weight"))?;
    let (channels, factor) = if unshuffles {
        // The picture that it makes has as many channels as the one that it takes.
        super::channels_and_factor(channels_in, reconstruction.channels(weights, 3)?)?
    } else {
        (channels_in, 1)
    };
    let multiple = window * factor;
    let fixed = swin::fixed_side(weights)?.map(|side| side * factor);
    if fixed.is_some_and(|side| !side.is_multiple_of(multiple)) {
        return Err(Misfit::contradiction(format!(
            "its only size is not a multiple of its windows of {window} pixels"
        )));
    }

    let mut graph = Graph::new(weights);
    let picture = match fixed {
        Some(side) => graph.picture_of(channels, side as u32),
        None => graph.picture(channels),
    };
    let size = graph.size(&picture);
    let padded = match fixed {
        Some(_) => picture.clone(),
        None => graph.padded_to(&picture, &size, [multiple; 2], Padding::Reflection),
    };
    let centred = swin::centred(&mut graph, &padded, range);
    let shallow = match factor {
        1 => graph.convolution(&centred, first)?,
        _ => graph.unshuffled_convolution(&centred, first, factor)?,
    };
    let divisions = Divisions::new(&mut graph, &shallow, window)?;
    let positions = graph.positions([window; 2])?;
    let mut tokens = swin::embedded(&mut graph, &shallow, &divisions)?;
    let (mut groups, mut blocks) = (0, 0);
    while weights.has(&format!("layers.{groups}.residual_group.blocks.0.norm1.weight")) {
        let input = tokens.clone();
        let count = weights.count_groups(&format!("layers.{groups}.residual_group.blocks."));
        for at in 0..count {
            let name = format!("layers.{groups}.residual_group.blocks.{at}");
            tokens = swin::block(&mut graph, &tokens, &name, &divisions, &positions, at % 2 == 1)?;
        }
        let planes = divisions.planes(&mut graph, &tokens);
        let planes = swin::closing_convolution(&mut graph, &planes, &format!("layers.{groups}.conv"))?;
        let made = divisions.tokens(&mut graph, &planes);
        tokens = graph.sum(&made, &input);
        groups += 1;
        blocks += count;
    }
    let normal = graph.layer_norm(&tokens, "norm", EPSILON)?;
    let planes = divisions.planes(&mut graph, &normal);
    let deep = swin::closing_convolution(&mut graph, &planes, "conv_after_body")?;
    let deep = graph.sum(&deep, &shallow);
    let (value, enlarged) = reconstruction.build(&mut graph, &deep, &centred)?;
    if enlarged % factor != 0 {
        return Err(Misfit::contradiction(format!(
            "it would enlarge {enlarged} times a picture that was reduced {factor} times"
        )));
    }
    let scale = enlarged / factor;
    let value = swin::uncentred(&mut graph, &value, channels == 3, range);
    let result = if fixed.is_some() { value } else { graph.cropped_to(&value, &size, scale) };
    Ok(Design {
        network: graph.finish(&result)?,
        summary: format!("{features} features, {groups} groups of {blocks} blocks, windows of {window}"),
        scale: scale as u32,
        input_channels: channels,
        output_channels: result.channels,
        multiple: multiple as u32,
        minimum: (multiple / 2 + 1) as u32,
        fixed: fixed.map(|side| side as u32),
        reach: Reach::Local,
        noise: None,
        faces: false,
        alternatives: 1,
    })
}
