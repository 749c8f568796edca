//! Compares converted ncnn networks with ncnn itself, which `tests/oracle/ncnn_oracle.py` ran on the real weights.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use enlarger::{Cancel, Engine, Model, Precision, SessionOptions, Tensor, TensorMut};
use enlarger_engine_ort::Ort;
use enlarger_engine_rten::Rten;
use enlarger_networks::ncnn::convert;
use enlarger_networks::onnx::{Network, Wrapping, wrap};
use enlarger_tests::onnx::model_of;
use enlarger_tests::real_engines;
use enlarger_tests::toy::toy_manifest;

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

/// A model of this network, with its own names of input and output.
fn model(network: Vec<u8>) -> Model {
    let (input, output) = ends(&network);
    let manifest = toy_manifest(1, 0).replace("\"in\"", &format!("\"{input}\""));
    model_of(network, &manifest.replace("\"out\"", &format!("\"{output}\"")))
}

/// The names of its input and its output.
fn ends(network: &[u8]) -> (String, String) {
    let network = Network::read(network).unwrap();
    (network.inputs[0].name.to_owned(), network.outputs[0].name.to_owned())
}

/// These networks shrink the picture, and only ONNX Runtime opens such networks.
fn engine() -> Arc<dyn Engine> {
    Arc::new(Ort::discover().expect("ONNX Runtime; run the tests with scripts/test"))
}

/// The largest difference between a network and ncnn.
fn worst(engine: &Arc<dyn Engine>, case: &Case) -> f32 {
    let session = engine.open(&model(converted(&case.name)), &SessionOptions::default()).unwrap();
    let (given, expected) = (floats(&case.name, "in"), floats(&case.name, "out"));
    let mut made = vec![f32::NAN; expected.len()];
    let (input, output) = ends(&converted(&case.name));
    let tensor = Tensor { name: &input, shape: case.input, data: &given };
    session.run(&[tensor], TensorMut { name: &output, shape: case.output, data: &mut made }, &Cancel::new()).unwrap();
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

/// Wrapped in the nodes that they need, the networks run on every engine and give the same results.
#[test]
fn wrapped_networks_are_the_same_on_all_engines() {
    // Name, pad, planes before the noise level, whether there is a noise level, addend, scale.
    let cases: [(&str, u32, usize, bool, u32, usize); 5] = [
        ("photo", 7, 0, false, 0, 2),
        ("cunet-x1", 28, 0, false, 0, 1),
        ("se-x4", 19, 0, false, 4, 4),
        ("srmd-x2", 0, 15, true, 0, 2),
        ("video-x4", 0, 0, false, 0, 4),
    ];
    for (name, pad, planes, noise_level, add_nearest, scale) in cases {
        let wrapping = Wrapping { pad, planes: vec![0.05; planes], noise_level, add_nearest, ..Wrapping::default() };
        let network = wrap(&converted(name), &wrapping).unwrap();
        let mut manifest = toy_manifest(scale as u32, 0).replace("\"in\"", "\"input\"");
        let output_name = Network::read(&network).unwrap().judge().unwrap().output;
        manifest = manifest.replace("\"out\"", &format!("\"{output_name}\""));
        manifest = manifest.replace("minimum = 1\nmultiple = 1", "minimum = 48\nmultiple = 4");
        if noise_level {
            let extra =
                "[[extra]]\nname = \"noise_level\"\nkind = \"noise_level\"\nminimum = 0\nmaximum = 1\ndefault = 0\n";
            manifest = manifest.replace("[tiling]", &format!("{extra}[tiling]"));
        }
        let model = model_of(network, &manifest);
        let (height, width) = (48, 60);
        let pixels: Vec<f32> = (0..3 * height * width).map(|i| 0.5 + 0.4 * (i as f32 * 0.13).sin()).collect();
        let mut options = SessionOptions::default();
        options.precision = Precision::Exact;
        let results: Vec<Vec<f32>> = real_engines()
            .iter()
            // Not every engine runs every wrapped network, but two engines must.
            .filter_map(|engine| engine.open(&model, &options).ok())
            .map(|session| {
                let mut made = vec![f32::NAN; 3 * height * width * scale * scale];
                let mut inputs = vec![Tensor { name: "input", shape: [1, 3, height, width], data: &pixels }];
                if noise_level {
                    inputs.push(Tensor { name: "noise_level", shape: [1; 4], data: &[0.1] });
                }
                let output =
                    TensorMut { name: &output_name, shape: [1, 3, height * scale, width * scale], data: &mut made };
                session.run(&inputs, output, &Cancel::new()).unwrap();
                made
            })
            .collect();
        assert!(results.len() >= 2, "{name}");
        for other in &results[1..] {
            let worst = results[0].iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            println!("{name}: {worst:.1e}");
            assert!(worst < 1e-4, "{name}: {worst}");
        }
    }
}

/// RTen would silently use linear interpolation where a network asks for cubic.
#[test]
fn rten_refuses_what_it_would_compute_differently() {
    let error = Rten::new().open(&model(converted("video-x3")), &SessionOptions::default()).err().unwrap();
    assert!(error.message().contains("cubic"), "{error}");
    assert!(Rten::new().open(&model(converted("video-x4")), &SessionOptions::default()).is_ok());
}

/// The comparison above finds weights in a wrong order.
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
    refused(&param, &[bin.as_slice(), &[0; 4]].concat(), "no layer uses the last 4 bytes");
    refused(&param.replace("Deconvolution ", "LSTM "), &bin, "unsupported kind LSTM");
    refused(&param.replace("0=16 1=3", "0=16 1=-3"), &bin, "conv1_layer");
    refused(&param.replace("6=432", "6=4000000000"), &bin, "conv1_layer");
    refused(&param.replace("6=432", "6=999999936"), &bin, "ends before");
    refused(&param.replace("9=2", "9=77"), &bin, "activation 77");
    refused(&param.replace("8 8", "9 8"), &bin, "9 layers");
    refused(&param.replace("Input1 conv1", "Input2 conv1"), &bin, "Input2");
    refused("", &bin, "7767517");
}
