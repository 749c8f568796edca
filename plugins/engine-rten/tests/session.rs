//! What is peculiar to this engine, with the model that Enlarger carries. What all engines owe is in `tests/tests/sessions.rs`.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{Cancel, DEFAULT_MODEL, Engine, ErrorKind, Model, Registry, Session, SessionOptions, Tensor, TensorMut};
use enlarger_engine_rten::Rten;

fn default_model() -> Model {
    Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
}

fn open() -> Arc<dyn Session> {
    Rten::new().open(&default_model(), &SessionOptions::default()).unwrap()
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
fn a_cancel_stops_a_tile_of_the_best_size_and_the_session_lives_on() {
    let session = open();
    let before = run(&*session, 16, 16).unwrap();
    let usage = session.usage();
    assert!(usage.interruptible, "the default network has places to stop");
    assert!(u64::from(usage.tile).pow(2) <= usage.max_tile_pixels.unwrap());
    let (cancel, side) = (Cancel::new(), usage.tile as usize);
    let data = picture(side, side);
    let mut made = vec![0.0; data.len() * 16];
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            let inputs = [Tensor { name: "input", shape: [1, 3, side, side], data: &data }];
            let output = TensorMut { name: "output", shape: [1, 3, side * 4, side * 4], data: &mut made };
            session.run(&inputs, output, &cancel)
        });
        thread::sleep(Duration::from_millis(300));
        assert!(!running.is_finished(), "the tile is too small for this test");
        let start = Instant::now();
        cancel.cancel();
        assert_eq!(running.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        // Usually half a second; other programs may have begun to run since it measured itself.
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    });
    assert_eq!(run(&*session, 16, 16).unwrap(), before);
}
