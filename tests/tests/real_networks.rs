//! Tests the pipeline alone, with networks of a few nodes on real engines.

use enlarger::{Registry, Target};
use enlarger_networks::onnx::{Builder, Dimension, Setting};
use enlarger_tests::onnx::{install_nearest, model_of};
use enlarger_tests::toy::toy_manifest;
use enlarger_tests::{Picture, enlarge, job, real_engine, real_engines, upscaler};

#[test]
fn nearest_neighbour_repeats_every_pixel() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("nearest-models");
    install_nearest(&folder, 3);
    let registry = Registry::search(&[folder]);
    let model = registry.find("nearest").unwrap();
    let photo = Picture::photo("coffee.png");
    for engine in real_engines() {
        let up = upscaler(model, engine.clone());
        let result = enlarge(
            &up,
            &photo,
            &job(Target::Factor(3.0), |j| {
                j.colour_lock = false;
                j.tile = Some(50);
            }),
        );
        assert_repeated(&photo, &result, 3, engine.id());
    }
}

/// Each pixel of the source stands in the result as often as the factor says.
fn assert_repeated(source: &Picture, result: &Picture, factor: usize, engine: &str) {
    for (i, pixel) in result.bytes.chunks_exact(3).enumerate() {
        let (x, y) = (i % result.size.width as usize / factor, i / result.size.width as usize / factor);
        let expected = &source.bytes[(y * source.size.width as usize + x) * 3..][..3];
        assert_eq!(pixel, expected, "{engine} at {x},{y}");
    }
}

/// ONNX lets a node leave out attributes that follow from its weights, or that have defaults.
#[test]
fn attributes_may_be_left_out() {
    const SIDES: [Dimension; 4] = [Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];
    // Weights that keep each channel for itself, with this kernel.
    let weights = |builder: &mut Builder, kernel: &[f32]| {
        let side = kernel.len().isqrt();
        let channels = (0..9).flat_map(|at| kernel.iter().map(move |value| if at % 4 == 0 { *value } else { 0.0 }));
        builder.constant(&[3, 3, side, side], &channels.collect::<Vec<f32>>())
    };
    let mut builder = Builder::new();
    builder.input("in", &SIDES);
    builder.output("out", &SIDES);
    let (one, middle, four) = (
        weights(&mut builder, &[1.0]),
        weights(&mut builder, &[0., 0., 0., 0., 1., 0., 0., 0., 0.]),
        weights(&mut builder, &[1.0; 4]),
    );
    builder.node("Conv", &["in", &one], "a", &[]);
    builder.node("Conv", &["a", &middle], "b", &[("pads", Setting::Integers(&[1, 1, 1, 1]))]);
    builder.node("MaxPool", &["b"], "c", &[("kernel_shape", Setting::Integers(&[1, 1]))]);
    builder.node("AveragePool", &["c"], "d", &[("kernel_shape", Setting::Integers(&[1, 1]))]);
    builder.node("ConvTranspose", &["d", &four], "out", &[("strides", Setting::Integers(&[2, 2]))]);
    let model = model_of(builder.finish(), &toy_manifest(2, 1));
    let photo = Picture::photo("coffee.png");
    for id in ["ort", "rten"] {
        let up = upscaler(&model, real_engine(id));
        let result = enlarge(&up, &photo, &job(Target::Factor(2.0), |job| job.colour_lock = false));
        assert_repeated(&photo, &result, 2, id);
    }
}
