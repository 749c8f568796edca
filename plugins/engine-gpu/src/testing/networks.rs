//! Whole networks of every family, opened as the core opens them, against the exact arithmetic of the winograd engine.

use enlarger::{Cancel, Engine, Model, Precision, Registry, Session, SessionOptions};
use enlarger_compiler_testing::{NOISE_LEVEL, networks, plain_networks};
use enlarger_engine_winograd::Winograd;

use super::*;
use crate::engine::GpuEngine;

/// The side of a picture.
const SIDE: usize = 48;

/// How far results may be from exact ones: the least signal-to-noise ratio in dB, and the greatest difference as a part of the range.
const EXACT: (f64, f64) = (100.0, 0.1 / 255.0);
const NEARLY: (f64, f64) = (67.0, 3.0 / 255.0);
/// What the core promises of the precision *fast*.
const FAST: (f64, f64) = (65.0, 4.0 / 255.0);

fn options(device: &str, precision: Precision) -> SessionOptions {
    let mut options = SessionOptions::default();
    options.device = Some(device.to_owned());
    options.precision = precision;
    options
}

/// Edges, gradients and fine lines in strong colours, from 0 to 1.
pub(super) fn drawing(height: usize, width: usize) -> Vec<f32> {
    let planes = (0..3).flat_map(|channel| (0..height * width).map(move |i| (channel, i / width, i % width)));
    let sample = |(channel, y, x): (usize, usize, usize)| {
        let dark = (x / (1 + y / 12)).is_multiple_of(2) != (y / 3).is_multiple_of(3);
        let light = [0.05 + 0.01 * (x % 40) as f32, 0.2, 0.4][channel];
        if dark { light } else { [1.0, 0.9, 0.95 - 0.01 * (y % 40) as f32][channel] }
    };
    planes.map(sample).collect()
}

/// What a session makes of a picture.
pub(super) fn enlarged(session: &dyn Session, model: &Model, data: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
    let manifest = model.manifest();
    let level = 0.3;
    let mut inputs = vec![Tensor { name: &manifest.input.name, shape: [1, 3, height, width], data }];
    for extra in &manifest.extra {
        inputs.push(Tensor { name: &extra.name, shape: [1; 4], data: std::slice::from_ref(&level) });
    }
    let scale = manifest.scale as usize;
    let shape = [1, 3, scale * height, scale * width];
    let mut result = vec![f32::NAN; shape.iter().product()];
    let output = TensorMut { name: &manifest.output.name, shape, data: &mut result };
    session.run(&inputs, output, &Cancel::new()).unwrap();
    result
}

/// The signal-to-noise ratio in dB and the greatest difference, for a range that the expected values span.
fn difference(found: &[f32], expected: &[f32]) -> (f64, f64) {
    let range = expected.iter().fold(1.0f64, |range, value| range.max(f64::from(value.abs())));
    let each = found.iter().zip(expected).map(|(a, b)| {
        let difference = f64::from(a - b).abs() / range;
        if difference.is_nan() { f64::INFINITY } else { difference }
    });
    let squares: f64 = each.clone().map(|difference| difference * difference).sum();
    (-10.0 * (squares / expected.len() as f64).log10(), each.fold(0.0, f64::max))
}

fn check(name: &str, model: &Model, side: usize, precisions: &[Precision]) {
    let data = drawing(side, side);
    let exact = Winograd::new().open(model, &options("cpu", Precision::Exact)).unwrap();
    let expected = enlarged(&*exact, model, &data, [side, side]);
    for precision in precisions {
        let session = GpuEngine::new().open(model, &options(&software().device.id, *precision)).unwrap();
        assert_eq!(session.is_exact(), *precision == Precision::Exact);
        let (decibels, greatest) = difference(&enlarged(&*session, model, &data, [side, side]), &expected);
        println!("{name}, {precision:?}: {decibels:.1} dB, {:.2}/255", 255.0 * greatest);
        let (least, most) = match precision {
            Precision::Exact => EXACT,
            Precision::Auto => NEARLY,
            Precision::Fast => FAST,
        };
        assert!(decibels >= least && greatest <= most, "{name}, {precision:?}: {decibels} dB, {greatest}");
    }
}

#[test]
fn networks_without_branches_are_exact_or_nearly() {
    assert_eq!(plain_networks()[1].1.builder.graph.inputs[1].name, NOISE_LEVEL);
    for (name, network) in plain_networks() {
        check(
            name,
            &Model::from_bytes(&network.manifest(), network.file()).unwrap(),
            SIDE,
            &[Precision::Exact, Precision::Auto, Precision::Fast],
        );
    }
}

/// Without the precision *fast*, whose kernels take a software device long to compile, and without networks that need no other kernels.
#[test]
fn networks_of_other_families_are_exact_or_nearly() {
    let others = ["span-52", "rrdb-unshuffled-2", "rcan", "cugan", "drunet"];
    let mut checked = 0;
    for (name, network) in networks().into_iter().filter(|(name, _)| others.contains(name)) {
        check(
            name,
            &Model::from_bytes(&network.manifest(), network.file()).unwrap(),
            SIDE,
            &[Precision::Exact, Precision::Auto],
        );
        checked += 1;
    }
    assert_eq!(checked, others.len());
}

/// The built-in models. Their pictures are smaller, because they take a processor long.
#[test]
fn real_networks_are_nearly_exact() {
    for (id, side) in [("realesr-general-x4v3", 24), ("waifu2x-photo-x2", 24)] {
        check(id, Registry::search(&[]).find(id).unwrap(), side, &[Precision::Auto]);
    }
}
