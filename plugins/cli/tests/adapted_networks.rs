//! Networks that take another kind of picture than the pipeline has are imported, and compute what they would compute alone.
//!
//! Each repeats pixels, so its result is known: that of the method *nearest*.

use enlarger_networks::onnx::{Builder, Dimension};
use tempfile::TempDir;

use crate::common;
use crate::import::{imported, nearest, written};

const FACTOR: u32 = 2;

/// A network that takes and returns pictures of these shapes.
fn repeating(input: &[Dimension], output: &[Dimension]) -> Builder {
    let mut builder = Builder::new();
    builder.input("in", input);
    builder.output("out", output);
    nearest(&mut builder, "in", "out", FACTOR as f32);
    builder
}

/// Writes a picture, enlarges it with the model, and compares the result with that of *nearest*.
fn check(home: &TempDir, id: &str, gray: bool) {
    let (width, height) = (151, 83);
    let noise = |at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8;
    let data: Vec<u8> = (0..3 * width * height).map(|at| noise(if gray { at / 3 } else { at })).collect();
    common::write_png(&home.path().join("picture.png"), width, height, png::ColorType::Rgb, &data);
    let factor = FACTOR.to_string();
    for (out, more) in [("model.png", ["-m", id]), ("nearest.png", ["--method", "nearest"])] {
        let arguments = ["picture.png", "-s", &factor, "-o", out, "--overwrite", "--quiet"];
        common::good(home, &[&arguments[..], &more[..]].concat());
    }
    let [made, expected] = ["model.png", "nearest.png"].map(|name| common::read_png(&home.path().join(name)).1);
    assert_eq!(made.len(), expected.len());
    let worst = made.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(1), "{id}: {worst:?}");
}

#[test]
fn a_network_of_one_size_runs_in_tiles_of_that_size() {
    use Dimension::Fixed;
    let home = TempDir::new().unwrap();
    let shape = |factor: u64| [Fixed(1), Fixed(3), Fixed(48 * factor), Fixed(64 * factor)];
    let file = written(&home, "one-size.onnx", repeating(&shape(1), &shape(FACTOR.into())));
    let manifest = imported(&home, &file, "one-size");
    assert_eq!((manifest.scale, manifest.input.size), (FACTOR, Some([64, 48])));
    check(&home, "one-size", false);
}

#[test]
fn networks_of_other_channels_and_batches_are_adapted() {
    use Dimension::{Fixed, Open};
    let home = TempDir::new().unwrap();
    let four = |batch: u64, channels: u64| [Fixed(batch), Fixed(channels), Open, Open];
    for (id, shape, gray) in [("gray", four(1, 1), true), ("alpha", four(1, 4), false), ("batch", four(3, 3), false)] {
        let file = written(&home, &format!("{id}.onnx"), repeating(&shape, &shape));
        let manifest = imported(&home, &file, id);
        assert_eq!((manifest.scale, manifest.input.range), (FACTOR, [0.0, 1.0]), "{id}");
        check(&home, id, gray);
    }
}
