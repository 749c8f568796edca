//! Gates, differences and functions of each sample against the naive reference, fused and not.

use enlarger_compiler::{Map, OperationKind};
use proptest::prelude::*;

use super::operators_match_reference::{check, integers, picture};
use super::*;

/// x·σ(x), as exporters write it; `swapped` exchanges the factors.
fn silu(builder: &mut GraphBuilder, value: &str, swapped: bool) -> String {
    let gate = builder.node("Sigmoid", &[value], &[]);
    if swapped { builder.node("Mul", &[&gate, value], &[]) } else { builder.node("Mul", &[value, &gate], &[]) }
}

/// (x + y)·(σ(x) - ½), with the nodes in one of several orders.
fn attention(builder: &mut GraphBuilder, x: &str, y: &str, order: u8) -> String {
    let half = builder.constant(&[], ConstantData::Floats(vec![if order & 1 == 0 { 0.5 } else { -0.5 }]));
    let early = (order & 2 == 0).then(|| builder.node("Add", &[x, y], &[]));
    let gate = builder.node("Sigmoid", &[x], &[]);
    let gate = builder.node(if order & 1 == 0 { "Sub" } else { "Add" }, &[&gate, &half], &[]);
    let sum = early.unwrap_or_else(|| builder.node("Add", &[y, x], &[]));
    if order & 4 == 0 { builder.node("Mul", &[&sum, &gate], &[]) } else { builder.node("Mul", &[&gate, &sum], &[]) }
}

/// The kinds of the operations that a graph becomes.
fn kinds(builder: &GraphBuilder, output: &str) -> Vec<OperationKind> {
    compile(&builder.graph, output).unwrap().operations.into_iter().map(|operation| operation.kind).collect()
}

fn is_convolution(kind: &OperationKind) -> bool {
    matches!(kind, OperationKind::Convolution3x3 { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// A block of SPAN becomes three convolutions.
    #[test]
    fn blocks_of_span_are_fused_and_match(seed: u32, channels in 1usize..60, order in 0u8..8, height in 1usize..12, width in 1usize..12) {
        let mut builder = GraphBuilder::new(channels, seed);
        let first = builder.convolution("in", channels, channels, 1);
        let first = silu(&mut builder, &first, order & 1 == 0);
        let second = builder.convolution(&first, channels, channels, 1);
        let second = silu(&mut builder, &second, order & 2 == 0);
        let third = builder.convolution(&second, channels, channels, 1);
        let result = attention(&mut builder, &third, "in", order);
        prop_assert_eq!(kinds(&builder, &result).iter().filter(|kind| is_convolution(kind)).count(), 3);
        prop_assert_eq!(kinds(&builder, &result).len(), 3, "not everything was fused");
        check(&builder, &result, &picture(channels, height, width, seed));
    }

    /// The same gates where they cannot be fused: other readers, other operations, an addend that comes later.
    #[test]
    fn gates_that_cannot_be_fused_match(seed: u32, channels in 1usize..40, order in 0u8..8, height in 1usize..9, width in 1usize..9) {
        let mut builder = GraphBuilder::new(channels, seed);
        let first = builder.convolution("in", channels, channels, 1);
        let gated = silu(&mut builder, &first, false);
        let weights = builder.floats(&[channels, channels, 1, 1], 0.3);
        let direct = builder.node("Conv", &[&gated, &weights], &[]);
        let direct = silu(&mut builder, &direct, true);
        let late = builder.convolution(&direct, channels, channels, 1);
        let attended = attention(&mut builder, &first, &late, order);
        let again = attention(&mut builder, &attended, "in", order);
        let gate = builder.node("Sigmoid", &[&again], &[]);
        let product = builder.node("Mul", &[&gate, &late], &[]);
        let result = builder.node("Add", &[&product, &gate], &[]);
        check(&builder, &result, &picture(channels, height, width, seed));
    }

    /// Differences of two values, in a convolution and beside one, and of values of which one has a single channel or
    /// pixel.
    #[test]
    fn differences_match(seed: u32, channels in 2usize..40, height in 1usize..9, width in 1usize..9) {
        let mut builder = GraphBuilder::new(channels, seed);
        let first = builder.convolution("in", channels, channels, 1);
        let from_input = builder.node("Sub", &["in", &first], &[]);
        let second = builder.convolution(&from_input, channels, channels, 1);
        let second = builder.node("Relu", &[&second], &[]);
        let less = builder.node("Sub", &[&second, &from_input], &[]);
        let beside = builder.node("Sub", &[&from_input, &less], &[]);
        let mean = builder.node("ReduceMean", &[&beside], &[("axes", integers(&[2, 3]))]);
        let centred = builder.node("Sub", &[&beside, &mean], &[]);
        let around = builder.node("Sub", &[&mean, &beside], &[]);
        let one = builder.convolution(&centred, channels, 1, 1);
        let from_one = builder.node("Sub", &[&one, &around], &[]);
        let sides = builder.integers(&[-1, -2]);
        let whole = builder.node("ReduceMean", &[&from_one, &sides], &[("keepdims", Attribute::Integer(1))]);
        let result = builder.node("Mul", &[&from_one, &whole], &[]);
        check(&builder, &result, &picture(channels, height, width, seed));
    }

    /// Constants on both sides, after convolutions, after one another, and alone.
    #[test]
    fn constants_match(seed: u32, channels in 2usize..40, height in 1usize..9, width in 1usize..9) {
        let mut builder = GraphBuilder::new(channels, seed);
        let each = builder.floats(&[1, channels, 1, 1], 1.0);
        let [three, half] = [3.0, 0.5].map(|value| builder.constant(&[], ConstantData::Floats(vec![value])));
        let result = builder.node("Sub", &["in", &each], &[]);
        let result = builder.node("Mul", &[&result, &three], &[]);
        prop_assert_eq!(kinds(&builder, &result).len(), 1, "two constants are one operation");
        let result = builder.convolution(&result, channels, channels, 1);
        let result = builder.node("Mul", &[&each, &result], &[]);
        let result = builder.node("Sub", &[&half, &result], &[]);
        let result = builder.node("Relu", &[&result], &[]);
        let result = builder.node("Div", &[&result, &three], &[]);
        prop_assert_eq!(kinds(&builder, &result).len(), 2, "not everything was fused");
        let result = builder.node("Neg", &[&result], &[]);
        let result = builder.node("Add", &[&each, &result], &[]);
        let weights = builder.floats(&[channels, channels, 2, 2], 0.3);
        let result = builder.node("ConvTranspose", &[&result, &weights], &[("strides", integers(&[2, 2]))]);
        let result = builder.node("Mul", &[&result, &each], &[]);
        let result = builder.node("Add", &[&result, &half], &[]);
        let tanh = builder.node("Tanh", &[&result], &[]);
        let square = builder.node("Mul", &[&result, &result], &[]);
        let root = builder.node("Sqrt", &[&square], &[]);
        let result = builder.node("Add", &[&tanh, &root], &[]);
        check(&builder, &result, &picture(channels, height, width, seed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Kernels as large as those of PLKSR, odd and even.
    #[test]
    fn large_kernels_match(seed: u32, kernel in 7usize..18, height in 1usize..20, width in 1usize..20) {
        let mut builder = GraphBuilder::new(5, seed);
        let weights = builder.floats(&[6, 5, kernel, kernel], 1.0 / (kernel as f32 * 2.2));
        let (before, after) = ((kernel / 2) as i64, ((kernel - 1) / 2) as i64);
        let attributes = [("pads", integers(&[before, before, after, after]))];
        let result = builder.node("Conv", &["in", &weights], &attributes);
        check(&builder, &result, &picture(5, height, width, seed));
    }

    /// Before whole blocks of channels are rearranged to pixels, the convolution puts them into another order.
    #[test]
    fn reordered_channels_match(seed: u32, blocks in 1usize..3, factor in 1usize..4, transposed: bool, sloped: bool, height in 1usize..9, width in 1usize..9) {
        let (channels, factor) = (16 * blocks, factor + 1);
        let many = channels * factor * factor;
        let mut builder = GraphBuilder::new(4, seed);
        let mut result = if transposed {
            let weights = builder.floats(&[4, many, 2, 2], 0.4);
            let bias = builder.floats(&[many], 0.5);
            builder.node("ConvTranspose", &["in", &weights, &bias], &[("strides", integers(&[2, 2]))])
        } else {
            builder.convolution("in", 4, many, 1)
        };
        let slopes = builder.floats(&[many, 1, 1], 0.5);
        if sloped {
            result = builder.node("PRelu", &[&result, &slopes], &[]);
        }
        let mode = Attribute::Text("CRD".to_owned());
        let attributes = [("blocksize", Attribute::Integer(factor as i64)), ("mode", mode)];
        let rearranged = builder.node("DepthToSpace", &[&result], &attributes);
        let result = builder.convolution(&rearranged, channels, 3, 1);
        check(&builder, &result, &picture(4, height, width, seed));
    }

    /// Values whose channels do not fill blocks, one after another, are read by convolutions of all kinds.
    #[test]
    fn unfilled_blocks_match(seed: u32, first in 1usize..60, second in 1usize..60, height in 2usize..9, width in 2usize..9) {
        let mut builder = GraphBuilder::new(3, seed);
        let one = builder.convolution("in", 3, first, 1);
        let two = builder.convolution("in", 3, second, 1);
        let joined = builder.node("Concat", &[&one, "in", &two], &[("axis", Attribute::Integer(1))]);
        let all = first + 3 + second;
        let direct = builder.floats(&[7, all, 1, 1], 0.1);
        let direct = builder.node("Conv", &[&joined, &direct], &[]);
        let plain = builder.convolution(&joined, all, 7, 1);
        let sum = builder.node("Add", &[&direct, &plain], &[]);
        let weights = builder.floats(&[all, 5, 2, 2], 0.1);
        let enlarged = builder.node("ConvTranspose", &[&joined, &weights], &[("strides", integers(&[2, 2]))]);
        let scales = builder.constant(&[4], ConstantData::Floats(vec![1.0, 1.0, 2.0, 2.0]));
        let repeated = builder.node("Resize", &[&sum, "", &scales], &[]);
        let result = builder.node("Concat", &[&repeated, &enlarged], &[("axis", Attribute::Integer(1))]);
        check(&builder, &result, &picture(3, height, width, seed));
    }
}

/// A gate is not fused if that would change what another node reads.
#[test]
fn a_gate_with_other_readers_stays_apart() {
    let mut builder = GraphBuilder::new(3, 1);
    let first = builder.convolution("in", 3, 3, 1);
    let gated = silu(&mut builder, &first, false);
    let result = builder.node("Concat", &[&gated, &first], &[("axis", Attribute::Integer(1))]);
    let found = kinds(&builder, &result);
    assert!(found.iter().any(|kind| matches!(kind, OperationKind::Gate(_))), "{found:?}");
    check(&builder, &result, &picture(3, 5, 6, 1));

    // A sigmoid that is also read by itself.
    let mut builder = GraphBuilder::new(3, 1);
    let first = builder.convolution("in", 3, 3, 1);
    let gate = builder.node("Sigmoid", &[&first], &[]);
    let gated = builder.node("Mul", &[&first, &gate], &[]);
    let result = builder.node("Add", &[&gated, &gate], &[]);
    let found = kinds(&builder, &result);
    assert!(found.iter().any(|kind| matches!(kind, OperationKind::Map(Map::Sigmoid))), "{found:?}");
    check(&builder, &result, &picture(3, 5, 6, 1));
}

/// Operators whose meaning this engine does not know exactly are refused.
#[test]
fn other_means_and_quotients_are_refused() {
    let refused = |build: &dyn Fn(&mut GraphBuilder) -> String| {
        let mut builder = GraphBuilder::new(4, 1);
        let result = build(&mut builder);
        compile(&builder.graph, &result).unwrap_err().message().to_owned()
    };
    assert!(refused(&|b| b.node("ReduceMean", &["in"], &[("axes", integers(&[1]))])).contains("ReduceMean"));
    assert!(refused(&|b| b.node("ReduceMean", &["in"], &[])).contains("ReduceMean"));
    let dropped = [("axes", integers(&[2, 3])), ("keepdims", Attribute::Integer(0))];
    assert!(refused(&|b| b.node("ReduceMean", &["in"], &dropped)).contains("drops these axes"));
    assert!(refused(&|b| b.node("Div", &["in", "in"], &[])).contains("Div"));
    let zero = |b: &mut GraphBuilder| b.constant(&[], ConstantData::Floats(vec![0.0]));
    assert!(
        refused(&|b| {
            let zero = zero(b);
            b.node("Div", &["in", &zero], &[])
        })
        .contains("finite")
    );
    assert!(
        refused(&|b| {
            let zero = zero(b);
            b.node("Div", &[&zero, "in"], &[])
        })
        .contains("Div")
    );
}
