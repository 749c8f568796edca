//! ArtCNN: residual blocks of three convolutions, a sum with the first one, and a pixel shuffle.
//!
//! Source: Artoriuz' ArtCNN, in the naming of its PyTorch versions.

use super::{Design, Graph, Outcome, Weights, channels_and_factor};

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("conv0.weight") && weights.has("depth_to_space.upscale.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("conv0.weight")?;
    let blocks = weights.count("res_block.", ".conv.2.weight");
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let first = graph.convolution(&picture, "conv0")?;
    let mut value = first.clone();
    for block in 0..blocks {
        let input = value.clone();
        for layer in ["0.0", "1.0"] {
            value = graph.convolution(&value, &format!("res_block.{block}.conv.{layer}"))?;
            value = graph.relu(&value);
        }
        value = graph.convolution(&value, &format!("res_block.{block}.conv.2"))?;
        value = graph.sum(&value, &input);
    }
    value = graph.convolution(&value, &format!("res_block.{blocks}"))?;
    value = graph.sum(&value, &first);
    let squares = graph.convolution(&value, "depth_to_space.upscale.0")?;
    let (_, scale) = channels_and_factor(squares.channels, channels)?;
    let result = graph.shuffled(&squares, scale)?;
    Design::new(graph, &result, scale, format!("{features} features, {blocks} blocks"))
}
