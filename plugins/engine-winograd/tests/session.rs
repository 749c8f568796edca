//! The engine with the model that Enlarger carries: it must work on a machine that has nothing else.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{
    Cancel, DEFAULT_MODEL, Engine, ErrorKind, Model, Precision, Registry, Session, SessionOptions, Tensor, TensorMut,
};
use enlarger_engine_winograd::Winograd;

const MANIFEST: &str = include_str!("../../../core/models/realesr-general-x4v3/manifest.toml");
const NETWORK: &[u8] = include_bytes!("../../../core/models/realesr-general-x4v3/model.onnx");

fn default_model() -> Model {
    Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
}

fn open(model: &Model) -> Arc<dyn Session> {
    Winograd::new().open(model, &SessionOptions::default()).unwrap()
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
fn a_cancel_stops_a_tile_and_the_session_lives_on() {
    let session = open(&default_model());
    let before = run(&*session, 16, 16).unwrap();
    assert!(session.usage().interruptible);
    // Far larger than a tile of the best size, so that there is time to cancel it.
    let (cancel, side) = (Cancel::new(), 1000);
    let data = picture(side, side);
    let mut made = vec![0.0; data.len() * 16];
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            let inputs = [Tensor { name: "input", shape: [1, 3, side, side], data: &data }];
            let output = TensorMut { name: "output", shape: [1, 3, side * 4, side * 4], data: &mut made };
            session.run(&inputs, output, &cancel)
        });
        thread::sleep(Duration::from_millis(100));
        assert!(!running.is_finished(), "the tile is too small for this test");
        let start = Instant::now();
        cancel.cancel();
        assert_eq!(running.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        // A few milliseconds on a machine that does nothing else.
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    });
    assert_eq!(run(&*session, 16, 16).unwrap(), before);
}

fn open_with(precision: Precision, threads: usize) -> Arc<dyn Session> {
    let mut options = SessionOptions::default();
    (options.precision, options.threads) = (precision, Some(threads));
    Winograd::new().open(&default_model(), &options).unwrap()
}

#[test]
fn the_precision_is_the_one_that_was_asked_for() {
    let exact = open_with(Precision::Exact, 1);
    let fast = open_with(Precision::Fast, 1);
    assert!(exact.is_exact() && !fast.is_exact());
    assert!(!open_with(Precision::Auto, 1).is_exact(), "the default network is right in the fast precision");
    let (a, b) = (run(&*exact, 40, 30).unwrap(), run(&*fast, 40, 30).unwrap());
    let greatest = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(greatest > 0.0 && greatest < 4.0 / 255.0, "{greatest}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for precision in [Precision::Exact, Precision::Fast] {
        let one = run(&*open_with(precision, 1), 61, 47).unwrap();
        assert_eq!(run(&*open_with(precision, 3), 61, 47).unwrap(), one);
    }
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
    let error = Winograd::new().open(&default_model(), &options).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Device);
    assert!(error.message().contains("ort"));
}

#[test]
fn a_manifest_that_names_other_tensors_is_refused() {
    for (from, to) in [("name = \"input\"", "name = \"x\""), ("name = \"output\"", "name = \"y\"")] {
        let model = Model::from_bytes(&MANIFEST.replace(from, to), NETWORK).unwrap();
        let error = Winograd::new().open(&model, &SessionOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ModelContract, "{error}");
    }
}

#[test]
fn damaged_networks_are_errors() {
    let broken = NETWORK[..NETWORK.len() / 2].to_vec();
    let model = Model::from_bytes(MANIFEST, broken).unwrap();
    let error = Winograd::new().open(&model, &SessionOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ModelHash);
}
