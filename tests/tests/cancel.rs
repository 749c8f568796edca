//! Progress never goes backwards, and a cancel is answered within half a second whatever the engine does.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{Cancel, ErrorKind, Job, Phase, Progress, Target};
use enlarger_tests::picture::RGB8;
use enlarger_tests::toy::{Fault, device};
use enlarger_tests::{Picture, Toy, default_model, enlarge_until, job, real_engines, toy_model, upscaler};

fn picture() -> Picture {
    Picture::from_fn(120, 120, RGB8, |x, y, c| ((x + 2 * y + c as u32 * 9) % 100) as f32 / 100.0)
}

#[test]
fn progress_goes_forward_to_the_end() {
    for (streams, factor) in [(false, 2.0), (true, 2.0), (false, 3.3), (false, 0.5)] {
        let toy = Toy { streams, fault: Fault::Nan, faults: usize::from(!streams), ..Toy::default() };
        let up = upscaler(&toy_model(2, 0), Arc::new(toy));
        let job = job(Target::Factor(factor), |j| j.tile = Some(33));
        let total = up.plan(picture().size, &job).unwrap().tiles;
        let mut seen: Vec<Progress> = Vec::new();
        enlarge_until(&up, &picture(), RGB8, &job, &Cancel::new(), &mut |p| seen.push(p)).unwrap();
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
