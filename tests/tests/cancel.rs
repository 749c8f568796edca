//! Progress never goes backwards, and a run returns within half a second of a cancel whatever the engine does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{
    Cancel, Device, Engine, Error, ErrorKind, Job, Model, Phase, Progress, Session, SessionOptions, Target, Tensor,
    TensorMut, Usage,
};
use enlarger_tests::picture::RGB8;
use enlarger_tests::toy::{Fault, device};
use enlarger_tests::{
    Picture, Toy, assert_prompt, default_model, enlarge_until, job, real_engines, toy_model, upscaler,
};

/// The time within which a cancelled run returns.
const PROMPT: Duration = Duration::from_millis(500);

fn picture() -> Picture {
    of_height(120)
}

fn of_height(height: u32) -> Picture {
    Picture::from_fn(120, height, RGB8, |x, y, c| ((x + 2 * y + c as u32 * 9) % 100) as f32 / 100.0)
}

#[test]
fn progress_goes_forward_to_the_end() {
    let picture = of_height(400);
    for (streams, factor) in [(false, 2.0), (true, 2.0), (false, 3.3), (false, 0.5)] {
        let toy = Toy { streams, fault: Fault::Nan, faults: usize::from(!streams), ..Toy::default() };
        let up = upscaler(&toy_model(2, 0), Arc::new(toy));
        let job = job(Target::Factor(factor), |j| j.tile = (!streams).then_some(33));
        let plan = up.plan(picture.size, &job).unwrap();
        assert!(plan.bands >= 3 || factor < 1.0, "{plan:?}");
        let total = plan.tiles;
        let mut seen: Vec<Progress> = Vec::new();
        enlarge_until(&up, &picture, RGB8, &job, &Cancel::new(), &mut |p| seen.push(p)).unwrap();
        for pair in seen.windows(2) {
            assert!(pair[0].phase <= pair[1].phase);
            assert!(pair[0].tiles_done <= pair[1].tiles_done && pair[0].rows_done <= pair[1].rows_done);
        }
        let (first, last) = (seen[0], seen[seen.len() - 1]);
        assert_eq!((first.phase, first.tiles_done), (Phase::Prepare, 0));
        assert_eq!((last.phase, last.tiles_done, last.tiles_total), (Phase::Finish, total, total));
        assert_eq!(last.rows_done, last.rows_total);
    }
}

/// Cancels from another thread after this time. Returns how long the run then took to return.
fn cancelled_after(up: &enlarger::Upscaler, picture: &Picture, job: &Job, after: Duration) -> Duration {
    let cancel = Cancel::new();
    let clone = cancel.clone();
    let thread = thread::spawn(move || {
        thread::sleep(after);
        let start = Instant::now();
        clone.cancel();
        start
    });
    let error = enlarge_until(up, picture, RGB8, job, &cancel, &mut |_| {}).unwrap_err();
    let start = thread.join().unwrap();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    start.elapsed()
}

/// An engine whose first tile fails, and whose other tiles wait until they are cancelled.
struct Uneven {
    device: Device,
    stopped: Arc<AtomicUsize>,
}

impl Session for Uneven {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        true
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.parallel = 2;
        usage
    }

    fn run(&self, inputs: &[Tensor<'_>], _: TensorMut<'_>, cancel: &Cancel) -> Result<(), Error> {
        // Only the first tile of the picture begins with black.
        if inputs[0].data[0] == 0.0 {
            return Err(Error::new(ErrorKind::Device, "it is broken; mend it"));
        }
        while !cancel.is_cancelled() {
            thread::sleep(Duration::from_millis(1));
        }
        self.stopped.fetch_add(1, Ordering::SeqCst);
        Err(Error::cancelled())
    }
}

struct OfOne(Arc<Uneven>);

impl Engine for OfOne {
    fn id(&self) -> &str {
        "uneven"
    }

    fn version(&self) -> String {
        "1".into()
    }

    fn devices(&self) -> Vec<Device> {
        vec![self.0.device.clone()]
    }

    fn open(&self, _: &Model, _: &SessionOptions) -> Result<Arc<dyn Session>, Error> {
        Ok(self.0.clone())
    }
}

/// A run that fails cancels its other tiles.
#[test]
fn a_failed_run_cancels_its_other_tiles() {
    let stopped = Arc::new(AtomicUsize::new(0));
    let session = Uneven { device: device("cpu"), stopped: stopped.clone() };
    let up = upscaler(&toy_model(2, 0), Arc::new(OfOne(Arc::new(session))));
    let job = job(Target::Factor(2.0), |j| j.tile = Some(60));
    let error = enlarge_until(&up, &picture(), RGB8, &job, &Cancel::new(), &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Device, "{error}");
    let start = Instant::now();
    while stopped.load(Ordering::SeqCst) == 0 {
        assert!(start.elapsed() < Duration::from_secs(10), "a tile was not cancelled");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_run_does_not_wait_for_an_engine_that_hangs() {
    for interruptible in [true, false] {
        assert_prompt(PROMPT, || {
            let mut toy = Toy { fault: Fault::Hang, ..Toy::default() };
            toy.usage.interruptible = interruptible;
            let up = upscaler(&toy_model(2, 0), Arc::new(toy));
            cancelled_after(&up, &picture(), &Job::new(Target::Factor(2.0)), Duration::from_millis(100))
        });
    }
}

/// Opening a session can take long. A cancelled run does not wait for the one that a retry opens.
#[test]
fn a_run_does_not_wait_for_a_session_that_opens_slowly() {
    assert_prompt(PROMPT, || {
        let toy = Toy {
            fault: Fault::Nan,
            faults: 1,
            devices: vec![device("gpu:0")],
            opening: Duration::from_secs(2),
            ..Toy::default()
        };
        let up = upscaler(&toy_model(2, 0), Arc::new(toy));
        cancelled_after(&up, &picture(), &Job::new(Target::Factor(2.0)), Duration::from_millis(100))
    });
}

/// Real engines, in the middle of a tile of the size that they prefer.
#[test]
fn real_engines_are_cancelled() {
    let cat = Picture::photo("cat.png");
    let large = Picture::from_fn(700, 700, RGB8, |x, y, c| cat.at(x % 257, y % 199, c));
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine.clone());
        let job = Job::new(Target::Factor(4.0));
        assert_prompt(PROMPT, || cancelled_after(&up, &large, &job, Duration::from_millis(400)));
        // The session can still be used.
        let small = cat.crop(enlarger::Rect { x: 0, y: 0, width: 20, height: 20 });
        enlarge_until(&up, &small, RGB8, &job, &Cancel::new(), &mut |_| {}).unwrap();
    }
}

/// An engine that cannot be interrupted soon limits the size of tiles, and the plan keeps to that.
#[test]
fn tiles_of_an_engine_that_stops_late_are_bounded() {
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine.clone());
        let usage = up.session().unwrap().usage();
        let plan = up.plan(enlarger::Size { width: 3000, height: 2000 }, &Job::new(Target::Factor(4.0))).unwrap();
        match usage.max_tile_pixels {
            Some(most) => assert!(plan.largest_tile.pixels() <= most, "{plan:?} {usage:?}"),
            None => assert!(usage.interruptible),
        }
    }
}

#[test]
fn a_run_with_a_requested_cancel_does_not_begin() {
    let toy = Toy::default();
    let runs = toy.runs.clone();
    let up = upscaler(&toy_model(2, 0), Arc::new(toy));
    let cancel = Cancel::new();
    cancel.cancel();
    let error = enlarge_until(&up, &picture(), RGB8, &Job::new(Target::Factor(2.0)), &cancel, &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}
