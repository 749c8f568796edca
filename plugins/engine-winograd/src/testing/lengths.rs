//! Networks that extend a picture to a multiple and cut the result, by amounts that they compute from the picture's shape.

use proptest::prelude::*;

use super::operators_match_reference::{integers, picture};
use super::*;

/// The nodes that a network computes amounts with; or, for the reference, which knows no shapes, the amounts themselves.
struct Sides {
    fixed: Option<[usize; 2]>,
    names: [String; 2],
}

impl Sides {
    fn new(builder: &mut GraphBuilder, of: &str, fixed: Option<[usize; 2]>) -> Self {
        let names = match fixed {
            Some(_) => [String::new(), String::new()],
            None => {
                let shape = builder.node("Shape", &[of], &[]);
                [2, -1].map(|at| {
                    let at = builder.integers(&[at]);
                    builder.node("Gather", &[&shape, &at], &[("axis", Attribute::Integer(0))])
                })
            }
        };
        Sides { fixed, names }
    }

    /// The list of `first` and then, for each side, what `calculate` makes of it.
    fn list(
        &self,
        builder: &mut GraphBuilder,
        first: &[i64],
        number: impl Fn(i64) -> i64,
        calculate: impl Fn(&mut GraphBuilder, &str) -> String,
    ) -> String {
        if let Some(sides) = self.fixed {
            let sides = sides.map(|side| number(side as i64));
            return builder.integers(&[first, &sides].concat());
        }
        let mut parts: Vec<String> = self.names.iter().map(|name| calculate(builder, name)).collect();
        if !first.is_empty() {
            parts.insert(0, builder.integers(first));
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        builder.node("Concat", &parts, &[("axis", Attribute::Integer(0))])
    }
}

/// A U-net of one level for pictures of any size.
fn network(seed: u32, mode: &str, border: i64, fixed: Option<[usize; 2]>) -> (GraphBuilder, String) {
    let mut b = GraphBuilder::new(3, seed);
    let half = b.constant(&[], ConstantData::Floats(vec![0.5]));
    let value = b.node("Mul", &["in", &half], &[]);
    let sides = Sides::new(&mut b, &value, fixed);
    let [four, more] = [4, border].map(|number| b.integers(&[number]));
    let pads = sides.list(
        &mut b,
        &[0, 0, border, border, 0, 0],
        |side| (4 - side % 4) % 4 + border,
        |b, side| {
            let over = b.node("Mod", &[side, &four], &[]);
            let missing = b.node("Sub", &[&four, &over], &[]);
            let missing = b.node("Mod", &[&missing, &four], &[]);
            b.node("Add", &[&missing, &more], &[])
        },
    );
    let value = b.node("Pad", &[&value, &pads], &[("mode", Attribute::Text(mode.to_owned()))]);
    let weights = b.floats(&[8, 3, 4, 4], 0.2);
    let down = b.node("Conv", &[&value, &weights], &[("strides", integers(&[4, 4]))]);
    let down = b.convolution(&down, 8, 8, 1);
    let weights = b.floats(&[8, 3, 8, 8], 0.2);
    let up = b.node("ConvTranspose", &[&down, &weights], &[("strides", integers(&[8, 8]))]);
    let ends = sides.list(
        &mut b,
        &[],
        |side| 2 * side + 1,
        |b, side| {
            let [two, one] = [2, 1].map(|number| b.integers(&[number]));
            let doubled = b.node("Mul", &[side, &two], &[]);
            b.node("Add", &[&doubled, &one], &[])
        },
    );
    let [starts, axes] = [[1, 1], [2, 3]].map(|list| b.integers(&list));
    let result = b.node("Slice", &[&up, &starts, &ends, &axes], &[]);
    (b, result)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn amounts_follow_the_size_of_the_picture(seed: u32, repeat: bool, border in 0i64..3, height in 6usize..30, width in 6usize..14, threads in 1usize..3) {
        let mode = if repeat { "edge" } else { "reflect" };
        let picture = picture(3, height, width, seed);
        let (fixed, output) = network(seed, mode, border, Some([height, width]));
        let expected = reference(&fixed.graph, &output, &HashMap::from([("in", picture.clone())]));
        let (builder, output) = network(seed, mode, border, None);
        let isa = InstructionSet::best();
        let found = execute_tile::<f32>(&builder.graph, &output, &picture, expected.shape(), isa, Arithmetic::EXACT, threads).unwrap();
        prop_assert!(found.distance(&expected) < 1e-4, "{}", found.distance(&expected));
        prop_assert!(streamed::<f32>(&builder.graph, &output, &picture, isa, Arithmetic::EXACT, threads).is_none());
    }
}

#[test]
fn sizes_of_other_values_and_unknown_amounts_are_refused() {
    let refused = |build: &dyn Fn(&mut GraphBuilder) -> String| {
        let mut builder = GraphBuilder::new(4, 1);
        let result = build(&mut builder);
        compile(&builder.graph, &result).unwrap_err().message().to_owned()
    };
    let shape_of_result = |b: &mut GraphBuilder| {
        let result = b.convolution("in", 4, 4, 1);
        b.node("Shape", &[&result], &[])
    };
    assert!(refused(&shape_of_result).contains("Shape: it asks for the size of a value that is not the picture"));
    let places = |b: &mut GraphBuilder| {
        let places = b.integers(&[0]);
        b.node("Gather", &["in", &places], &[])
    };
    assert!(refused(&places).contains("the operator Gather;"), "{}", refused(&places));
    let number_as_picture = |b: &mut GraphBuilder| {
        let shape = b.node("Shape", &["in"], &[]);
        b.node("Relu", &[&shape], &[])
    };
    assert!(refused(&number_as_picture).contains("is a list of lengths"));
    let zeros = |b: &mut GraphBuilder| {
        let pads = b.integers(&[0, 0, 1, 1, 0, 0, 1, 1]);
        b.node("Pad", &["in", &pads], &[])
    };
    assert!(refused(&zeros).contains("Pad"));
}

/// A picture that is too small for an amount, or an amount that is out of range, is an error of the run.
#[test]
fn impossible_amounts_are_errors() {
    let (builder, output) = network(1, "reflect", 2, None);
    let picture = picture(3, 2, 2, 1);
    let error =
        execute_tile::<f32>(&builder.graph, &output, &picture, [3, 4, 4], InstructionSet::best(), Arithmetic::EXACT, 1);
    assert_eq!(error.unwrap_err().kind(), enlarger::ErrorKind::Inference);
}
