//! Every kernel against the naive reference in doubles, on sizes at which tiles begin, end and are left over.

use std::collections::HashMap;

use enlarger_compiler::{Attribute, ConstantData};
use enlarger_compiler_testing::{Array, GraphBuilder, RandomNumbers, evaluate_graph, integers};
use half::f16;

use super::*;

/// Heights and widths.
const SIZES: [[usize; 2]; 20] = [
    [1, 1],
    [1, 2],
    [2, 1],
    [1, 61],
    [61, 1],
    [1, 64],
    [65, 1],
    [3, 3],
    [7, 9],
    [8, 16],
    [9, 17],
    [15, 15],
    [16, 31],
    [17, 33],
    [32, 8],
    [33, 16],
    [5, 64],
    [61, 5],
    [64, 17],
    [16, 65],
];

/// The sizes whose sides have at least this many pixels.
fn sizes_from(least: usize) -> impl Iterator<Item = [usize; 2]> + Clone {
    SIZES.into_iter().filter(move |sides| sides.iter().all(|side| *side >= least))
}

/// A picture of random numbers that halves can store, so that only what a kernel rounds is measured.
fn picture(channels: usize, [height, width]: [usize; 2], seed: u32) -> Array {
    let mut numbers = RandomNumbers::new(seed);
    let data = numbers.many(channels * height * width).into_iter().map(|value| f16::from_f32(value).to_f64()).collect();
    Array { channels, height, width, data }
}

/// Runs a graph on pictures of all sizes and compares the results with the reference.
fn check(name: &str, builder: &GraphBuilder, output: &str, sizes: impl Iterator<Item = [usize; 2]> + Clone) {
    let channels = builder.graph.inputs[0].shape[1];
    let has_convolution = builder.graph.nodes.iter().any(|node| node.kind == "Conv");
    for arithmetic in ARITHMETICS {
        // Only 3×3 convolutions sum in halves.
        let (bound, differs) = match arithmetic {
            Arithmetic::Exact => (2e-6, true),
            Arithmetic::Mixed => (5e-4, true),
            Arithmetic::Halves => (2e-3, has_convolution),
        };
        if !differs {
            continue;
        }
        let network = network(&builder.graph, output, arithmetic);
        for (seed, size) in sizes.clone().enumerate() {
            let picture = picture(channels, size, seed as u32);
            let expected = evaluate_graph(&builder.graph, output, &HashMap::from([("in", picture.clone())]));
            let found = run(&network, "in", output, &picture, expected.shape()).unwrap();
            let distance = relative(&found, &expected);
            assert!(distance < bound, "{name}, {arithmetic:?}, {size:?}: {distance:e}");
        }
    }
}

/// A single node that reads the input.
fn node(channels: usize, kind: &str, attributes: &[(&str, Attribute)]) -> (GraphBuilder, String) {
    let mut builder = GraphBuilder::new(channels, 3);
    let output = builder.node(kind, &["in"], attributes);
    (builder, output)
}

#[test]
fn convolutions_of_64_outputs_match() {
    let mut builder = GraphBuilder::new(20, 1);
    let slopes = builder.floats(&[70, 1, 1], 0.5);
    let result = builder.convolution("in", 20, 70, 1);
    let result = builder.node("PRelu", &[&result, &slopes], &[]);
    check("with slopes", &builder, &result, sizes_from(1));
}

#[test]
fn convolutions_of_32_outputs_match() {
    // Two values that do not fill vectors, one after the other, and a sum.
    let mut builder = GraphBuilder::new(19, 2);
    let lists = [[0], [3], [1]].map(|list| builder.integers(&list));
    let three = builder.node("Slice", &["in", &lists[0], &lists[1], &lists[2]], &[]);
    let joined = builder.node("Concat", &["in", &three, "in"], &[("axis", Attribute::Integer(1))]);
    let result = builder.convolution(&joined, 41, 19, 1);
    let factor = builder.constant(&[], ConstantData::Floats(vec![0.3]));
    let result = builder.node("Mul", &[&result, &factor], &[]);
    let result = builder.node("Add", &[&result, "in"], &[]);
    check("of three values, with a sum", &builder, &result, sizes_from(1));
}

#[test]
fn convolutions_of_16_outputs_match() {
    for border in [0, 1, 3] {
        let mut builder = GraphBuilder::new(9, 3);
        let result = builder.convolution("in", 9, 3, border);
        check("with another border", &builder, &result, sizes_from(3));
    }
}

#[test]
fn gates_match() {
    let mut builder = GraphBuilder::new(16, 4);
    let result = builder.convolution("in", 16, 16, 1);
    let gate = builder.node("Sigmoid", &[&result], &[]);
    let half = builder.constant(&[], ConstantData::Floats(vec![0.75]));
    let shifted = builder.node("Add", &[&gate, &half], &[]);
    let sum = builder.node("Add", &[&result, "in"], &[]);
    let output = builder.node("Mul", &[&sum, &shifted], &[]);
    check("of a convolution, with a sum", &builder, &output, sizes_from(1));

    let mut builder = GraphBuilder::new(5, 5);
    let gate = builder.node("Sigmoid", &["in"], &[]);
    let output = builder.node("Mul", &["in", &gate], &[]);
    check("alone", &builder, &output, sizes_from(1));
}

#[test]
fn direct_convolutions_match() {
    // Kernel, stride, border above and left, border below and right.
    for (kernel, stride, border) in
        [([1, 1], [1, 1], [0; 4]), ([2, 2], [2, 2], [0; 4]), ([5, 3], [1, 2], [2, 1, 1, 0]), ([4, 4], [3, 1], [1; 4])]
    {
        let mut builder = GraphBuilder::new(10, 6);
        let weights = builder.floats(&[6, 10, kernel[0], kernel[1]], 0.3);
        let bias = builder.floats(&[6], 0.5);
        let attributes = [("strides", integers(&stride)), ("pads", integers(&border))];
        let result = builder.node("Conv", &["in", &weights, &bias], &attributes);
        let result = builder.node("LeakyRelu", &[&result], &[("alpha", Attribute::Float(0.2))]);
        check(&format!("{kernel:?}"), &builder, &result, sizes_from(5));
    }
}

#[test]
fn transposed_convolutions_match() {
    for (kernel, stride, border) in
        [(2, [2, 2], [0; 4]), (4, [2, 2], [3; 4]), (4, [2, 2], [1; 4]), (3, [3, 1], [1, 0, 0, 1])]
    {
        let mut builder = GraphBuilder::new(10, 7);
        let weights = builder.floats(&[10, 6, kernel, kernel], 0.3);
        let attributes = [("strides", integers(&stride)), ("pads", integers(&border))];
        let result = builder.node("ConvTranspose", &["in", &weights], &attributes);
        check(&format!("{kernel}, {stride:?}, {border:?}"), &builder, &result, sizes_from(3));
    }
}

#[test]
fn functions_match() {
    for kind in ["Sigmoid", "Tanh", "Relu"] {
        let (builder, output) = node(6, kind, &[]);
        check(kind, &builder, &output, sizes_from(1));
    }
    let mut builder = GraphBuilder::new(6, 8);
    let square = builder.node("Mul", &["in", "in"], &[]);
    let output = builder.node("Sqrt", &[&square], &[]);
    check("Sqrt", &builder, &output, sizes_from(1));

    let mut builder = GraphBuilder::new(6, 9);
    let [least, greatest] = [-0.25, 0.5].map(|bound| builder.constant(&[], ConstantData::Floats(vec![bound])));
    let clipped = builder.node("Clip", &["in", &least, &greatest], &[]);
    let slopes = builder.floats(&[6, 1, 1], 1.0);
    let sloped = builder.node("PRelu", &[&clipped, &slopes], &[]);
    let [factors, summands] = [1.0, 0.5].map(|scale| builder.floats(&[1, 6, 1, 1], scale));
    let scaled = builder.node("Mul", &[&sloped, &factors], &[]);
    let output = builder.node("Add", &[&scaled, &summands], &[]);
    check("Clip, PRelu, affine", &builder, &output, sizes_from(1));
}

#[test]
fn sums_and_products_match() {
    let mut builder = GraphBuilder::new(6, 10);
    let lists = [[1], [2], [1]].map(|list| builder.integers(&list));
    let one = builder.node("Slice", &["in", &lists[0], &lists[1], &lists[2]], &[]);
    let less = builder.node("Sub", &["in", &one], &[]);
    let mean = builder.node("GlobalAveragePool", &[&less], &[]);
    let mean = builder.node("Sigmoid", &[&mean], &[]);
    let product = builder.node("Mul", &["in", &mean], &[]);
    let output = builder.node("Mul", &[&product, &one], &[]);
    check("with one channel and with one pixel", &builder, &output, sizes_from(1).chain([[70, 65]]));
}

#[test]
fn copies_match() {
    let mut builder = GraphBuilder::new(6, 11);
    let pads = builder.integers(&[0, 0, 2, 3, 0, 0, 1, 3]);
    let mirrored = builder.node("Pad", &["in", &pads], &[("mode", Attribute::Text("reflect".to_owned()))]);
    let pads = builder.integers(&[0, 0, 1, 0, 0, 0, 2, 5]);
    let repeated = builder.node("Pad", &[&mirrored, &pads], &[("mode", Attribute::Text("edge".to_owned()))]);
    let lists = [[1, 2], [-3, -1], [2, 3]].map(|list| builder.integers(&list));
    let cropped = builder.node("Slice", &[&repeated, &lists[0], &lists[1], &lists[2]], &[]);
    let scales = builder.constant(&[4], ConstantData::Floats(vec![1.0, 1.0, 3.0, 3.0]));
    let enlarged = builder.node("Resize", &[&cropped, "", &scales], &[]);
    let lists = [[1], [6], [1]].map(|list| builder.integers(&list));
    let five = builder.node("Slice", &[&enlarged, &lists[0], &lists[1], &lists[2]], &[]);
    let output = builder.node("Concat", &[&five, &enlarged, &five], &[("axis", Attribute::Integer(1))]);
    check("borders, crops, repeated pixels, channels", &builder, &output, sizes_from(5));
}

#[test]
fn rearranged_channels_match() {
    for mode in ["DCR", "CRD"] {
        let attributes = [("blocksize", Attribute::Integer(2)), ("mode", Attribute::Text(mode.to_owned()))];
        let mut builder = GraphBuilder::new(24, 12);
        let shuffled = builder.node("DepthToSpace", &["in"], &attributes);
        // What reads pixels keeps the first from being part of the output's assembly.
        let square = builder.node("Mul", &[&shuffled, &shuffled], &[]);
        let again = builder.node("Concat", &[&square, &square], &[("axis", Attribute::Integer(1))]);
        let output = builder.node("DepthToSpace", &[&again], &attributes);
        check(mode, &builder, &output, sizes_from(1));
    }
}

/// A test of the tests: a changed weight changes the result.
#[test]
fn a_changed_weight_is_noticed() {
    let mut builder = GraphBuilder::new(20, 1);
    let output = builder.convolution("in", 20, 70, 1);
    let picture = picture(20, [9, 17], 1);
    let expected = evaluate_graph(&builder.graph, &output, &HashMap::from([("in", picture.clone())]));
    let weights = builder.graph.nodes[0].inputs[1].clone();
    if let ConstantData::Floats(values) = &mut builder.graph.constants.get_mut(&weights).unwrap().data {
        values[4] += 0.1;
    }
    let found = run(&network(&builder.graph, &output, Arithmetic::Exact), "in", &output, &picture, expected.shape());
    assert!(relative(&found.unwrap(), &expected) > 2e-6);
}
