//! What is peculiar to this engine, with the model that Enlarger carries. What all engines owe is in `tests/tests/sessions.rs`.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{
    Cancel, DEFAULT_MODEL, Engine, ErrorKind, Model, Precision, Registry, Session, SessionOptions, Tensor, TensorMut,
};
use enlarger_engine_winograd::Winograd;

fn default_model() -> Model {
    Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
}

fn open() -> Arc<dyn Session> {
    Winograd::new().open(&default_model(), &SessionOptions::default()).unwrap()
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

#[test]
fn a_cancel_stops_a_tile_and_the_session_lives_on() {
    let session = open();
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
