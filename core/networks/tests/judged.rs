//! Which networks can enlarge pictures, and the sentence for each that cannot.

use enlarger::ErrorKind;
use enlarger_networks::message::Message;
use enlarger_networks::onnx::{Builder, Network, Setting, Side, Wrapping, shape_of, wrap};

const DEFAULT: &[u8] = include_bytes!("../../models/realesr-general-x4v3/model.onnx");
const PICTURE: &[Side] = &[Side::Fixed(1), Side::Fixed(3), Side::Open, Side::Open];

/// A network of one operation that does nothing, with these inputs and outputs.
fn network(inputs: &[&[Side]], outputs: &[&[Side]]) -> Vec<u8> {
    let mut builder = Builder::new();
    for (at, sides) in inputs.iter().enumerate() {
        builder.input(&format!("in{at}"), sides);
    }
    for (at, sides) in outputs.iter().enumerate() {
        builder.output(&format!("out{at}"), sides);
    }
    builder.node("Identity", &["in0"], "out0", &[]);
    builder.finish()
}

#[test]
fn the_default_network() {
    let facts = Network::read(DEFAULT).unwrap().facts().unwrap();
    assert_eq!((facts.input.as_str(), facts.output.as_str()), ("input", "output"));
    assert_eq!(facts.operators["Conv"], 34);
    assert_eq!(facts.parameters / 1000, 1213);
    assert_eq!((facts.whole, facts.elsewhere, facts.noise_level), (None, 0, false));
}

#[test]
fn what_cannot_enlarge_is_refused_in_one_sentence() {
    use Side::{Fixed, Open};
    let fixed: &[Side] = &[Fixed(1), Fixed(3), Fixed(224), Fixed(224)];
    let classes: &[Side] = &[Fixed(1), Fixed(1000)];
    let cases: [(Vec<u8>, &str); 10] = [
        (network(&[PICTURE], &[classes]), "1×1000"),
        (network(&[fixed], &[PICTURE]), "224×224"),
        (network(&[PICTURE], &[PICTURE; 3]), "3 outputs"),
        (network(&[PICTURE; 2], &[PICTURE]), "2 inputs"),
        (network(&[&[Fixed(1), Fixed(1), Open, Open]], &[PICTURE]), "gray"),
        (network(&[&[Fixed(1), Open, Open, Fixed(3)]], &[PICTURE]), "channels last"),
        (network(&[&[Fixed(4), Fixed(3), Open, Open]], &[PICTURE]), "4 pictures at a time"),
        (network(&[&[Fixed(1), Fixed(19), Open, Open]], &[PICTURE]), "19 channels"),
        (network(&[&[Fixed(1), Fixed(3)]], &[PICTURE]), "2 dimensions"),
        (network(&[PICTURE], &[&[Fixed(1), Fixed(12), Open, Open]]), "12 channels"),
    ];
    for (file, words) in cases {
        let error = Network::read(&file).unwrap().facts().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid);
        assert!(error.message().contains(words), "{error}");
        assert!(!error.message().contains(". "), "one sentence: {error}");
    }
    assert!(Network::read(&network(&[PICTURE], &[PICTURE])).unwrap().facts().is_ok());
    assert!(Network::read(&network(&[&[Open; 4]], &[&[Open; 4]])).unwrap().facts().is_ok());
}

#[test]
fn custom_operators_are_named() {
    let mut node = Message::new();
    node.text(1, "in").text(2, "out").text(4, "GridAttention").text(7, "com.example");
    let error = Network::read(&with_graph_field(1, &node)).unwrap().facts().unwrap_err();
    assert!(error.message().contains("GridAttention") && error.message().contains("com.example"), "{error}");
}

#[test]
fn looking_at_the_whole_picture_is_noticed() {
    let whole = |kind: &str, settings: &[(&str, Setting<'_>)]| {
        let mut builder = Builder::new();
        builder.input("in", PICTURE);
        builder.output("out", PICTURE);
        builder.node(kind, &["in"], "mean", settings);
        builder.node("Mul", &["in", "mean"], "out", &[]);
        Network::read(&builder.finish()).unwrap().facts().unwrap().whole
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

fn tensor(sides: &[i64], raw: &[u8]) -> Message {
    let mut tensor = Message::new();
    tensor.numbers(1, sides).number(2, 1).text(8, "w").field(9, raw);
    tensor
}

#[test]
fn declared_sizes_are_compared_with_what_is_there() {
    let read = |tensor: &Message| Network::read(&with_graph_field(5, tensor)).map(|network| network.tensors.len());
    assert_eq!(read(&tensor(&[2, 1], &[0; 8])).unwrap(), 1);
    for sides in [&[50_000, 50_000][..], &[1 << 62, 1 << 62], &[-2, -1], &[2, 2], &[i64::MAX], &[1; 17]] {
        let error = read(&tensor(sides, &[0; 8])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{sides:?}");
    }
    let error = read(&tensor(&[50_000, 50_000], &[0; 8])).unwrap_err();
    assert!(error.message().contains("50000×50000"), "{error}");
    // Values listed one by one are counted too.
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
fn too_many_parts_are_refused_before_they_fill_the_memory() {
    let mut node = Message::new();
    for _ in 0..1 << 20 {
        node.text(1, "");
    }
    let error = Network::read(&with_graph_field(1, &node)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn damaged_files_are_errors_and_no_panics() {
    for length in (0..4096).chain([DEFAULT.len() / 2, DEFAULT.len() - 1]) {
        assert!(Network::read(&DEFAULT[..length]).is_err(), "{length}");
    }
    let mut bytes = DEFAULT.to_vec();
    let (mut read, mut refused) = (0, 0);
    for at in (0..6000).step_by(3) {
        for flip in [0xff, 1, 0x80] {
            bytes[at] ^= flip;
            match Network::read(&bytes).and_then(|network| network.facts()) {
                Ok(_) => read += 1,
                Err(_) => refused += 1,
            }
            bytes[at] ^= flip;
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}

/// What was put around a network does not get in the way of what is put around that.
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
        assert_eq!(made.len(), all, "a value has two makers");
        assert_eq!(network.nodes.iter().filter(|node| node.kind == "Pad").count(), if *file == once { 1 } else { 2 });
    }
}
