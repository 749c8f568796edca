//! The engine with the model that Enlarger carries: it must work on a machine that has nothing else.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use enlarger::{Cancel, DEFAULT_MODEL, Engine, ErrorKind, Model, Registry, Session, SessionOptions, Tensor, TensorMut};
use enlarger_engine_rten::Rten;

const MANIFEST: &str = include_str!("../../../core/models/realesr-general-x4v3/manifest.toml");
const NETWORK: &[u8] = include_bytes!("../../../core/models/realesr-general-x4v3/model.onnx");

fn default_model() -> Model {
    Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
}

fn open(model: &Model) -> Arc<dyn Session> {
    Rten::new().open(model, &SessionOptions::default()).unwrap()
}

/// A slope with a pattern on it.
fn picture(width: usize, height: usize) -> Vec<f32> {
    (0..3 * width * height).map(|i| 0.2 + 0.5 * (i % width) as f32 / width as f32 + 0.1 * (i % 3) as f32).collect()
}

fn run(session: &dyn Session, width: usize, height: usize) -> enlarger::Result<Vec<f32>> {
    let data = picture(width, height);
    let mut made = vec![f32::NAN; data.len() * 16];
    let inputs = [Tensor { name: "input", shape: [1, 3, height, width], data: &data }];
    let output = TensorMut { name: "output", shape: [1, 3, height * 4, width * 4], data: &mut made };
    session.run(&inputs, output, &Cancel::new()).map(|()| made)
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

#[test]
fn the_default_model_runs_on_any_size() {
    let session = open(&default_model());
    for (width, height) in [(1, 1), (1, 9), (7, 2), (33, 20)] {
        let made = run(&*session, width, height).unwrap();
        assert!(made.iter().all(|value| value.is_finite()));
        let (from, to) = (mean(&picture(width, height)), mean(&made));
        assert!((from - to).abs() < 16.0 / 255.0, "{width}x{height}: mean {from} became {to}");
    }
}

#[test]
fn a_tile_as_large_as_it_says_takes_seconds_and_not_minutes() {
    let session = open(&default_model());
    let usage = session.usage();
    assert!(!usage.interruptible);
    let pixels = usage.max_tile_pixels.unwrap();
    assert!(pixels >= 64 * 64);
    assert!(u64::from(usage.tile).pow(2) <= pixels);
    let side = usage.tile as usize;
    let start = Instant::now();
    run(&*session, side, side).unwrap();
    // Far from the promise: other programs may have begun to run since it measured itself.
    assert!(start.elapsed().as_secs_f64() < 6.0, "{side}x{side} took {:?}", start.elapsed());
}

#[test]
fn several_threads_may_run_one_session() {
    let session = open(&default_model());
    let alone = run(&*session, 24, 24).unwrap();
    thread::scope(|scope| {
        for worker in [(); 4].map(|()| scope.spawn(|| run(&*session, 24, 24).unwrap())) {
            assert_eq!(worker.join().unwrap(), alone);
        }
    });
}

#[test]
fn a_cancelled_run_does_not_begin() {
    let session = open(&default_model());
    let cancel = Cancel::new();
    cancel.cancel();
    let output = TensorMut { name: "output", shape: [1, 3, 4, 4], data: &mut [0.0; 48] };
    let inputs = [Tensor { name: "input", shape: [1, 3, 1, 1], data: &[0.5; 3] }];
    assert_eq!(session.run(&inputs, output, &cancel).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_shape_that_was_not_promised_is_refused_and_nothing_written() {
    let session = open(&default_model());
    let mut made = [7.0; 3 * 8 * 8];
    let output = TensorMut { name: "output", shape: [1, 3, 8, 8], data: &mut made };
    let inputs = [Tensor { name: "input", shape: [1, 3, 4, 4], data: &[0.5; 48] }];
    let error = session.run(&inputs, output, &Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModelContract);
    assert!(made.iter().all(|value| *value == 7.0));
    run(&*session, 8, 8).unwrap();
}

#[test]
fn tensors_that_do_not_fit_are_errors() {
    let session = open(&default_model());
    let tries: [(&str, [usize; 4], usize); 6] = [
        ("input", [1, 3, 4, 4], 47),
        ("input", [1, 3, 0, 4], 0),
        ("input", [1, 1, 4, 4], 16),
        ("input", [usize::MAX, 2, 2, 2], 8),
        ("picture", [1, 3, 4, 4], 48),
        ("output", [1, 3, 4, 4], 48),
    ];
    for (name, shape, values) in tries {
        let data = vec![0.5; values];
        let mut made = vec![0.0; 768];
        let output = TensorMut { name: "output", shape: [1, 3, 16, 16], data: &mut made };
        let error = session.run(&[Tensor { name, shape, data: &data }], output, &Cancel::new()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument | ErrorKind::Inference), "{shape:?}: {error:?}");
    }
    run(&*session, 8, 8).unwrap();
}

#[test]
fn an_unknown_device_is_refused() {
    let mut options = SessionOptions::default();
    options.device = Some("cuda:0".to_owned());
    let error = Rten::new().open(&default_model(), &options).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Device);
    assert!(error.message().contains("ort"));
}

#[test]
fn a_manifest_that_names_other_tensors_is_refused() {
    for (from, to) in [("name = \"input\"", "name = \"x\""), ("name = \"output\"", "name = \"y\"")] {
        let model = Model::from_bytes(&MANIFEST.replace(from, to), NETWORK).unwrap();
        let error = Rten::new().open(&model, &SessionOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ModelContract, "{error}");
    }
}

#[test]
fn damaged_networks_are_errors() {
    let broken = NETWORK[..NETWORK.len() / 2].to_vec();
    let model = Model::from_bytes(MANIFEST, broken).unwrap();
    let error = Rten::new().open(&model, &SessionOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ModelHash);
}
