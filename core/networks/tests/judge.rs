//! Which networks are accepted as networks that enlarge pictures, and the message for each that is not.

use enlarger::ErrorKind;
use enlarger_networks::onnx::{Builder, Dimension, Network, Setting, Wrapping, shape_of, wrap};
use enlarger_networks::protobuf::Message;

const DEFAULT: &[u8] = include_bytes!("../../models/realesr-general-x4v3/model.onnx");
const PICTURE: &[Dimension] = &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];

/// A network of one Identity node, with these inputs and outputs.
fn network(inputs: &[&[Dimension]], outputs: &[&[Dimension]]) -> Vec<u8> {
    let mut builder = Builder::new();
    for (at, shape) in inputs.iter().enumerate() {
        builder.input(&format!("in{at}"), shape);
    }
    for (at, shape) in outputs.iter().enumerate() {
        builder.output(&format!("out{at}"), shape);
    }
    builder.node("Identity", &["in0"], "out0", &[]);
    builder.finish()
}

#[test]
fn the_default_network_is_accepted() {
    let facts = Network::read(DEFAULT).unwrap().judge().unwrap();
    assert_eq!((facts.input.as_str(), facts.output.as_str()), ("input", "output"));
    assert_eq!(facts.operators["Conv"], 34);
    assert_eq!(facts.parameters / 1000, 1213);
    assert_eq!((facts.whole, facts.external, facts.noise_level), (None, 0, false));
}

#[test]
fn networks_that_cannot_enlarge_are_refused_with_one_sentence() {
    use Dimension::{Fixed, Open};
    let huge: &[Dimension] = &[Fixed(1), Fixed(3), Fixed(224), Fixed(5000)];
    let classes: &[Dimension] = &[Fixed(1), Fixed(1000)];
    let cases: [(Vec<u8>, &str); 11] = [
        (network(&[PICTURE], &[classes]), "1×1000"),
        (network(&[huge], &[PICTURE]), "5000×224"),
        (network(&[&[Fixed(1), Fixed(3), Open, Fixed(64)]], &[PICTURE]), "one width or one height"),
        (network(&[PICTURE], &[PICTURE; 3]), "3 outputs"),
        (network(&[PICTURE; 2], &[PICTURE]), "2 inputs"),
        (network(&[&[Fixed(1), Fixed(1), Open, Open]], &[PICTURE]), "gray"),
        (network(&[&[Fixed(1), Open, Open, Fixed(3)]], &[PICTURE]), "channels last"),
        (network(&[&[Fixed(4), Fixed(3), Open, Open]], &[PICTURE]), "4 pictures at a time"),
        (network(&[&[Fixed(1), Fixed(19), Open, Open]], &[PICTURE]), "19 channels"),
        (network(&[&[Fixed(1), Fixed(3)]], &[PICTURE]), "2 dimensions"),
        (network(&[PICTURE], &[&[Fixed(1), Fixed(12), Open, Open]]), "12 channels"),
    ];
    for (file, expected) in cases {
        let error = Network::read(&file).unwrap().judge().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid);
        assert!(error.message().contains(expected), "{error}");
        assert!(!error.message().contains(". "), "one sentence: {error}");
    }
    assert!(Network::read(&network(&[PICTURE], &[PICTURE])).unwrap().judge().is_ok());
    assert!(Network::read(&network(&[&[Open; 4]], &[&[Open; 4]])).unwrap().judge().is_ok());
    let one_size: &[Dimension] = &[Fixed(1), Fixed(3), Fixed(224), Fixed(320)];
    let facts = Network::read(&network(&[one_size], &[PICTURE])).unwrap().judge().unwrap().size;
    assert_eq!(facts, Some([320, 224]));
}

#[test]
fn custom_operators_are_named() {
    let mut node = Message::new();
    node.text(1, "in").text(2, "out").text(4, "GridAttention").text(7, "com.example");
    let error = Network::read(&with_graph_field(1, &node)).unwrap().judge().unwrap_err();
    assert!(error.message().contains("GridAttention") && error.message().contains("com.example"), "{error}");
}

#[test]
fn operators_that_see_the_whole_picture_are_found() {
    let whole = |kind: &str, settings: &[(&str, Setting<'_>)]| {
        let mut builder = Builder::new();
        builder.input("in", PICTURE);
        builder.output("out", PICTURE);
        builder.node(kind, &["in"], "mean", settings);
        builder.node("Mul", &["in", "mean"], "out", &[]);
        Network::read(&builder.finish()).unwrap().judge().unwrap().whole
    };
    assert_eq!(whole("GlobalAveragePool", &[]).as_deref(), Some("GlobalAveragePool"));
    assert_eq!(whole("ReduceMean", &[("axes", Setting::Integers(&[2, 3]))]).as_deref(), Some("ReduceMean"));
    assert_eq!(whole("ReduceMean", &[("axes", Setting::Integers(&[1]))]), None);
    assert_eq!(whole("ReduceMean", &[("axes", Setting::Integers(&[-1]))]), None);
    assert_eq!(whole("AveragePool", &[]), None);
}

/// A network with one more field in its graph.
fn with_graph_field(field: u64, message: &Message) -> Vec<u8> {
    let file = network(&[PICTURE], &[PICTURE]);
    let mut whole = Message::new();
    for entry in enlarger_networks::protobuf::fields(&file) {
        let (number, value) = entry.unwrap();
        match value.bytes() {
            Some(graph) if number == 7 => {
                let mut inside = Message::new();
                enlarger_networks::protobuf::fields(graph).map(Option::unwrap).for_each(|(number, value)| {
                    inside.value(number, value);
                });
                inside.message(field, message);
                whole.message(7, &inside);
            }
            _ => {
                whole.value(number, value);
            }
        }
    }
    whole.into_bytes()
}

fn tensor(shape: &[i64], raw: &[u8]) -> Message {
    let mut tensor = Message::new();
    tensor.numbers(1, shape).number(2, 1).text(8, "w").field(9, raw);
    tensor
}

#[test]
fn declared_sizes_are_compared_with_the_data() {
    let read = |tensor: &Message| Network::read(&with_graph_field(5, tensor)).map(|network| network.tensors.len());
    assert_eq!(read(&tensor(&[2, 1], &[0; 8])).unwrap(), 1);
    for shape in [&[50_000, 50_000][..], &[1 << 62, 1 << 62], &[-2, -1], &[2, 2], &[i64::MAX], &[1; 17]] {
        let error = read(&tensor(shape, &[0; 8])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{shape:?}");
    }
    let error = read(&tensor(&[50_000, 50_000], &[0; 8])).unwrap_err();
    assert!(error.message().contains("50000×50000"), "{error}");
    // Values in typed fields are counted too.
    let mut listed = Message::new();
    listed.number(1, 3).number(2, 1).text(8, "w").floats(4, &[1.0, 2.0, 3.0]);
    assert_eq!(
        Network::read(&with_graph_field(5, &listed)).unwrap().tensor("w").unwrap().floats().unwrap(),
        [1.0, 2.0, 3.0]
    );
    listed.number(1, 2);
    assert!(read(&listed).is_err());
}

#[test]
fn files_with_too_many_parts_are_refused_before_they_fill_the_memory() {
    let mut node = Message::new();
    for _ in 0..1 << 20 {
        node.text(1, "");
    }
    let error = Network::read(&with_graph_field(1, &node)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn damaged_files_give_errors_and_never_panics() {
    for length in (0..4096).chain([DEFAULT.len() / 2, DEFAULT.len() - 1]) {
        assert!(Network::read(&DEFAULT[..length]).is_err(), "{length}");
    }
    let mut bytes = DEFAULT.to_vec();
    let (mut read, mut refused) = (0, 0);
    for at in (0..6000).step_by(3) {
        for flip in [0xff, 1, 0x80] {
            bytes[at] ^= flip;
            match Network::read(&bytes).and_then(|network| network.judge()) {
                Ok(_) => read += 1,
                Err(_) => refused += 1,
            }
            bytes[at] ^= flip;
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}

/// The names added by the first wrapping do not collide with those of the second.
#[test]
fn a_network_can_be_wrapped_again() {
    let once = wrap(DEFAULT, &Wrapping { pad: 3, ..Wrapping::default() }).unwrap();
    let twice = wrap(&once, &Wrapping { pad: 2, add_nearest: 4, ..Wrapping::default() }).unwrap();
    for file in [&once, &twice, &shape_of(&twice, "shape").unwrap()] {
        let network = Network::read(file).unwrap();
        let mut made: Vec<&str> = network.nodes.iter().flat_map(|node| &node.outputs).copied().collect();
        made.extend(network.tensors.iter().map(|tensor| tensor.name));
        made.extend(network.inputs.iter().map(|input| input.name));
        let all = made.len();
        made.sort_unstable();
        made.dedup();
        assert_eq!(made.len(), all, "two values have the same name");
        assert_eq!(network.nodes.iter().filter(|node| node.kind == "Pad").count(), if *file == once { 1 } else { 2 });
    }
}
