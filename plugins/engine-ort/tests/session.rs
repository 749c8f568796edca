//! The engine with a real ONNX Runtime and the built-in model.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{
    Cancel, DEFAULT_MODEL, Engine, ErrorKind, Model, Precision, Registry, Result, Session, SessionOptions, Tensor,
    TensorMut,
};
use enlarger_engine_ort::{LIBRARY_VARIABLE, Ort, Verdict, ort_report};
use enlarger_engine_rten::Rten;

const MANIFEST: &str = include_str!("../../../core/models/realesr-general-x4v3/manifest.toml");
const NETWORK: &[u8] = include_bytes!("../../../core/models/realesr-general-x4v3/model.onnx");

fn engine() -> Ort {
    assert!(
        std::env::var_os(LIBRARY_VARIABLE).is_some(),
        "these tests need an ONNX Runtime: run scripts/test, which sets {LIBRARY_VARIABLE}"
    );
    Ort::discover().unwrap()
}

fn default_model() -> Model {
    Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
}

fn open() -> Arc<dyn Session> {
    engine().open(&default_model(), &SessionOptions::default()).unwrap()
}

/// A gradient with a pattern on it.
fn picture(width: usize, height: usize) -> Vec<f32> {
    (0..3 * width * height).map(|i| 0.2 + 0.5 * (i % width) as f32 / width as f32 + 0.1 * (i % 3) as f32).collect()
}

fn run(session: &dyn Session, width: usize, height: usize, cancel: &Cancel) -> Result<Vec<f32>> {
    let data = picture(width, height);
    let mut made = vec![f32::NAN; data.len() * 16];
    let inputs = [Tensor { name: "input", shape: [1, 3, height, width], data: &data }];
    let output = TensorMut { name: "output", shape: [1, 3, height * 4, width * 4], data: &mut made };
    session.run(&inputs, output, cancel).map(|()| made)
}

#[test]
fn rten_gives_the_same_picture() {
    let ort = open();
    let rten = Rten::new().open(&default_model(), &SessionOptions::default()).unwrap();
    for (width, height) in [(1, 1), (5, 3), (64, 48)] {
        let ort = run(&*ort, width, height, &Cancel::new()).unwrap();
        let rten = run(&*rten, width, height, &Cancel::new()).unwrap();
        let furthest = ort.iter().zip(&rten).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(furthest <= 1e-4, "{width}x{height}: {furthest}");
    }
}

#[test]
fn the_cpu_is_the_default_device_and_exact() {
    let session = open();
    assert_eq!(session.device().id, "cpu");
    assert!(session.is_exact());
    assert!(session.usage().interruptible);
    assert_eq!(engine().devices()[0].id, "cpu");
}

#[test]
fn several_threads_may_run_one_session() {
    let session = open();
    let alone = run(&*session, 40, 40, &Cancel::new()).unwrap();
    thread::scope(|scope| {
        for worker in [(); 4].map(|()| scope.spawn(|| run(&*session, 40, 40, &Cancel::new()).unwrap())) {
            assert_eq!(worker.join().unwrap(), alone);
        }
    });
}

#[test]
fn several_sessions_run_at_once() {
    let sessions = [open(), open()];
    let pictures = thread::scope(|scope| {
        sessions
            .each_ref()
            .map(|s| scope.spawn(|| run(&**s, 40, 40, &Cancel::new()).unwrap()))
            .map(|w| w.join().unwrap())
    });
    assert_eq!(pictures[0], pictures[1]);
}

/// A session on which a tile of [`LONG`] takes many seconds on every machine.
fn open_slow() -> Arc<dyn Session> {
    let mut options = SessionOptions::default();
    options.threads = Some(1);
    engine().open(&default_model(), &options).unwrap()
}

/// The side of a tile that takes many seconds.
const LONG: usize = 768;

/// A cancelled session returns within half a second. Other programs run beside the tests, so one of five tries must do so.
fn assert_prompt(mut attempt: impl FnMut() -> Duration) {
    let taken: Vec<Duration> = (0..5).map(|_| attempt()).collect();
    assert!(taken.iter().any(|time| *time < Duration::from_millis(500)), "{taken:?}");
}

/// Runs such a tile and returns the kind of its error. The caller provides the buffers, so that the run starts at once.
fn run_long(session: &dyn Session, data: &[f32], made: &mut [f32], cancel: &Cancel) -> Option<ErrorKind> {
    let inputs = [Tensor { name: "input", shape: [1, 3, LONG, LONG], data }];
    let output = TensorMut { name: "output", shape: [1, 3, LONG * 4, LONG * 4], data: made };
    session.run(&inputs, output, cancel).err().map(|error| error.kind())
}

#[test]
fn a_running_tile_can_be_cancelled_and_the_session_stays_usable() {
    let session = open_slow();
    let before = run(&*session, 16, 16, &Cancel::new()).unwrap();
    let data = picture(LONG, LONG);
    let mut made = vec![0.0; data.len() * 16];
    assert_prompt(|| {
        let cancel = Cancel::new();
        thread::scope(|scope| {
            let running = scope.spawn(|| run_long(&*session, &data, &mut made, &cancel));
            thread::sleep(Duration::from_millis(300));
            assert!(!running.is_finished(), "the tile is too small for this test");
            let start = Instant::now();
            cancel.cancel();
            assert_eq!(running.join().unwrap(), Some(ErrorKind::Cancelled));
            start.elapsed()
        })
    });
    assert_eq!(run(&*session, 16, 16, &Cancel::new()).unwrap(), before);
    // A run that was cancelled before it started fails too.
    let cancel = Cancel::new();
    cancel.cancel();
    assert_eq!(run(&*session, 16, 16, &cancel).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_waiting_caller_can_be_cancelled() {
    let session = open_slow();
    let data = picture(LONG, LONG);
    let mut made = [vec![0.0; data.len() * 16], vec![0.0; data.len() * 16]];
    assert_prompt(|| {
        let (first, second) = (Cancel::new(), Cancel::new());
        let [one, other] = &mut made;
        thread::scope(|scope| {
            let running = scope.spawn(|| run_long(&*session, &data, one, &first));
            let waiting = scope.spawn(|| run_long(&*session, &data, other, &second));
            thread::sleep(Duration::from_millis(300));
            // It does not matter which of the two is waiting.
            let start = Instant::now();
            second.cancel();
            assert_eq!(waiting.join().unwrap(), Some(ErrorKind::Cancelled));
            let taken = start.elapsed();
            first.cancel();
            assert_eq!(running.join().unwrap(), Some(ErrorKind::Cancelled));
            taken
        })
    });
}

#[test]
fn an_unexpected_output_shape_is_refused() {
    let session = open();
    for _ in 0..2 {
        let mut made = [7.0; 3 * 8 * 8];
        let output = TensorMut { name: "output", shape: [1, 3, 8, 8], data: &mut made };
        let inputs = [Tensor { name: "input", shape: [1, 3, 4, 4], data: &[0.5; 48] }];
        let error = session.run(&inputs, output, &Cancel::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelContract, "{error}");
        assert!(error.message().contains("[1, 3, 16, 16]"), "{error}");
        assert!(made.iter().all(|value| *value == 7.0), "the output was written to");
    }
    run(&*session, 8, 8, &Cancel::new()).unwrap();
}

#[test]
fn invalid_tensors_give_errors_and_the_session_stays_usable() {
    let session = open();
    let tries: [(&str, [usize; 4], usize); 5] = [
        ("input", [1, 3, 4, 4], 47),
        ("input", [1, 3, 0, 4], 0),
        ("input", [1, 1, 4, 4], 16),
        ("input", [usize::MAX, 2, 2, 2], 8),
        ("picture", [1, 3, 4, 4], 48),
    ];
    for (name, shape, values) in tries {
        let data = vec![0.5; values];
        let mut made = vec![0.0; 768];
        let output = TensorMut { name: "output", shape: [1, 3, 16, 16], data: &mut made };
        let error = session.run(&[Tensor { name, shape, data: &data }], output, &Cancel::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{shape:?}: {error:?}");
    }
    run(&*session, 8, 8, &Cancel::new()).unwrap();
}

#[test]
fn an_unknown_device_is_refused() {
    let listed: Vec<String> = engine().devices().into_iter().map(|device| device.id).collect();
    for id in ["tpu", "cuda:0", "cuda:x", "cpu:1", "", "webgpu:0"]
        .into_iter()
        .filter(|id| !listed.contains(&(*id).to_owned()))
    {
        let mut options = SessionOptions::default();
        options.device = Some(id.to_owned());
        let error = engine().open(&default_model(), &options).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Device, "{id}: {error}");
        assert!(error.message().contains("cpu"));
    }
    let mut options = SessionOptions::default();
    options.precision = Precision::Exact;
    assert!(engine().open(&default_model(), &options).unwrap().is_exact());
}

#[test]
fn a_manifest_with_wrong_tensor_names_is_refused() {
    for (from, to) in [("name = \"input\"", "name = \"x\""), ("name = \"output\"", "name = \"y\"")] {
        let model = Model::from_bytes(&MANIFEST.replace(from, to), NETWORK).unwrap();
        let error = engine().open(&model, &SessionOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ModelContract, "{error}");
    }
}

#[test]
fn an_invalid_network_gives_an_error_and_the_next_one_opens() {
    // The SHA-256 of an empty file, so that the engine and not the registry refuses it.
    let manifest = MANIFEST
        .replace("size = 4861396", "size = 0")
        .replace("2cb45c1ec9206555aa189d13c291e6b95a1103a73b856df57d6cdd445e0df1e0", NOTHING);
    let model = Model::from_bytes(&manifest, &[][..]).unwrap();
    let error = engine().open(&model, &SessionOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{error}");
    run(&*open(), 8, 8, &Cancel::new()).unwrap();
}

const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn the_report_names_the_library_in_use() {
    let engine = engine();
    let report = ort_report();
    assert_eq!(report.problem, None);
    assert_eq!(report.version, Some(engine.version()));
    assert_eq!(report.devices, engine.devices());
    assert_eq!(report.places.len(), 1, "a library that is named is the only place");
    assert_eq!(report.places[0].verdict, Verdict::Usable(engine.version()));
    assert_eq!(report.library.as_ref(), Some(&report.places[0].path));
}
