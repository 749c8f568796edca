//! Networks of the families without branches: mostly convolutions, one after the other.

use enlarger_compiler::{Attribute, ConstantData, GraphInput};

use crate::graph_builder::{GraphBuilder, integers};
use crate::network::Network;

/// The name of the input of [`plain_networks`]' SRMD that takes the noise level, a single number.
pub const NOISE_LEVEL: &str = "noise";

/// Compact: slopes, channels that become pixels, and the picture itself, enlarged and added.
fn compact() -> Network {
    let mut b = GraphBuilder::new(3, 21);
    let mut value = b.filter("in", [3, 24], 3, 1);
    for _ in 0..4 {
        let slopes = b.floats(&[24, 1, 1], 0.5);
        value = b.node("PRelu", &[&value, &slopes], &[]);
        value = b.filter(&value, [24, 24], 3, 1);
    }
    let value = b.filter(&value, [24, 12], 3, 1);
    let shuffled = b.shuffled(&value, 2);
    let scales = b.constant(&[4], ConstantData::Floats(vec![1.0, 1.0, 2.0, 2.0]));
    let base = b.node("Resize", &["in", "", &scales], &[]);
    let output = b.node("Add", &[&shuffled, &base], &[]);
    Network { builder: b, output, scale: 2, multiple: 1, whole: false }
}

/// SRMD: a plane of noise beside the picture.
fn srmd() -> Network {
    let mut b = GraphBuilder::new(3, 22);
    b.graph.inputs.push(GraphInput { name: NOISE_LEVEL.to_owned(), shape: vec![1; 4] });
    let lists = [[0], [1], [1]].map(|list| b.integers(&list));
    let one = b.node("Slice", &["in", &lists[0], &lists[1], &lists[2]], &[]);
    let nothing = b.number(0.0);
    let plane = b.node("Mul", &[&one, &nothing], &[]);
    let plane = b.node("Add", &[&plane, NOISE_LEVEL], &[]);
    let joined = b.joined(&["in", &plane]);
    let mut value = b.filter(&joined, [4, 32], 3, 1);
    for _ in 0..3 {
        value = b.relu(&value);
        value = b.filter(&value, [32, 32], 3, 1);
    }
    let value = b.filter(&value, [32, 12], 3, 1);
    let output = b.shuffled(&value, 2);
    Network { builder: b, output, scale: 2, multiple: 1, whole: false }
}

/// UpConv-7: mirrored borders, convolutions without a border, a transposed one at the end, bounds.
fn upconv7() -> Network {
    let mut b = GraphBuilder::new(3, 23);
    let pads = b.integers(&[0, 0, 7, 7, 0, 0, 7, 7]);
    let mut value = b.node("Pad", &["in", &pads], &[("mode", Attribute::Text("reflect".to_owned()))]);
    for [channels, outputs] in [[3, 16], [16, 16], [16, 24], [24, 40], [40, 40], [40, 48]] {
        value = b.convolution(&value, channels, outputs, 0);
        value = b.leaky(&value);
    }
    let weights = b.floats(&[48, 3, 4, 4], 0.2);
    let attributes = [("strides", integers(&[2; 2])), ("pads", integers(&[3; 4]))];
    let value = b.node("ConvTranspose", &[&value, &weights], &attributes);
    let bounds = [-0.25, 0.75].map(|bound| b.number(bound));
    let output = b.node("Clip", &[&value, &bounds[0], &bounds[1]], &[]);
    Network { builder: b, output, scale: 2, multiple: 1, whole: false }
}

/// A network of every family that has no branches, with its name.
pub fn plain_networks() -> [(&'static str, Network); 3] {
    [("compact", compact()), ("srmd", srmd()), ("upconv7", upconv7())]
}
