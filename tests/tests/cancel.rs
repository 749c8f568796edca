//! Progress never goes backwards, and a cancel is answered within half a second whatever the engine does.

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
use enlarger_tests::{Picture, Toy, default_model, enlarge_until, job, real_engines, toy_model, upscaler};

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

/// Cancels after a while, from another thread. Returns how long the caller waited for the answer.
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

/// An engine whose first tile fails, and whose others wait until they are told to stop.
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

/// A run that fails takes its other tiles with it: nobody waits for them.
#[test]
fn what_still_works_is_stopped_when_a_run_ends() {
    let stopped = Arc::new(AtomicUsize::new(0));
    let session = Uneven { device: device("cpu"), stopped: stopped.clone() };
    let up = upscaler(&toy_model(2, 0), Arc::new(OfOne(Arc::new(session))));
    let job = job(Target::Factor(2.0), |j| j.tile = Some(60));
    let error = enlarge_until(&up, &picture(), RGB8, &job, &Cancel::new(), &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Device, "{error}");
    let start = Instant::now();
    while stopped.load(Ordering::SeqCst) == 0 {
        assert!(start.elapsed() < Duration::from_secs(10), "a tile is still waiting");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_hanging_engine_is_left_behind() {
    for interruptible in [true, false] {
        let mut toy = Toy { fault: Fault::Hang, ..Toy::default() };
        toy.usage.interruptible = interruptible;
        let up = upscaler(&toy_model(2, 0), Arc::new(toy));
        let waited = cancelled_after(&up, &picture(), &Job::new(Target::Factor(2.0)), Duration::from_millis(100));
        assert!(waited < Duration::from_millis(500), "{waited:?}");
    }
}

/// Loading a network can take long; a caller who cancels does not wait for the one that the ladder opens.
#[test]
fn a_slow_rung_is_left_behind() {
    let toy = Toy {
        fault: Fault::Nan,
        faults: 1,
        devices: vec![device("gpu:0")],
        opening: Duration::from_secs(2),
        ..Toy::default()
    };
    let up = upscaler(&toy_model(2, 0), Arc::new(toy));
    let waited = cancelled_after(&up, &picture(), &Job::new(Target::Factor(2.0)), Duration::from_millis(100));
    assert!(waited < Duration::from_millis(500), "{waited:?}");
}

/// Both real engines, in the middle of a tile as large as they like them.
#[test]
fn real_engines_are_cancelled() {
    let cat = Picture::photo("cat.png");
    let large = Picture::from_fn(700, 700, RGB8, |x, y, c| cat.at(x % 257, y % 199, c));
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine.clone());
        let job = Job::new(Target::Factor(4.0));
        let waited = cancelled_after(&up, &large, &job, Duration::from_millis(400));
        assert!(waited < Duration::from_millis(500), "{}: {waited:?}", engine.id());
        // The session is as good as new.
        let small = cat.crop(enlarger::Rect { x: 0, y: 0, width: 20, height: 20 });
        enlarge_until(&up, &small, RGB8, &job, &Cancel::new(), &mut |_| {}).unwrap();
    }
}

/// An engine that can be interrupted late or not at all says how large a tile may be, and the plan keeps to it.
#[test]
fn tiles_of_an_engine_that_stops_late_are_bounded() {
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine.clone());
        let usage = up.session().usage();
        let plan = up.plan(enlarger::Size { width: 3000, height: 2000 }, &Job::new(Target::Factor(4.0))).unwrap();
        match usage.max_tile_pixels {
            Some(most) => assert!(plan.largest_tile.pixels() <= most, "{plan:?} {usage:?}"),
            None => assert!(usage.interruptible),
        }
    }
}

#[test]
fn a_raised_cancel_starts_nothing() {
    let toy = Toy::default();
    let runs = toy.runs.clone();
    let up = upscaler(&toy_model(2, 0), Arc::new(toy));
    let cancel = Cancel::new();
    cancel.cancel();
    let error = enlarge_until(&up, &picture(), RGB8, &Job::new(Target::Factor(2.0)), &cancel, &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}
