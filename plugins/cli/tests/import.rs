//! `enlarge models import`: networks that work, and networks that must be refused.
//!
//! The ncnn networks come from `tests/oracle/ncnn_oracle.py`, which scripts/test runs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use enlarger_networks::onnx::{Builder, Data, Dimension, ElementType, Network, Setting};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{self, messages};

const PICTURE: [Dimension; 4] = [Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];

fn ncnn(name: &str) -> PathBuf {
    let oracle = env::var_os("ENLARGER_TEST_ORACLE").expect("run the tests with scripts/test");
    Path::new(&oracle).join("ncnn").join(name)
}

fn enlarge(home: &TempDir, arguments: &[&str]) -> Output {
    common::enlarge(home.path(), arguments)
}

fn import(home: &TempDir, file: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["models", "import", "--json", file.to_str().unwrap()];
    arguments.extend(more);
    enlarge(home, &arguments)
}

/// Imports a network and returns its manifest.
pub(crate) fn imported(home: &TempDir, file: &Path, id: &str) -> enlarger::Manifest {
    let output = import(home, file, &["--id", id]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["id"], id);
    let text = fs::read_to_string(home.path().join("enlarger/models").join(id).join("manifest.toml")).unwrap();
    enlarger::Manifest::parse(&text).unwrap().0
}

fn left_behind(home: &TempDir) -> Vec<String> {
    let Ok(entries) = fs::read_dir(home.path().join("enlarger/models")) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

pub(crate) fn written(home: &TempDir, name: &str, builder: Builder) -> PathBuf {
    let path = home.path().join(name);
    fs::write(&path, builder.finish()).unwrap();
    path
}

pub(crate) fn nearest(builder: &mut Builder, from: &str, to: &str, factor: f32) {
    let factors = builder.constant(&[4], &[1.0, 1.0, factor, factor]);
    let settings = [
        ("mode", Setting::Text("nearest")),
        ("coordinate_transformation_mode", Setting::Text("asymmetric")),
        ("nearest_mode", Setting::Text("floor")),
    ];
    builder.node("Resize", &[from, "", &factors], to, &settings);
}

#[test]
fn ncnn_and_onnx_networks_are_imported() {
    let home = TempDir::new().unwrap();
    let started = Instant::now();
    // It crops 7 pixels at each side, so padding is added.
    let photo = imported(&home, &ncnn("photo.param"), "photo");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!((photo.scale, photo.tiling.halo, photo.tiling.support), (2, 7, enlarger::Tileable::Exact));
    assert_eq!((photo.input.multiple, photo.input.range), (1, [0.0, 1.0]));
    // The file is one of the catalogue's, so its licence is known.
    assert_eq!((photo.licence.weights.as_str(), photo.licence.commercial), ("MIT", true));

    // It halves the resolution inside and needs the whole picture.
    let cunet = imported(&home, &ncnn("cunet-x2.bin"), "cunet");
    assert_eq!((cunet.scale, cunet.input.multiple, cunet.tiling.support), (2, 2, enlarger::Tileable::Whole));

    let video = imported(&home, &ncnn("video-x3.param"), "video");
    assert_eq!((video.scale, video.tiling.support), (3, enlarger::Tileable::Exact));
    assert!((15..=19).contains(&video.tiling.halo), "{}", video.tiling.halo);

    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/models/realesr-general-x4v3/model.onnx");
    let default = imported(&home, &default, "default");
    assert_eq!((default.scale, default.tiling.support), (4, enlarger::Tileable::Exact));
    assert!((28..=34).contains(&default.tiling.halo), "{}", default.tiling.halo);

    // Each gives a model, and nothing else is left behind.
    let mut left = left_behind(&home);
    left.sort();
    assert_eq!(left, ["cunet", "default", "photo", "video"]);
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/writing.png");
    for id in ["cunet", "photo"] {
        let result = format!("{id}.png");
        let output = enlarge(&home, &[picture.to_str().unwrap(), "-o", &result, "-m", id, "-s", "2", "--tile", "64"]);
        assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
        assert!(home.path().join(result).is_file());
    }
}

/// Unusual ranges are determined from the network's output alone.
#[test]
fn scales_and_ranges_are_determined() {
    let home = TempDir::new().unwrap();
    // Rounds to whole numbers, so its range is 0 to 255.
    let mut builder = Builder::new();
    builder.input("in", &PICTURE);
    builder.output("out", &PICTURE);
    builder.node("Round", &["in"], "rounded", &[]);
    nearest(&mut builder, "rounded", "out", 3.0);
    let manifest = imported(&home, &written(&home, "bytes.onnx", builder), "bytes");
    assert_eq!((manifest.scale, manifest.input.range, manifest.tiling.halo), (3, [0.0, 255.0], 0));

    // Compresses values far from 0 a little, so 0 to 1 fits best.
    let mut builder = Builder::new();
    builder.input("in", &PICTURE);
    builder.output("out", &PICTURE);
    let third = builder.constant(&[], &[1.0 / 3.0]);
    builder.node("Mul", &["in", &third], "small", &[]);
    nearest(&mut builder, "small", "large", 2.0);
    builder.node("Tanh", &["large"], "bent", &[]);
    let three = builder.constant(&[], &[3.0]);
    builder.node("Mul", &["bent", &three], "back", &[]);
    builder.node("Clip", &["back"], "out", &[]);
    let manifest = imported(&home, &written(&home, "soft.onnx", builder), "soft");
    assert_eq!((manifest.scale, manifest.input.range), (2, [0.0, 1.0]));

    // Limits its output to -1 to 1, so that is its range.
    let mut builder = Builder::new();
    builder.input("in", &PICTURE);
    builder.output("out", &PICTURE);
    nearest(&mut builder, "in", "large", 2.0);
    builder.node("Tanh", &["large"], "out", &[]);
    let manifest = imported(&home, &written(&home, "signed.onnx", builder), "signed");
    assert_eq!((manifest.scale, manifest.input.range), (2, [-1.0, 1.0]));

    // As many pixels as its input.
    let mut builder = Builder::new();
    builder.input("in", &PICTURE);
    builder.output("out", &PICTURE);
    builder.node("Identity", &["in"], "out", &[]);
    let manifest = imported(&home, &written(&home, "same.onnx", builder), "same");
    assert_eq!((manifest.scale, manifest.task, manifest.tiling.halo), (1, enlarger::Task::Restore, 0));
}

/// Pixels that the probe's picture does not have can need a larger halo. The trial finds that, and the user is told.
#[test]
fn a_network_whose_tiles_differ_gets_the_whole_picture() {
    let home = TempDir::new().unwrap();
    let mut builder = Builder::new();
    builder.input("in", &PICTURE);
    builder.output("out", &PICTURE);
    // Where all colours around a pixel are whole numbers of 255, as in a picture of 8 bits, a pixel far beside it becomes brighter.
    let (white, steep) = (builder.constant(&[], &[255.0]), builder.constant(&[], &[1000.0]));
    let (one, little) = (builder.constant(&[], &[1.0]), builder.constant(&[], &[0.03]));
    let (all, fewer) = (builder.constant(&[1, 3, 3, 3], &[1.0; 27]), builder.constant(&[1], &[-26.0]));
    let far: Vec<f32> = (0..81).map(|at| if at == 80 { 1.0 } else { 0.0 }).collect();
    let far = builder.constant(&[1, 1, 1, 81], &far);
    builder.node("Mul", &["in", &white], "steps", &[]);
    builder.node("Round", &["steps"], "whole", &[]);
    builder.node("Sub", &["steps", "whole"], "rest", &[]);
    builder.node("Abs", &["rest"], "off", &[]);
    builder.node("Mul", &["off", &steep], "odd", &[]);
    builder.node("Sub", &[&one, "odd"], "even", &[]);
    builder.node("Relu", &["even"], "exact", &[]);
    builder.node("Conv", &["exact", &all, &fewer], "count", &[("pads", Setting::Integers(&[1, 1, 1, 1]))]);
    builder.node("Relu", &["count"], "around", &[]);
    builder.node("Conv", &["around", &far], "beside", &[("pads", Setting::Integers(&[0, 40, 0, 40]))]);
    builder.node("Mul", &["beside", &little], "light", &[]);
    builder.node("Add", &["in", "light"], "brighter", &[]);
    nearest(&mut builder, "brighter", "out", 2.0);
    let file = written(&home, "far.onnx", builder);
    let output = import(&home, &file, &["--verbose"]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    let shown = messages(&output);
    assert!(shown.contains("far: its tiles differ from the whole picture"), "{shown}");
    let text = fs::read_to_string(home.path().join("enlarger/models/far/manifest.toml")).unwrap();
    let tiling = enlarger::Manifest::parse(&text).unwrap().0.tiling;
    assert_eq!((tiling.support, tiling.overlap), (enlarger::Tileable::Whole, 0));
    assert!(tiling.halo < 40, "the probe has not seen it: {tiling:?}");
}

/// The same network for BGR pixels: the weights of its first and last channels are swapped.
fn to_bgr(file: &[u8]) -> Vec<u8> {
    let mut turned = file.to_vec();
    for tensor in Network::read(file).unwrap().tensors {
        let (Data::Raw(bytes), sides) = (tensor.data, tensor.shape.as_slice()) else { continue };
        let colour = match sides {
            [3] => 4,
            [_, 3, height, width] => 4 * (height * width) as usize,
            _ => continue,
        };
        let start = bytes.as_ptr() as usize - file.as_ptr() as usize;
        for pixel in turned[start..start + bytes.len()].chunks_exact_mut(3 * colour) {
            let (first, rest) = pixel.split_at_mut(colour);
            first.swap_with_slice(&mut rest[colour..]);
        }
    }
    turned
}

/// The channel order is determined if the network's output shows it. If not, the user is told how to set it.
#[test]
fn the_channel_order_is_determined_or_asked_for() {
    let home = TempDir::new().unwrap();
    // Brightens the first channel where it is darker than the last. The right order is the one in which this is rare.
    let mut builder = Builder::new();
    builder.input("in", &PICTURE);
    builder.output("out", &PICTURE);
    let axis = builder.numbers(&[1]);
    for (name, at) in [("first", 0), ("second", 1), ("last", 2)] {
        let (start, end) = (builder.numbers(&[at]), builder.numbers(&[at + 1]));
        builder.node("Slice", &["in", &start, &end, &axis], name, &[]);
    }
    builder.node("Max", &["first", "last"], "brighter", &[]);
    builder.node("Add", &["first", "brighter"], "both", &[]);
    let half = builder.constant(&[], &[0.5]);
    builder.node("Mul", &["both", &half], "between", &[]);
    builder.node("Concat", &["between", "second", "last"], "all", &[("axis", Setting::Integer(1))]);
    nearest(&mut builder, "all", "out", 2.0);
    let file = written(&home, "told.onnx", builder);
    assert_eq!(imported(&home, &file, "told").input.order, enlarger::ChannelOrder::Bgr);

    // With a real network the difference is too small to be reliable.
    let network = include_bytes!("../../../core/models/waifu2x-photo-x2/model.onnx");
    let file = home.path().join("turned.onnx");
    fs::write(&file, to_bgr(network)).unwrap();
    let output = import(&home, &file, &["--id", "untold"]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    assert!(
        messages(&output).contains("could not be determined") && messages(&output).contains("--order bgr"),
        "{}",
        messages(&output)
    );
    let output = import(&home, &file, &["--id", "turned", "--order", "bgr"]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    assert!(!messages(&output).contains("could not be determined"), "{}", messages(&output));
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/coffee.png");
    let made = |id: &str| {
        let result = format!("{id}.png");
        let exact = ["--colour-lock", "off", "--precision", "exact", "-s", "2"];
        let output = enlarge(&home, &[&[picture.to_str().unwrap(), "-o", &result, "-m", id], &exact[..]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
        enlarger_tests::Picture::read_png(&home.path().join(result))
    };
    let right = made("waifu2x-photo-x2");
    assert!(made("turned").distance(&right) <= 1.0, "{}", made("turned").distance(&right));
    assert!(made("untold").distance(&right) > 1.0);
}

#[test]
fn networks_that_cannot_work_are_refused_and_leave_nothing() {
    let home = TempDir::new().unwrap();
    let refused = |file: &Path, sentence: &str| {
        let started = Instant::now();
        let output = import(&home, file, &["--seconds", "60"]);
        assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
        assert!(messages(&output).contains(sentence), "{sentence}: {}", messages(&output));
        assert!(started.elapsed() < Duration::from_secs(60), "{sentence}: {:?}", started.elapsed());
        assert_eq!(left_behind(&home), [""; 0], "{sentence}");
    };
    let network = |change: fn(&mut Builder)| {
        let mut builder = Builder::new();
        builder.input("in", &PICTURE);
        builder.output("out", &PICTURE);
        change(&mut builder);
        builder
    };
    // It inverts the picture.
    let file = written(
        &home,
        "negative.onnx",
        network(|b| {
            let one = b.constant(&[], &[1.0]);
            b.node("Sub", &[&one, "in"], "out", &[]);
        }),
    );
    refused(&file, "not the picture it was given");
    // It halves the picture.
    let file = written(
        &home,
        "half.onnx",
        network(|b| {
            b.node(
                "AveragePool",
                &["in"],
                "out",
                &[("kernel_shape", Setting::Integers(&[2, 2])), ("strides", Setting::Integers(&[2, 2]))],
            );
        }),
    );
    refused(&file, "not a whole factor");
    // Its output is declared as a picture but is none.
    let file = written(
        &home,
        "mean.onnx",
        network(|b| {
            b.node("ReduceMean", &["in"], "out", &[("keepdims", Setting::Integer(0))]);
        }),
    );
    refused(&file, "failed on pictures of all sizes");
    // It needs 400 GB of memory.
    let file = written(
        &home,
        "huge.onnx",
        network(|b| {
            let shape = b.numbers(&[100_000, 1_000_000]);
            b.node("ConstantOfShape", &[&shape], "zeros", &[]);
            b.node("ReduceSum", &["zeros"], "sum", &[]);
            b.node("Add", &["in", "sum"], "out", &[]);
        }),
    );
    refused(&file, "network");
    // Its file is cut short, missing, or no network.
    let bin = fs::read(ncnn("photo.bin")).unwrap();
    fs::copy(ncnn("photo.param"), home.path().join("cut.param")).unwrap();
    fs::write(home.path().join("cut.bin"), &bin[..bin.len() / 2]).unwrap();
    refused(&home.path().join("cut.param"), "ends before");
    fs::remove_file(home.path().join("cut.bin")).unwrap();
    refused(&home.path().join("cut.param"), "cut.bin");
    refused(&ncnn("photo.bin.missing"), "no such file");
    refused(&ncnn("srmd-x2.param"), "19 channels");
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/cat.png");
    refused(&picture, "not an ONNX file");
}

#[test]
fn probing_time_is_limited_and_ids_are_unique() {
    let home = TempDir::new().unwrap();
    let started = Instant::now();
    let output = import(&home, &ncnn("x4plus.param"), &["--seconds", "2"]);
    assert!(messages(&output).contains("within 2 s"), "{}", messages(&output));
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!(left_behind(&home), [""; 0]);

    let file = ncnn("photo.param");
    let output = import(&home, &file, &["--id", "realesr-general-x4v3"]);
    assert!(messages(&output).contains("already"), "{}", messages(&output));
    assert_eq!(import(&home, &file, &["--id", "../escape"]).status.code(), Some(1));
    imported(&home, &file, "mine");
    assert_eq!(import(&home, &file, &["--id", "mine"]).status.code(), Some(1));
    assert_eq!(import(&home, &file, &["--id", "mine", "--overwrite", "--licence", "MIT"]).status.code(), Some(0));
    let text = fs::read_to_string(home.path().join("enlarger/models/mine/manifest.toml")).unwrap();
    assert!(text.contains("\"MIT\""), "{text}");
    assert_eq!(left_behind(&home), ["mine"]);
}

/// A network of nearest neighbour, x2, between ends of this type.
fn doubling(element: ElementType, channels_last: bool) -> Builder {
    let [one, three, open, _] = PICTURE;
    let (sides, factors) = match channels_last {
        true => ([one, open, open, three], [1.0, 2.0, 2.0, 1.0]),
        false => (PICTURE, [1.0, 1.0, 2.0, 2.0]),
    };
    let mut builder = Builder::new();
    builder.input_of(element, "in", &sides);
    builder.output_of(element, "out", &sides);
    let factors = builder.constant(&[4], &factors);
    let settings = [
        ("mode", Setting::Text("nearest")),
        ("coordinate_transformation_mode", Setting::Text("asymmetric")),
        ("nearest_mode", Setting::Text("floor")),
    ];
    builder.node("Cast", &["in"], "floats", &[("to", Setting::Integer(ElementType::F32.0))]);
    builder.node("Resize", &["floats", "", &factors], "large", &settings);
    builder.node("Cast", &["large"], "out", &[("to", Setting::Integer(element.0))]);
    builder
}

#[test]
fn half_floats_bytes_and_channels_last_are_converted() {
    let home = TempDir::new().unwrap();
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/coffee.png");
    let picture = picture.to_str().unwrap();
    let output = enlarge(&home, &[picture, "--method", "nearest", "-s", "2", "--label", "off", "-o", "expected.png"]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    let expected = fs::read(home.path().join("expected.png")).unwrap();
    for (id, element, channels_last) in [
        ("half", ElementType::F16, false),
        ("half-last", ElementType::F16, true),
        ("bytes", ElementType::U8, false),
        ("bytes-last", ElementType::U8, true),
        ("last", ElementType::F32, true),
    ] {
        let manifest = imported(&home, &written(&home, "network.onnx", doubling(element, channels_last)), id);
        assert_eq!((manifest.scale, manifest.input.range, manifest.tiling.halo), (2, [0.0, 1.0], 0), "{id}");
        assert!(manifest.card.source.contains("converted to 32-bit"), "{}", manifest.card.source);
        let result = format!("{id}.png");
        let output =
            enlarge(&home, &[picture, "-m", id, "-s", "2", "--colour-lock", "off", "--label", "off", "-o", &result]);
        assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
        let same = fs::read(home.path().join(&result)).unwrap() == expected;
        assert!(same, "{id}: not the nearest pixels");
    }
    for number in [3, 11, 16] {
        let file = written(&home, "other.onnx", doubling(ElementType(number), false));
        let output = import(&home, &file, &["--id", "other"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(messages(&output).contains("only f32, f16 and u8 are supported"), "{}", messages(&output));
    }
}
