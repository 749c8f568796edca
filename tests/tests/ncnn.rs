//! Networks of ncnn, converted, against ncnn itself: `tests/oracle/ncnn_oracle.py` ran it on the real weights.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use enlarger::{Cancel, Engine, Model, SessionOptions, Tensor, TensorMut};
use enlarger_engine_ort::Ort;
use enlarger_networks::ncnn::convert;
use enlarger_networks::onnx::Network;
use enlarger_tests::toy::toy_manifest;
use sha2::{Digest, Sha256};

struct Case {
    name: String,
    input: [usize; 4],
    output: [usize; 4],
}

fn folder() -> PathBuf {
    Path::new(&env::var_os("ENLARGER_TEST_ORACLE").expect("run the tests with scripts/test")).join("ncnn")
}

fn cases() -> Vec<Case> {
    let index = fs::read_to_string(folder().join("index.txt")).expect("what the oracle made; run scripts/test");
    let case = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let side = |at: usize| words[at].parse().unwrap();
        Case {
            name: words[0].to_owned(),
            input: [1, side(1), side(2), side(3)],
            output: [1, side(4), side(5), side(6)],
        }
    };
    index.lines().map(case).collect()
}

fn file(name: &str, ending: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.{ending}"))).unwrap()
}

fn floats(name: &str, ending: &str) -> Vec<f32> {
    file(name, ending).as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn converted(name: &str) -> Vec<u8> {
    convert(std::str::from_utf8(&file(name, "param")).unwrap(), &file(name, "bin")).unwrap()
}

/// A model of this network, whatever it takes and gives.
fn model(network: Vec<u8>) -> Model {
    let input = Network::read(&network).unwrap().inputs[0].name.to_owned();
    let sha256: String = Sha256::digest(&network).iter().map(|b| format!("{b:02x}")).collect();
    let manifest: String = toy_manifest(1, 0)
        .lines()
        .map(|line| match line.split(" = ").next() {
            Some("name") if line.contains("\"in\"") => format!("name = \"{input}\"\n"),
            Some("name") if line.contains("\"out\"") => "name = \"output\"\n".into(),
            Some("size") => format!("size = {}\n", network.len()),
            Some("sha256") => format!("sha256 = \"{sha256}\"\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    Model::from_bytes(&manifest, network).unwrap()
}

/// Networks as they are in their files shrink the picture, which only ONNX Runtime opens without asking.
fn engine() -> Arc<dyn Engine> {
    Arc::new(Ort::discover().expect("ONNX Runtime; run the tests with scripts/test"))
}

/// How far from ncnn a network comes.
fn worst(engine: &Arc<dyn Engine>, case: &Case) -> f32 {
    let session = engine.open(&model(converted(&case.name)), &SessionOptions::default()).unwrap();
    let (given, expected) = (floats(&case.name, "in"), floats(&case.name, "out"));
    let mut made = vec![f32::NAN; expected.len()];
    let name = Network::read(&converted(&case.name)).unwrap().inputs[0].name.to_owned();
    let tensor = Tensor { name: &name, shape: case.input, data: &given };
    session.run(&[tensor], TensorMut { name: "output", shape: case.output, data: &mut made }, &Cancel::new()).unwrap();
    made.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_structure_gives_what_ncnn_gives() {
    let cases = cases();
    assert!(cases.len() >= 16, "{} networks", cases.len());
    let engine = engine();
    for case in &cases {
        let worst = worst(&engine, case);
        println!("{}: {worst:.1e}", case.name);
        assert!(worst < 1e-4, "{}: {worst}", case.name);
    }
}

/// What the comparison above would say of weights in a wrong order.
#[test]
fn the_comparison_can_fail() {
    let mut case = cases().into_iter().find(|case| case.name == "photo").unwrap();
    case.name = "photo-table".into();
    let nearly = worst(&engine(), &case);
    assert!(nearly < 1e-4, "{nearly}");
    // The same network with weights rounded to 256 values.
    let (table, photo) = (floats("photo-table", "out"), floats("photo", "out"));
    assert!(table.iter().zip(&photo).any(|(a, b)| (a - b).abs() > 1e-4));
}

#[test]
fn files_that_are_wrong_are_refused() {
    let param = String::from_utf8(file("photo", "param")).unwrap();
    let bin = file("photo", "bin");
    let refused = |param: &str, bin: &[u8], words: &str| {
        let error = convert(param, bin).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    refused(&param, &bin[..bin.len() - 4], "ends before");
    refused(&param, &[bin.as_slice(), &[0; 4]].concat(), "belong to no layer");
    refused(&param.replace("Deconvolution ", "LSTM "), &bin, "'LSTM'");
    refused(&param.replace("0=16 1=3", "0=16 1=-3"), &bin, "conv1_layer");
    refused(&param.replace("6=432", "6=4000000000"), &bin, "conv1_layer");
    refused(&param.replace("6=432", "6=999999936"), &bin, "ends before");
    refused(&param.replace("9=2", "9=77"), &bin, "activation 77");
    refused(&param.replace("8 8", "9 8"), &bin, "9 layers");
    refused(&param.replace("Input1 conv1", "Input2 conv1"), &bin, "Input2");
    refused("", &bin, "7767517");
}
