//! Every operator and every fusion against the naive reference, on every instruction set of this machine.

pub(super) use enlarger_compiler_testing::integers;
use proptest::prelude::*;

use super::*;

/// The greatest rounding error allowed for floats; values are about 1.
const ROUNDING: f64 = 3e-5;

pub(super) fn picture(channels: usize, height: usize, width: usize, seed: u32) -> Array {
    let mut numbers = RandomNumbers::new(seed);
    let data = numbers.many(channels * height * width).into_iter().map(f64::from).collect();
    Array { channels, height, width, data }
}

/// Compares all paths with the reference, with one thread and with three.
pub(super) fn check(builder: &GraphBuilder, output: &str, picture: &Array) {
    let inputs = HashMap::from([("in", picture.clone())]);
    let expected = reference(&builder.graph, output, &inputs);
    for isa in InstructionSet::available() {
        for threads in [1, 3] {
            let result =
                execute_tile::<f32>(&builder.graph, output, picture, expected.shape(), isa, Arithmetic::EXACT, threads)
                    .unwrap();
            let distance = result.distance(&expected);
            assert!(distance < ROUNDING, "{} with {threads} threads: {distance}", isa.name());
            let stream = streamed::<f32>(&builder.graph, output, picture, isa, Arithmetic::EXACT, threads);
            assert!(stream.is_none_or(|stream| stream.data == result.data), "{} as a stream", isa.name());
        }
    }
}

fn text(value: &str) -> Attribute {
    Attribute::Text(value.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn convolutions_match(seed: u32, channels in 1usize..80, outputs in 1usize..80, border in 0i64..3,
        height in 3usize..15, width in 3usize..15)
    {
        let mut builder = GraphBuilder::new(channels, seed);
        let result = builder.convolution("in", channels, outputs, border);
        check(&builder, &result, &picture(channels, height, width, seed));
    }

    /// Whole patches lie outside the picture, on all sides.
    #[test]
    fn convolutions_with_wide_borders_match(seed: u32, border in 5i64..15, height in 1usize..5, width in 1usize..5) {
        let mut builder = GraphBuilder::new(3, seed);
        let result = builder.convolution("in", 3, 5, border);
        check(&builder, &result, &picture(3, height, width, seed));
    }

    #[test]
    fn convolutions_of_other_sizes_and_strides_match(seed: u32, channels in 1usize..40, outputs in 1usize..70, kernel in 1usize..6,
        stride in 1i64..4, before in 0i64..3, after in 0i64..3, height in 5usize..12, width in 5usize..12)
    {
        let mut builder = GraphBuilder::new(channels, seed);
        let weights = builder.floats(&[outputs, channels, kernel, 3], 0.2);
        let attributes = [("pads", integers(&[before, after, after, before])), ("strides", integers(&[stride, 2]))];
        let result = builder.node("Conv", &["in", &weights], &attributes);
        let result = builder.node("LeakyRelu", &[&result], &[("alpha", Attribute::Float(0.3))]);
        check(&builder, &result, &picture(channels, height, width, seed));
    }

    #[test]
    fn transposed_convolutions_match(seed: u32, channels in 1usize..40, outputs in 1usize..20, kernel in 2usize..5,
        stride in 1i64..4, border in 0i64..2, height in 3usize..9, width in 3usize..9)
    {
        let mut builder = GraphBuilder::new(channels, seed);
        let weights = builder.floats(&[channels, outputs, kernel, kernel], 0.2);
        let bias = builder.floats(&[outputs], 1.0);
        let attributes = [("pads", integers(&[border, 0, 0, border])), ("strides", integers(&[stride, stride]))];
        let result = builder.node("ConvTranspose", &["in", &weights, &bias], &attributes);
        check(&builder, &result, &picture(channels, height, width, seed));
    }

    /// A dense block as in RRDB: concatenation in place, scaled residuals, one inside the other.
    #[test]
    fn dense_blocks_are_fused_and_match(seed: u32, height in 3usize..12, width in 3usize..12) {
        let mut builder = GraphBuilder::new(32, seed);
        let mut parts = vec!["in".to_owned()];
        for i in 0..2 {
            let all: Vec<&str> = parts.iter().map(String::as_str).collect();
            let joined = builder.node("Concat", &all, &[("axis", Attribute::Integer(1))]);
            let result = builder.convolution(&joined, 32 + 16 * i, 16, 1);
            parts.push(builder.node("LeakyRelu", &[&result], &[("alpha", Attribute::Float(0.2))]));
        }
        let all: Vec<&str> = parts.iter().map(String::as_str).collect();
        let joined = builder.node("Concat", &all, &[("axis", Attribute::Integer(1))]);
        let result = builder.convolution(&joined, 64, 32, 1);
        let factor = builder.constant(&[1], ConstantData::Floats(vec![0.2]));
        let result = builder.node("Mul", &[&result, &factor], &[]);
        let sum = builder.node("Add", &[&result, "in"], &[]);
        let scaled = builder.node("Mul", &[&factor, &sum], &[]);
        let result = builder.node("Add", &["in", &scaled], &[]);
        let compiled = compile(&builder.graph, &result).unwrap();
        prop_assert_eq!(compiled.operations.len(), 3, "not everything was fused");
        check(&builder, &result, &picture(32, height, width, seed));
    }

    /// The end of a Compact network: rearranged channels, the enlarged input, and bounds.
    #[test]
    fn network_ends_are_fused_and_match(seed: u32, factor in 1i64..5, dcr: bool, height in 1usize..9, width in 1usize..9) {
        let mut builder = GraphBuilder::new(3, seed);
        let squares = 3 * (factor * factor) as usize;
        let result = builder.convolution("in", 3, squares, 1);
        let slopes = builder.floats(&[squares, 1, 1], 2.0);
        let result = builder.node("PRelu", &[&result, &slopes], &[]);
        let mode = if dcr { "DCR" } else { "CRD" };
        let attributes = [("blocksize", Attribute::Integer(factor)), ("mode", text(mode))];
        let result = builder.node("DepthToSpace", &[&result], &attributes);
        let scales = builder.constant(&[4], ConstantData::Floats(vec![1.0, 1.0, factor as f32, factor as f32]));
        let base = builder.node("Resize", &["in", "", &scales], &[("mode", text("nearest"))]);
        let result = builder.node("Add", &[&base, &result], &[]);
        let [low, high] = [-0.5, 0.75].map(|bound| builder.constant(&[], ConstantData::Floats(vec![bound])));
        let result = builder.node("Clip", &[&result, &low, &high], &[]);
        let result = builder.node("Identity", &[&result], &[]);
        let compiled = compile(&builder.graph, &result).unwrap();
        prop_assert_eq!(compiled.operations.len(), 1, "not everything was fused");
        check(&builder, &result, &picture(3, height, width, seed));
    }

    /// The same operators where they cannot be fused, so that each becomes an operation.
    #[test]
    fn operations_that_cannot_be_fused_match(seed: u32, channels in 1usize..40, height in 4usize..9, width in 4usize..9) {
        let mut builder = GraphBuilder::new(channels, seed);
        let pads = builder.integers(&[0, 0, 2, 3, 0, 0, 1, 3]);
        let mirrored = builder.node("Pad", &["in", &pads], &[("mode", text("reflect"))]);
        let lists = [[1, 2], [-3, i64::from(i32::MAX)], [2, 3]].map(|list| builder.integers(&list));
        let cropped = builder.node("Slice", &[&mirrored, &lists[0], &lists[1], &lists[2]], &[]);
        let slope = builder.floats(&[1], 1.0);
        let leaky = builder.node("PRelu", &[&cropped, &slope], &[]);
        let mean = builder.node("GlobalAveragePool", &[&leaky], &[]);
        let gate = builder.node("Sigmoid", &[&mean], &[]);
        let gated = builder.node("Mul", &[&gate, &leaky], &[]);
        let sum = builder.node("Add", &[&gated, &cropped], &[]);
        let each = builder.floats(&[1, channels, 1, 1], 1.0);
        let scaled = builder.node("Mul", &[&sum, &each], &[]);
        let lists = [[0], [1], [1]].map(|list| builder.integers(&list));
        let one = builder.node("Slice", &[&scaled, &lists[0], &lists[1], &lists[2]], &[]);
        let spread = builder.floats(&[1, 5, 1, 1], 1.0);
        let five = builder.node("Add", &[&one, &spread], &[]);
        let joined = builder.node("Concat", &[&scaled, &five, &one], &[("axis", Attribute::Integer(1))]);
        let scales = builder.constant(&[4], ConstantData::Floats(vec![1.0, 1.0, 2.0, 2.0]));
        let result = builder.node("Resize", &[&joined, "", &scales], &[]);
        let result = builder.convolution(&result, channels + 6, 7, 0);
        let result = builder.node("Mul", &[&result, &result], &[]);
        let one = builder.node("Slice", &[&result, &lists[0], &lists[1], &lists[2]], &[]);
        let result = builder.node("Add", &[&result, &one], &[]);
        check(&builder, &result, &picture(channels, height, width, seed));
    }
}

#[test]
fn the_default_network_agrees_with_the_reference() {
    let graph = Graph::read(DEFAULT_MODEL).unwrap();
    let picture = picture(3, 9, 14, 7);
    let inputs = HashMap::from([("input", picture.clone())]);
    let expected = reference(&graph, "output", &inputs);
    for isa in InstructionSet::available() {
        let result =
            execute_tile::<f32>(&graph, "output", &picture, expected.shape(), isa, Arithmetic::EXACT, 2).unwrap();
        let distance = result.distance(&expected);
        assert!(distance < 1e-4, "{}: {distance}", isa.name());
    }
}

/// A test of the tests: a changed weight changes the result.
#[test]
fn a_changed_weight_is_noticed() {
    let mut builder = GraphBuilder::new(3, 1);
    let result = builder.convolution("in", 3, 5, 1);
    let picture = picture(3, 6, 6, 1);
    let expected = reference(&builder.graph, &result, &HashMap::from([("in", picture.clone())]));
    let weights = builder.graph.nodes[0].inputs[1].clone();
    if let ConstantData::Floats(values) = &mut builder.graph.constants.get_mut(&weights).unwrap().data {
        values[4] += 0.001;
    }
    let result = execute_tile::<f32>(
        &builder.graph,
        &result,
        &picture,
        expected.shape(),
        InstructionSet::best(),
        Arithmetic::EXACT,
        1,
    )
    .unwrap();
    assert!(result.distance(&expected) > ROUNDING);
}

/// A node that is not run as ONNX defines it is refused, with the operator's name.
#[test]
fn unsupported_nodes_are_refused() {
    let refused = |build: &dyn Fn(&mut GraphBuilder) -> String| {
        let mut builder = GraphBuilder::new(4, 1);
        let result = build(&mut builder);
        let error = compile(&builder.graph, &result).unwrap_err();
        assert_eq!(error.kind(), enlarger::ErrorKind::ModelInvalid);
        error.message().to_owned()
    };
    let unknown = refused(&|s| s.node("Softmax", &["in"], &[]));
    let expected = "the winograd engine cannot run the operator Softmax; choose another engine (--engine ort) or model";
    assert_eq!(unknown, expected);
    let grouped = |s: &mut GraphBuilder| {
        let weights = s.floats(&[4, 4, 3, 3], 1.0);
        s.node("Conv", &["in", &weights], &[("group", Attribute::Integer(4))])
    };
    assert!(refused(&grouped).contains("Conv"));
    assert!(refused(&|s| s.convolution("in", 5, 4, 1)).contains("5 channels"));
    assert!(refused(&|s| s.node("Concat", &["in", "in"], &[("axis", Attribute::Integer(2))])).contains("Concat"));
    assert!(refused(&|s| s.node("Resize", &["in"], &[("mode", text("linear"))])).contains("Resize"));
    assert!(refused(&|s| s.node("Relu", &["nothing"], &[])).contains("nothing"));
    assert!(refused(&|s| s.convolution("in", 4, 4, -1)).contains("Conv"));
    let infinite = |s: &mut GraphBuilder| {
        let weights = s.constant(&[1, 4, 3, 3], ConstantData::Floats(vec![f32::INFINITY; 36]));
        s.node("Conv", &["in", &weights], &[])
    };
    assert!(refused(&infinite).contains("finite"));
}
