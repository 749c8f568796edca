//! Networks shaped as those that people share, small and with random weights.
//!
//! Each is written as exporters write it, and not as an engine would like it.

use enlarger_compiler::{Attribute, ConstantData};

use crate::graph_builder::{GraphBuilder, integers};
use crate::network::Network;

/// SPAN with this many features and blocks, and with the mean and the range of its input if it is normalised.
pub fn span(features: usize, blocks: usize, normalised: bool) -> Network {
    strong_span(features, blocks, normalised, 1.0)
}

/// SPAN whose convolutions have about this gain. The greater it is, the more do errors grow from block to block.
pub fn strong_span(features: usize, blocks: usize, normalised: bool, gain: f32) -> Network {
    let mut b = GraphBuilder::new(3, 11);
    let mut input = "in".to_owned();
    if normalised {
        let mean = b.constant(&[1, 3, 1, 1], ConstantData::Floats(vec![0.4488, 0.4371, 0.404]));
        let range = b.number(255.0);
        input = b.node("Sub", &["in", &mean], &[]);
        input = b.node("Mul", &[&input, &range], &[]);
    }
    let [few, same] = [[3, features], [features; 2]];
    let first = b.filter(&input, few, 3, 1);
    let (mut value, mut outs, mut ones) = (first.clone(), Vec::new(), Vec::new());
    if normalised {
        let small = b.number(0.01);
        value = b.node("Mul", &[&value, &small], &[]);
    }
    for _ in 0..blocks {
        let one = b.strong_filter(&value, same, 3, 1, gain);
        let one = b.silu(&one);
        let two = b.strong_filter(&one, same, 3, 1, gain);
        let two = b.silu(&two);
        let three = b.strong_filter(&two, same, 3, 1, gain);
        let (gate, half) = (b.node("Sigmoid", &[&three], &[]), b.number(0.5));
        let gate = b.node("Sub", &[&gate, &half], &[]);
        let sum = b.node("Add", &[&three, &value], &[]);
        value = b.node("Mul", &[&sum, &gate], &[]);
        outs.push(value.clone());
        ones.push(one);
    }
    let second = b.filter(&value, same, 3, 1);
    let joined = b.joined(&[&value, &second, &outs[0], &ones[blocks - 1]]);
    let joined = b.filter(&joined, [4 * features, features], 1, 1);
    let result = b.filter(&joined, [features, 12], 3, 1);
    let output = b.shuffled(&result, 2);
    Network { builder: b, output, scale: 2, multiple: 1, whole: false }
}

/// RRDB whose first convolution reads squares of pixels.
pub fn rrdb_unshuffled(factor: usize) -> Network {
    let mut b = GraphBuilder::new(3, 12);
    let first = b.filter("in", [3, 24], 3 * factor, factor);
    let mut parts = vec![first.clone()];
    for i in 0..2 {
        let all: Vec<&str> = parts.iter().map(String::as_str).collect();
        let joined = b.joined(&all);
        let part = b.filter(&joined, [24 + 16 * i, 16], 3, 1);
        parts.push(b.leaky(&part));
    }
    let all: Vec<&str> = parts.iter().map(String::as_str).collect();
    let joined = b.joined(&all);
    let (last, small) = (b.filter(&joined, [56, 24], 3, 1), b.number(0.2));
    let last = b.node("Mul", &[&last, &small], &[]);
    let mut value = b.node("Add", &[&last, &first], &[]);
    for _ in 0..factor.ilog2() {
        let scales = b.constant(&[4], ConstantData::Floats(vec![1.0, 1.0, 2.0, 2.0]));
        value = b.node("Resize", &[&value, "", &scales], &[]);
        value = b.filter(&value, [24, 24], 3, 1);
        value = b.leaky(&value);
    }
    let output = b.filter(&value, [24, 3], 3, 1);
    Network { builder: b, output, scale: 1, multiple: factor, whole: false }
}

fn rcan(reduced: bool) -> Network {
    let mut b = GraphBuilder::new(3, 13);
    let first = b.filter("in", [3, 16], 3, 1);
    let mut value = first.clone();
    for _ in 0..2 {
        let one = b.filter(&value, [16, 16], 3, 1);
        let one = b.relu(&one);
        let two = b.filter(&one, [16, 16], 3, 1);
        let two = b.squeezed(&two, 16, reduced);
        value = b.node("Add", &[&two, &value], &[]);
    }
    let last = b.filter(&value, [16, 16], 3, 1);
    let mut value = b.node("Add", &[&last, &first], &[]);
    for _ in 0..2 {
        value = b.filter(&value, [16, 64], 3, 1);
        value = b.shuffled(&value, 2);
    }
    let output = b.filter(&value, [16, 3], 3, 1);
    Network { builder: b, output, scale: 4, multiple: 1, whole: true }
}

/// A U-net of CUGAN: mirrored borders, convolutions without a border, squeezing, a crop beside the lower level.
fn cugan() -> Network {
    let mut b = GraphBuilder::new(3, 14);
    let pads = b.integers(&[0, 0, 18, 18, 0, 0, 18, 18]);
    let input = b.node("Pad", &["in", &pads], &[("mode", Attribute::Text("reflect".to_owned()))]);
    let inner = |b: &mut GraphBuilder, from: &str, channels, outputs| {
        let one = b.convolution(from, channels, 32, 0);
        let one = b.leaky(&one);
        let two = b.convolution(&one, 32, outputs, 0);
        b.leaky(&two)
    };
    let first = inner(&mut b, &input, 3, 32);
    let down = b.filter(&first, [32, 32], 2, 2);
    let down = b.leaky(&down);
    let middle = inner(&mut b, &down, 32, 32);
    let middle = b.squeezed(&middle, 32, false);
    let up = b.doubled(&middle, [32, 32]);
    let up = b.leaky(&up);
    let beside = b.cropped(&first, 4);
    let sum = b.node("Add", &[&beside, &up], &[]);
    let result = b.convolution(&sum, 32, 32, 0);
    let result = b.leaky(&result);
    let weights = b.floats(&[32, 3, 4, 4], 0.2);
    let attributes = [("strides", integers(&[2; 2])), ("pads", integers(&[3; 4]))];
    let result = b.node("ConvTranspose", &[&result, &weights], &attributes);
    let output = b.cropped(&result, 20);
    Network { builder: b, output, scale: 2, multiple: 2, whole: true }
}

/// DRUNet with a plane of noise: strided and transposed convolutions, residual blocks, sums across the levels.
fn drunet() -> Network {
    let mut b = GraphBuilder::new(3, 15);
    let lists = [[0], [1], [1]].map(|list| b.integers(&list));
    let one = b.node("Slice", &["in", &lists[0], &lists[1], &lists[2]], &[]);
    let (nothing, noise) = (b.number(0.0), b.number(0.06));
    let plane = b.node("Mul", &[&one, &nothing], &[]);
    let plane = b.node("Add", &[&plane, &noise], &[]);
    let joined = b.joined(&["in", &plane]);
    let block = |b: &mut GraphBuilder, from: &str, channels| {
        let one = b.filter(from, [channels; 2], 3, 1);
        let one = b.relu(&one);
        let two = b.filter(&one, [channels; 2], 3, 1);
        b.node("Add", &[from, &two], &[])
    };
    let head = b.filter(&joined, [4, 16], 3, 1);
    let level = block(&mut b, &head, 16);
    let down = b.filter(&level, [16, 32], 2, 2);
    let body = block(&mut b, &down, 32);
    let sum = b.node("Add", &[&body, &down], &[]);
    let up = b.doubled(&sum, [32, 16]);
    let up = block(&mut b, &up, 16);
    let sum = b.node("Add", &[&up, &head], &[]);
    let output = b.filter(&sum, [16, 3], 3, 1);
    Network { builder: b, output, scale: 1, multiple: 2, whole: false }
}

/// A network of every family, with its name.
pub fn networks() -> [(&'static str, Network); 8] {
    [
        ("span", span(48, 2, true)),
        ("span-52", span(52, 1, false)),
        ("rrdb-unshuffled-2", rrdb_unshuffled(2)),
        ("rrdb-unshuffled-4", rrdb_unshuffled(4)),
        ("rcan", rcan(false)),
        ("rcan-reduced", rcan(true)),
        ("cugan", cugan()),
        ("drunet", drunet()),
    ]
}
