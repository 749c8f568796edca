//! The contract of sessions, tested on each real engine with the embedded model.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{Cancel, Engine, ErrorKind, Model, Precision, Result, Session, SessionOptions, Tensor, TensorMut};
use enlarger_tests::{DEFAULT_MANIFEST, assert_prompt, default_model, default_model_with, real_engine, real_engines};

fn open(engine: &dyn Engine) -> Arc<dyn Session> {
    engine.open(&default_model(), &SessionOptions::default()).unwrap()
}

fn refused(engine: &dyn Engine, model: &Model, options: &SessionOptions) -> enlarger::Error {
    engine.open(model, options).err().unwrap_or_else(|| panic!("{} opened it", engine.id()))
}

/// A gradient with a pattern on it.
fn picture(width: usize, height: usize) -> Vec<f32> {
    (0..3 * width * height).map(|i| 0.2 + 0.5 * (i % width) as f32 / width as f32 + 0.1 * (i % 3) as f32).collect()
}

fn run(session: &dyn Session, width: usize, height: usize) -> Result<Vec<f32>> {
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
    for engine in real_engines() {
        let session = open(&*engine);
        for (width, height) in [(1, 1), (1, 9), (7, 2), (33, 20)] {
            let made = run(&*session, width, height).unwrap();
            assert!(made.iter().all(|value| value.is_finite()));
            let (from, to) = (mean(&picture(width, height)), mean(&made));
            let near = (from - to).abs() < 16.0 / 255.0;
            assert!(near, "{} on {width}x{height}: mean {from} became {to}", engine.id());
        }
    }
}

#[test]
fn several_threads_may_run_one_session() {
    for engine in real_engines() {
        let session = open(&*engine);
        let alone = run(&*session, 24, 24).unwrap();
        thread::scope(|scope| {
            for worker in [(); 4].map(|()| scope.spawn(|| run(&*session, 24, 24).unwrap())) {
                assert_eq!(worker.join().unwrap(), alone, "{}", engine.id());
            }
        });
    }
}

#[test]
fn a_run_with_a_requested_cancel_does_not_begin() {
    let cancel = Cancel::new();
    cancel.cancel();
    for engine in real_engines() {
        let output = TensorMut { name: "output", shape: [1, 3, 4, 4], data: &mut [0.0; 48] };
        let inputs = [Tensor { name: "input", shape: [1, 3, 1, 1], data: &[0.5; 3] }];
        let error = open(&*engine).run(&inputs, output, &cancel).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{}", engine.id());
    }
}

#[test]
fn a_cancel_stops_a_tile_and_the_session_stays_usable() {
    // The side of a tile that takes long enough; how many milliseconds it gets to begin; and how many seconds the session may
    // take to return. Winograd takes some milliseconds, RTen half a second. ONNX Runtime cannot be stopped, so its tiles are small.
    for (id, side, begun, answer) in [("winograd", Some(1000), 100, 1), ("rten", None, 300, 4)] {
        let session = open(&*real_engine(id));
        let before = run(&*session, 16, 16).unwrap();
        let usage = session.usage();
        assert!(usage.interruptible, "{id}: the default network can be interrupted");
        assert_eq!(
            usage.max_tile_pixels.is_some(),
            id == "rten",
            "{id}: only RTen stops between nodes, which take their time"
        );
        assert!(usage.max_tile_pixels.is_none_or(|most| u64::from(usage.tile).pow(2) <= most), "{id}");
        let side = side.unwrap_or(usage.tile as usize);
        let data = picture(side, side);
        let mut made = vec![0.0; data.len() * 16];
        assert_prompt(Duration::from_secs(answer), || {
            let cancel = Cancel::new();
            thread::scope(|scope| {
                let running = scope.spawn(|| {
                    let inputs = [Tensor { name: "input", shape: [1, 3, side, side], data: &data }];
                    let output = TensorMut { name: "output", shape: [1, 3, side * 4, side * 4], data: &mut made };
                    session.run(&inputs, output, &cancel)
                });
                thread::sleep(Duration::from_millis(begun));
                assert!(!running.is_finished(), "{id}: the tile is too small for this test");
                let start = Instant::now();
                cancel.cancel();
                assert_eq!(running.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled, "{id}");
                start.elapsed()
            })
        });
        assert_eq!(run(&*session, 16, 16).unwrap(), before, "{id}");
    }
}

fn open_with(engine: &dyn Engine, precision: Precision, threads: usize) -> Arc<dyn Session> {
    let mut options = SessionOptions::default();
    (options.precision, options.threads) = (precision, Some(threads));
    engine.open(&default_model(), &options).unwrap()
}

#[test]
fn sessions_have_the_requested_precision() {
    let winograd = real_engine("winograd");
    let exact = open_with(&*winograd, Precision::Exact, 1);
    let fast = open_with(&*winograd, Precision::Fast, 1);
    assert!(exact.is_exact() && !fast.is_exact());
    let auto = open_with(&*winograd, Precision::Auto, 1);
    assert!(!auto.is_exact(), "the default network is right in the fast precision");
    let (a, b) = (run(&*exact, 40, 30).unwrap(), run(&*fast, 40, 30).unwrap());
    let greatest = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(greatest > 0.0 && greatest < 4.0 / 255.0, "{greatest}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let winograd = real_engine("winograd");
    for precision in [Precision::Exact, Precision::Fast] {
        let one = run(&*open_with(&*winograd, precision, 1), 61, 47).unwrap();
        assert_eq!(run(&*open_with(&*winograd, precision, 3), 61, 47).unwrap(), one);
    }
}

#[test]
fn an_unexpected_output_shape_is_refused_and_nothing_is_written() {
    for engine in real_engines() {
        let session = open(&*engine);
        let mut made = [7.0; 3 * 8 * 8];
        let output = TensorMut { name: "output", shape: [1, 3, 8, 8], data: &mut made };
        let inputs = [Tensor { name: "input", shape: [1, 3, 4, 4], data: &[0.5; 48] }];
        let error = session.run(&inputs, output, &Cancel::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelContract, "{}", engine.id());
        assert!(made.iter().all(|value| *value == 7.0), "{}", engine.id());
        run(&*session, 8, 8).unwrap();
    }
}

#[test]
fn tensors_that_do_not_fit_are_errors() {
    let tries: [(&str, [usize; 4], usize); 6] = [
        ("input", [1, 3, 4, 4], 47),
        ("input", [1, 3, 0, 4], 0),
        ("input", [1, 1, 4, 4], 16),
        ("input", [usize::MAX, 2, 2, 2], 8),
        ("picture", [1, 3, 4, 4], 48),
        ("output", [1, 3, 4, 4], 48),
    ];
    for engine in real_engines() {
        let session = open(&*engine);
        for (name, shape, values) in tries {
            let data = vec![0.5; values];
            let mut made = vec![0.0; 768];
            let output = TensorMut { name: "output", shape: [1, 3, 16, 16], data: &mut made };
            let error = session.run(&[Tensor { name, shape, data: &data }], output, &Cancel::new()).unwrap_err();
            let known = matches!(error.kind(), ErrorKind::Argument | ErrorKind::Inference);
            assert!(known, "{} on {name} {shape:?}: {error:?}", engine.id());
        }
        run(&*session, 8, 8).unwrap();
    }
}

#[test]
fn an_unknown_device_is_refused() {
    let mut options = SessionOptions::default();
    options.device = Some("quantum:0".to_owned());
    for engine in real_engines() {
        let error = refused(&*engine, &default_model(), &options);
        assert_eq!(error.kind(), ErrorKind::Device, "{}", engine.id());
        assert!(error.message().contains("quantum:0"), "{error}");
    }
}

#[test]
fn a_manifest_that_names_other_tensors_is_refused() {
    for (from, to) in [("name = \"input\"", "name = \"x\""), ("name = \"output\"", "name = \"y\"")] {
        let model = default_model_with(|manifest| manifest.replace(from, to));
        for engine in real_engines() {
            let error = refused(&*engine, &model, &SessionOptions::default());
            assert_eq!(error.kind(), ErrorKind::ModelContract, "{}: {error}", engine.id());
        }
    }
}

#[test]
fn damaged_networks_are_errors() {
    let network = default_model().network().unwrap().into_owned();
    let model = Model::from_bytes(DEFAULT_MANIFEST, network[..network.len() / 2].to_vec()).unwrap();
    for engine in real_engines() {
        let error = refused(&*engine, &model, &SessionOptions::default());
        assert_eq!(error.kind(), ErrorKind::ModelHash, "{}", engine.id());
    }
}
