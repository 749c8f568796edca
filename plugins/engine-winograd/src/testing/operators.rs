//! Every operator and every fusion against the naive reference, on every instruction set of this machine.

use proptest::prelude::*;

use super::*;

/// The sum of rounding errors that floats may show here; values are about 1.
const ROUNDING: f64 = 3e-5;

fn picture(channels: usize, height: usize, width: usize, seed: u32) -> Array {
    let mut numbers = Numbers::new(seed);
    let data = numbers.many(channels * height * width).into_iter().map(f64::from).collect();
    Array { channels, height, width, data }
}

/// Compares all paths with the reference, one thread and three.
fn check(sketch: &Sketch, output: &str, picture: &Array) {
    let inputs = HashMap::from([("in", picture.clone())]);
    let expected = reference(&sketch.network, output, &inputs);
    for isa in Isa::available() {
        for threads in [1, 3] {
            let made = run::<f32>(&sketch.network, output, picture, expected.shape(), isa, Arithmetic::EXACT, threads)
                .unwrap();
            let distance = made.distance(&expected);
            assert!(distance < ROUNDING, "{} with {threads} threads: {distance}", isa.name());
            let stream = streamed::<f32>(&sketch.network, output, picture, isa, Arithmetic::EXACT, threads);
            assert!(stream.is_none_or(|stream| stream.data == made.data), "{} as a stream", isa.name());
        }
    }
}

fn integers(values: &[i64]) -> Attribute {
    Attribute::Integers(values.to_vec())
}

fn text(value: &str) -> Attribute {
    Attribute::Text(value.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn convolutions(seed: u32, channels in 1usize..80, outputs in 1usize..80, border in 0i64..3,
        height in 3usize..15, width in 3usize..15)
    {
        let mut sketch = Sketch::new(channels, seed);
        let made = sketch.convolution("in", channels, outputs, border);
        check(&sketch, &made, &picture(channels, height, width, seed));
    }

    /// Whole tiles lie outside the picture, on all sides.
    #[test]
    fn wide_borders(seed: u32, border in 5i64..15, height in 1usize..5, width in 1usize..5) {
        let mut sketch = Sketch::new(3, seed);
        let made = sketch.convolution("in", 3, 5, border);
        check(&sketch, &made, &picture(3, height, width, seed));
    }

    #[test]
    fn other_convolutions(seed: u32, channels in 1usize..40, outputs in 1usize..70, kernel in 1usize..6,
        stride in 1i64..4, before in 0i64..3, after in 0i64..3, height in 5usize..12, width in 5usize..12)
    {
        let mut sketch = Sketch::new(channels, seed);
        let weights = sketch.floats(&[outputs, channels, kernel, 3], 0.2);
        let attributes = [("pads", integers(&[before, after, after, before])), ("strides", integers(&[stride, 2]))];
        let made = sketch.node("Conv", &["in", &weights], &attributes);
        let made = sketch.node("LeakyRelu", &[&made], &[("alpha", Attribute::Float(0.3))]);
        check(&sketch, &made, &picture(channels, height, width, seed));
    }

    #[test]
    fn transposed_convolutions(seed: u32, channels in 1usize..40, outputs in 1usize..20, kernel in 2usize..5,
        stride in 1i64..4, border in 0i64..2, height in 3usize..9, width in 3usize..9)
    {
        let mut sketch = Sketch::new(channels, seed);
        let weights = sketch.floats(&[channels, outputs, kernel, kernel], 0.2);
        let bias = sketch.floats(&[outputs], 1.0);
        let attributes = [("pads", integers(&[border, 0, 0, border])), ("strides", integers(&[stride, stride]))];
        let made = sketch.node("ConvTranspose", &["in", &weights, &bias], &attributes);
        check(&sketch, &made, &picture(channels, height, width, seed));
    }

    /// A dense block as RRDB has it: concatenation in place, scaled residuals, one inside the other.
    #[test]
    fn dense_blocks(seed: u32, height in 3usize..12, width in 3usize..12) {
        let mut sketch = Sketch::new(32, seed);
        let mut parts = vec!["in".to_owned()];
        for i in 0..2 {
            let all: Vec<&str> = parts.iter().map(String::as_str).collect();
            let joined = sketch.node("Concat", &all, &[("axis", Attribute::Integer(1))]);
            let made = sketch.convolution(&joined, 32 + 16 * i, 16, 1);
            parts.push(sketch.node("LeakyRelu", &[&made], &[("alpha", Attribute::Float(0.2))]));
        }
        let all: Vec<&str> = parts.iter().map(String::as_str).collect();
        let joined = sketch.node("Concat", &all, &[("axis", Attribute::Integer(1))]);
        let made = sketch.convolution(&joined, 64, 32, 1);
        let factor = sketch.constant(&[1], Data::Floats(vec![0.2]));
        let made = sketch.node("Mul", &[&made, &factor], &[]);
        let sum = sketch.node("Add", &[&made, "in"], &[]);
        let scaled = sketch.node("Mul", &[&factor, &sum], &[]);
        let made = sketch.node("Add", &["in", &scaled], &[]);
        let plan = compile(&sketch.network, &made).unwrap();
        prop_assert_eq!(plan.steps.len(), 3, "everything is fused");
        check(&sketch, &made, &picture(32, height, width, seed));
    }

    /// As Compact ends: shuffled pixels, the enlarged input, and bounds.
    #[test]
    fn ends(seed: u32, factor in 1i64..5, dcr: bool, height in 1usize..9, width in 1usize..9) {
        let mut sketch = Sketch::new(3, seed);
        let squares = 3 * (factor * factor) as usize;
        let made = sketch.convolution("in", 3, squares, 1);
        let slopes = sketch.floats(&[squares, 1, 1], 2.0);
        let made = sketch.node("PRelu", &[&made, &slopes], &[]);
        let mode = if dcr { "DCR" } else { "CRD" };
        let attributes = [("blocksize", Attribute::Integer(factor)), ("mode", text(mode))];
        let made = sketch.node("DepthToSpace", &[&made], &attributes);
        let scales = sketch.constant(&[4], Data::Floats(vec![1.0, 1.0, factor as f32, factor as f32]));
        let base = sketch.node("Resize", &["in", "", &scales], &[("mode", text("nearest"))]);
        let made = sketch.node("Add", &[&base, &made], &[]);
        let [low, high] = [-0.5, 0.75].map(|bound| sketch.constant(&[], Data::Floats(vec![bound])));
        let made = sketch.node("Clip", &[&made, &low, &high], &[]);
        let made = sketch.node("Identity", &[&made], &[]);
        let plan = compile(&sketch.network, &made).unwrap();
        prop_assert_eq!(plan.steps.len(), 1, "everything is fused");
        check(&sketch, &made, &picture(3, height, width, seed));
    }

    /// The same operators where nothing can take them in: each of them as a step.
    #[test]
    fn steps(seed: u32, channels in 1usize..40, height in 4usize..9, width in 4usize..9) {
        let mut sketch = Sketch::new(channels, seed);
        let pads = sketch.integers(&[0, 0, 2, 3, 0, 0, 1, 3]);
        let mirrored = sketch.node("Pad", &["in", &pads], &[("mode", text("reflect"))]);
        let lists = [[1, 2], [-3, i64::from(i32::MAX)], [2, 3]].map(|list| sketch.integers(&list));
        let cropped = sketch.node("Slice", &[&mirrored, &lists[0], &lists[1], &lists[2]], &[]);
        let slope = sketch.floats(&[1], 1.0);
        let leaky = sketch.node("PRelu", &[&cropped, &slope], &[]);
        let mean = sketch.node("GlobalAveragePool", &[&leaky], &[]);
        let gate = sketch.node("Sigmoid", &[&mean], &[]);
        let gated = sketch.node("Mul", &[&gate, &leaky], &[]);
        let sum = sketch.node("Add", &[&gated, &cropped], &[]);
        let each = sketch.floats(&[1, channels, 1, 1], 1.0);
        let scaled = sketch.node("Mul", &[&sum, &each], &[]);
        let lists = [[0], [1], [1]].map(|list| sketch.integers(&list));
        let one = sketch.node("Slice", &[&scaled, &lists[0], &lists[1], &lists[2]], &[]);
        let spread = sketch.floats(&[1, 5, 1, 1], 1.0);
        let five = sketch.node("Add", &[&one, &spread], &[]);
        let joined = sketch.node("Concat", &[&scaled, &five, &one], &[("axis", Attribute::Integer(1))]);
        let scales = sketch.constant(&[4], Data::Floats(vec![1.0, 1.0, 2.0, 2.0]));
        let made = sketch.node("Resize", &[&joined, "", &scales], &[]);
        let made = sketch.convolution(&made, channels + 6, 7, 0);
        let made = sketch.node("Mul", &[&made, &made], &[]);
        let one = sketch.node("Slice", &[&made, &lists[0], &lists[1], &lists[2]], &[]);
        let made = sketch.node("Add", &[&made, &one], &[]);
        check(&sketch, &made, &picture(channels, height, width, seed));
    }
}

#[test]
fn the_default_network_agrees_with_the_reference() {
    let network = Network::read(DEFAULT).unwrap();
    let picture = picture(3, 9, 14, 7);
    let inputs = HashMap::from([("input", picture.clone())]);
    let expected = reference(&network, "output", &inputs);
    for isa in Isa::available() {
        let made = run::<f32>(&network, "output", &picture, expected.shape(), isa, Arithmetic::EXACT, 2).unwrap();
        let distance = made.distance(&expected);
        assert!(distance < 1e-4, "{}: {distance}", isa.name());
    }
}

/// A test of the tests: another weight is another result.
#[test]
fn the_reference_would_notice() {
    let mut sketch = Sketch::new(3, 1);
    let made = sketch.convolution("in", 3, 5, 1);
    let picture = picture(3, 6, 6, 1);
    let expected = reference(&sketch.network, &made, &HashMap::from([("in", picture.clone())]));
    let weights = sketch.network.nodes[0].inputs[1].clone();
    if let Data::Floats(values) = &mut sketch.network.constants.get_mut(&weights).unwrap().data {
        values[4] += 0.001;
    }
    let made =
        run::<f32>(&sketch.network, &made, &picture, expected.shape(), Isa::best(), Arithmetic::EXACT, 1).unwrap();
    assert!(made.distance(&expected) > ROUNDING);
}

/// What is not run as ONNX means it is refused, with the operator's name.
#[test]
fn what_cannot_be_run_is_refused() {
    let refused = |build: &dyn Fn(&mut Sketch) -> String| {
        let mut sketch = Sketch::new(4, 1);
        let made = build(&mut sketch);
        let error = compile(&sketch.network, &made).unwrap_err();
        assert_eq!(error.kind(), enlarger::ErrorKind::ModelInvalid);
        error.message().to_owned()
    };
    assert!(refused(&|s| s.node("Softmax", &["in"], &[])).contains("Softmax"));
    let grouped = |s: &mut Sketch| {
        let weights = s.floats(&[4, 4, 3, 3], 1.0);
        s.node("Conv", &["in", &weights], &[("group", Attribute::Integer(4))])
    };
    assert!(refused(&grouped).contains("Conv"));
    assert!(refused(&|s| s.convolution("in", 5, 4, 1)).contains("5 channels"));
    assert!(refused(&|s| s.node("Concat", &["in", "in"], &[("axis", Attribute::Integer(2))])).contains("Concat"));
    assert!(refused(&|s| s.node("Resize", &["in"], &[("mode", text("linear"))])).contains("Resize"));
    assert!(refused(&|s| s.node("Relu", &["nothing"], &[])).contains("nothing"));
    assert!(refused(&|s| s.convolution("in", 4, 4, -1)).contains("Conv"));
    let infinite = |s: &mut Sketch| {
        let weights = s.constant(&[1, 4, 3, 3], Data::Floats(vec![f32::INFINITY; 36]));
        s.node("Conv", &["in", &weights], &[])
    };
    assert!(refused(&infinite).contains("finite"));
}
