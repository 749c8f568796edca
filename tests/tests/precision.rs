//! How accurate the winograd engine is, on real networks of every family that it runs.
//!
//! On a fixed set of pictures (`gallery.rs`), fast arithmetic must reach 65 dB and a greatest difference of 4/255 from exact
//! arithmetic for photos, print and line art, and 50 dB for noise. Exact arithmetic must reach 100 dB and 1e-4 from ONNX
//! Runtime. The engine's own claims are checked too: a session that calls itself fast but computes exactly fails.

use std::sync::Arc;

use enlarger::{Cache, Cancel, Engine, Model, Precision, Session, SessionOptions, Tensor, TensorMut};
use enlarger_engine_winograd::Winograd;
use enlarger_tests::gallery::{Exhibit, HEIGHT, WIDTH, gallery};
use enlarger_tests::networks::networks;
use enlarger_tests::{Picture, real_engines};

/// The planes of red, green and blue, one after the other.
type Planes = Vec<f32>;

fn open(engine: &dyn Engine, model: &Model, precision: Precision) -> Arc<dyn Session> {
    let mut options = SessionOptions::default();
    options.precision = precision;
    engine.open(model, &options).unwrap()
}

/// Runs a network on as much of a picture as its size rules allow.
fn run(session: &dyn Session, model: &Model, picture: &Picture) -> Planes {
    let manifest = model.manifest();
    let [width, height] =
        [WIDTH, HEIGHT].map(|side| (side / manifest.input.multiple * manifest.input.multiple) as usize);
    let samples = picture.samples();
    let planes: Planes = (0..3 * width * height)
        .map(|i| samples[(i / width % height * WIDTH as usize + i % width) * 3 + i / (width * height)])
        .collect();
    let scale = manifest.scale as usize;
    let mut result = vec![f32::NAN; scale * scale * planes.len()];
    let inputs = [Tensor { name: &manifest.input.name, shape: [1, 3, height, width], data: &planes }];
    let shape = [1, 3, scale * height, scale * width];
    let output = TensorMut { name: &manifest.output.name, shape, data: &mut result };
    session.run(&inputs, output, &Cancel::new()).unwrap();
    result.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
    result
}

/// The signal-to-noise ratio in dB, and the greatest difference.
fn compare(actual: &[f32], expected: &[f32]) -> (f64, f32) {
    assert!(actual.iter().chain(expected).all(|value| value.is_finite()));
    let differences = actual.iter().zip(expected).map(|(a, b)| (a - b).abs());
    let squares: f64 = differences.clone().map(|difference| f64::from(difference).powi(2)).sum();
    (-10.0 * (squares / actual.len() as f64).log10(), differences.fold(0.0, f32::max))
}

/// The pictures on which a network is tested: all of them, but only some on the large networks, which take many seconds for each.
fn exhibits(model: &Model) -> Vec<Exhibit> {
    let is_large = model.id().starts_with("rrdb");
    let is_tested = |exhibit: &Exhibit| !is_large || ["cat", "print", "noise"].contains(&exhibit.name);
    gallery().into_iter().filter(is_tested).collect()
}

#[test]
fn fast_is_nearly_exact_on_every_family() {
    let mut failures = Vec::new();
    for model in networks() {
        // Without a cache, so that the probe runs and is tested too.
        let engine = Winograd::with_cache(Cache::none());
        let [exact, auto] = [Precision::Exact, Precision::Auto].map(|precision| open(&engine, &model, precision));
        assert!(exact.is_exact());
        println!("{}: auto is {}", model.id(), if auto.is_exact() { "exact" } else { "fast" });
        if auto.is_exact() {
            continue;
        }
        for exhibit in exhibits(&model) {
            let [exact, fast] = [&exact, &auto].map(|session| run(&**session, &model, &exhibit.picture));
            let (decibels, greatest) = compare(&fast, &exact);
            let line = format!("{} on {}: {decibels:.1} dB, {:.2}/255", model.id(), exhibit.name, 255.0 * greatest);
            println!("{line}");
            assert!(decibels < 110.0, "{line}: the arithmetic is not a different one");
            let kept = if exhibit.noise { decibels >= 50.0 } else { decibels >= 65.0 && greatest <= 4.0 / 255.0 };
            if !kept {
                failures.push(line);
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn exact_is_exact_on_every_family() {
    let engines = real_engines();
    let [winograd, ort] = ["winograd", "ort"].map(|id| engines.iter().find(|engine| engine.id() == id).unwrap());
    for model in networks() {
        let [ours, theirs] = [winograd, ort].map(|engine| open(&**engine, &model, Precision::Exact));
        for exhibit in exhibits(&model).iter().filter(|exhibit| ["cat", "print"].contains(&exhibit.name)) {
            let [ours, theirs] = [&ours, &theirs].map(|session| run(&**session, &model, &exhibit.picture));
            let (decibels, greatest) = compare(&ours, &theirs);
            let line = format!("{} on {}: {decibels:.1} dB, {greatest:.1e} at most", model.id(), exhibit.name);
            println!("{line}");
            assert!(decibels >= 100.0 && greatest <= 1e-4, "{line}");
        }
    }
}
