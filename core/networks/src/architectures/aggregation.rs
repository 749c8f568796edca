//! The groups of blocks that DAT and RGT share, in SwinIR's frame: every second block looks into rectangles.
//!
//! Source: Chen et al., "Dual Aggregation Transformer for Image Super-Resolution", 2023. What a block computes is up to the
//! architecture.

use super::frame::{Frame, closing_convolution};
use super::graph::Size;
use super::rectangles::{EPSILON, Rectangles};
use super::{Design, Graph, Outcome, Reach, Value, Weights};

/// A block of a network.
pub(super) struct Block<'b> {
    /// The prefix of its tensors.
    pub(super) name: String,
    /// The group that it is in.
    pub(super) group: usize,
    /// For a block that looks into rectangles: whether these are shifted.
    pub(super) shifted: Option<bool>,
    pub(super) rectangles: &'b mut Rectangles,
    /// The size of the planes.
    pub(super) size: &'b Size,
}

/// Whether a checkpoint has these groups.
pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("before_RG.1.weight")
}

/// Builds a network. `block` makes a block's result of its input.
pub(super) fn build(
    weights: &Weights<'_>,
    block: impl Fn(&mut Graph<'_>, &Value, Block<'_>) -> Outcome<Value>,
) -> Outcome<Design> {
    weights.ignore_where(|name| name.contains(".attn.attn_mask_"));
    let mut multiple = 1;
    let design = Frame::new(1, Reach::Whole).build(weights, |graph, shallow| {
        let size = graph.size(shallow);
        let mut rectangles = Rectangles::new(graph, shallow)?;
        let mut value = graph.normalised_planes(shallow, "before_RG.1", EPSILON)?;
        let mut count = 0;
        for group in 0..weights.count_groups("layers.") {
            let input = value.clone();
            let blocks = weights.count_groups(&format!("layers.{group}.blocks."));
            for at in 0..blocks {
                let block_at = Block {
                    name: format!("layers.{group}.blocks.{at}"),
                    group,
                    shifted: at.is_multiple_of(2).then(|| Rectangles::shifted(group, at)),
                    rectangles: &mut rectangles,
                    size: &size,
                };
                value = block(graph, &value, block_at)?;
            }
            count += blocks;
            value = closing_convolution(graph, &value, &format!("layers.{group}.conv"), false)?;
            value = graph.sum(&value, &input);
        }
        multiple = rectangles.multiple();
        let [height, width] = rectangles.side;
        let words = format!("{count} blocks, rectangles of {height}×{width}");
        Ok((graph.normalised_planes(&value, "norm", EPSILON)?, words))
    })?;
    // Any size is padded inside, but tiles fit together only if their rectangles do.
    Ok(Design { multiple: multiple as u32, ..design })
}
