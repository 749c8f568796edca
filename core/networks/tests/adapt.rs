//! Networks of half-precision floats, of bytes, and with the channels last become networks that every engine takes.

use std::borrow::Cow;

use enlarger_networks::onnx::{
    Attribute, Builder, Dimension, ElementType, Network, Setting, adapted, single, three_channels, widened,
};

const FIRST: &[Dimension] = &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];
const LAST: &[Dimension] = &[Dimension::Fixed(1), Dimension::Open, Dimension::Open, Dimension::Fixed(3)];

/// A network of one Identity node between ends of these types and shapes.
fn network(input: (ElementType, &[Dimension]), output: (ElementType, &[Dimension])) -> Vec<u8> {
    let mut builder = Builder::new();
    builder.input_of(input.0, "in", input.1);
    builder.output_of(output.0, "out", output.1);
    builder.node("Identity", &["in"], "out", &[]);
    builder.finish()
}

fn kinds(file: &[u8]) -> Vec<String> {
    Network::read(file).unwrap().nodes.iter().map(|node| node.kind.to_owned()).collect()
}

#[test]
fn networks_of_floats_with_the_channels_first_are_left_alone() {
    let file = network((ElementType::F32, FIRST), (ElementType::F32, FIRST));
    assert!(matches!(adapted(&file).unwrap(), Cow::Borrowed(_)) && matches!(widened(&file).unwrap(), Cow::Borrowed(_)));
    let default: &[u8] = include_bytes!("../../models/realesr-general-x4v3/model.onnx");
    assert!(matches!(adapted(default).unwrap(), Cow::Borrowed(_)));
    assert!(matches!(widened(default).unwrap(), Cow::Borrowed(_)));
}

/// The type and the shape of an input or output.
type End<'a> = (ElementType, &'a [Dimension]);

#[test]
fn bytes_and_channels_last_are_converted_at_the_ends() {
    use ElementType as Type;
    let floats = (Type::F32, FIRST);
    let quantised = ["Mul", "Add", "Floor", "Max", "Min", "Cast", "Identity"];
    let cases: [(End, End, Vec<&str>, Vec<&str>); 4] = [
        ((Type::U8, FIRST), (Type::U8, FIRST), quantised.to_vec(), vec!["Cast", "Mul", "Identity"]),
        (
            (Type::U8, LAST),
            (Type::U8, LAST),
            [&["Transpose"], quantised.as_slice()].concat(),
            vec!["Cast", "Mul", "Transpose", "Identity"],
        ),
        ((Type::F32, LAST), floats, vec!["Transpose", "Identity"], vec!["Identity"]),
        (floats, (Type::U8, FIRST), vec!["Identity"], vec!["Cast", "Mul", "Identity"]),
    ];
    for (input, output, before, after) in cases {
        let file = network(input, output);
        let made = adapted(&file).unwrap();
        assert_eq!(kinds(&made), [before.as_slice(), &["Identity"], &after].concat(), "{input:?} to {output:?}");
        let facts = Network::read(&made).unwrap().judge().unwrap();
        assert_eq!((facts.input.as_str(), facts.output.as_str()), ("input", "output"));
        // It has what it needs now.
        assert!(matches!(adapted(&made).unwrap(), Cow::Borrowed(_)));
    }
    // An output whose shape does not tell is like the input.
    let file = network((ElementType::F32, LAST), (ElementType::F32, &[Dimension::Open; 4]));
    assert_eq!(kinds(&adapted(&file).unwrap()).iter().filter(|kind| *kind == "Transpose").count(), 2);
}

#[test]
fn what_cannot_be_adapted_is_refused_in_words() {
    use Dimension::Fixed;
    for number in [3, 6, 11, 16] {
        let element = ElementType(number);
        let file = network((element, FIRST), (element, FIRST));
        assert!(matches!(adapted(&file).unwrap(), Cow::Borrowed(_)));
        let error = Network::read(&file).unwrap().judge().unwrap_err();
        assert!(error.message().contains(&format!("has the type {}, and only f32, f16 and u8", element.name())));
    }
    let fixed: &[Dimension] = &[Fixed(1), Fixed(48), Fixed(64), Fixed(3)];
    let made = adapted(&network((ElementType::U8, fixed), (ElementType::U8, LAST))).unwrap().into_owned();
    assert_eq!(Network::read(&made).unwrap().judge().unwrap().size, Some([64, 48]));
    let many: &[Dimension] = &[Fixed(1), Dimension::Open, Dimension::Open, Fixed(12)];
    assert!(matches!(
        adapted(&network((ElementType::F32, FIRST), (ElementType::F32, many))).unwrap(),
        Cow::Borrowed(_)
    ));
}

#[test]
fn gray_and_alpha_become_colour() {
    use Dimension::{Fixed, Open};
    let channels = |count: u64| [Fixed(1), Fixed(count), Open, Open];
    for (taken, returned, added) in
        [(1, 1, vec!["Conv", "Resize"]), (1, 3, vec!["Conv"]), (4, 4, vec!["Concat", "Slice"])]
    {
        let file = network((ElementType::F32, &channels(taken)), (ElementType::F32, &channels(returned)));
        let made = three_channels(&file, None).unwrap().into_owned();
        let network = Network::read(&made).unwrap();
        assert!(network.judge().is_ok());
        assert_eq!(network.inputs[0].shape.as_deref(), Some(&channels(3)[..]));
        let kinds = kinds(&made);
        assert!(added.iter().all(|kind| kinds.iter().any(|made| made == kind)), "{kinds:?}");
        assert!(matches!(three_channels(&made, None).unwrap(), Cow::Borrowed(_)));
    }
    // Nobody knows what the fourth channel of this one is.
    let file = network((ElementType::F32, &channels(4)), (ElementType::F32, &channels(3)));
    assert!(matches!(three_channels(&file, None).unwrap(), Cow::Borrowed(_)));
}

#[test]
fn other_batches_become_one() {
    use Dimension::{Fixed, Open};
    for shape in [&[Fixed(3), Open, Open][..], &[Fixed(4), Fixed(3), Open, Open], &[Fixed(4), Open, Open, Fixed(3)]] {
        let file = network((ElementType::F32, shape), (ElementType::F32, shape));
        let made = single(&file).unwrap().into_owned();
        assert!(matches!(single(&made).unwrap(), Cow::Borrowed(_)));
        let made = adapted(&made).unwrap().into_owned();
        assert!(Network::read(&made).unwrap().judge().is_ok(), "{shape:?}");
    }
}

#[test]
fn half_floats_become_single_ones_without_a_change_of_value() {
    let values = [0.1, -2.5, 65504.0, 6e-8];
    let mut builder = Builder::new();
    builder.input_of(ElementType::F32, "in", FIRST);
    builder.output_of(ElementType::F16, "out", FIRST);
    builder.half_floats("w", &[4], &values);
    builder.integers("n", &[7]);
    builder.node("Cast", &["in"], "small", &[("to", Setting::Integer(10))]);
    builder.node("Mul", &["small", "w"], "scaled", &[]);
    builder.node("Cast", &["n"], "number", &[("to", Setting::Integer(10))]);
    builder.node("Cast", &["scaled"], "large", &[("to", Setting::Integer(1))]);
    builder.node("Cast", &["large"], "whole", &[("to", Setting::Integer(7))]);
    builder.node("Add", &["large", "number"], "out", &[]);
    let file = builder.finish();
    let made = widened(&file).unwrap().into_owned();
    let network = Network::read(&made).unwrap();
    let (old, new) = (Network::read(&file).unwrap(), network.tensor("w").unwrap());
    assert_eq!((new.element, new.floats()), (ElementType::F32, old.tensor("w").unwrap().floats()));
    assert_eq!(network.outputs[0].element, Some(ElementType::F32));
    // Between floats nothing is left to convert; from and to integers there is.
    assert_eq!(kinds(&made), ["Identity", "Mul", "Cast", "Identity", "Cast", "Add"]);
    assert_eq!(network.nodes[2].attribute("to"), Some(&Attribute::Integer(1)));
    assert_eq!(network.nodes[4].attribute("to"), Some(&Attribute::Integer(7)));
    assert!(matches!(widened(&made).unwrap(), Cow::Borrowed(_)));
}

#[test]
fn a_damaged_file_is_an_error_and_never_a_crash() {
    let mut builder = Builder::new();
    builder.input_of(ElementType::F16, "in", LAST);
    builder.output_of(ElementType::U8, "out", LAST);
    builder.half_floats("w", &[3], &[1.0, 2.0, 3.0]);
    builder.node("Cast", &["in"], "out", &[("to", Setting::Integer(10))]);
    let file = builder.finish();
    for at in 0..file.len() {
        for change in [1u8, 0x80, 0xff] {
            let mut broken = file.clone();
            broken[at] ^= change;
            let _ = widened(&broken).map(|made| adapted(&made).map(|made| made.len()));
        }
        let _ = widened(&file[..at]);
        let _ = adapted(&file[..at]);
    }
}
