//! Measures how soon a run returns after a cancel: the middle and the longest time over all rounds, for each engine. The run has
//! a large picture, the default model and the tiles that the engine prefers, and is cancelled at another moment in each round.
//!
//!     cancel [ROUNDS]
//!
//! Run by `scripts/bench`.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{Cancel, ErrorKind, Job, Target};
use enlarger_tests::picture::RGB8;
use enlarger_tests::{Picture, default_model, enlarge_until, real_engines, upscaler};

fn main() {
    let rounds = env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(20);
    let cat = Picture::photo("cat.png");
    let large = Picture::from_fn(1600, 1600, RGB8, |x, y, c| cat.at(x % cat.size.width, y % cat.size.height, c));
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine.clone());
        let mut waits: Vec<Duration> = (0..rounds)
            .map(|round| {
                let cancel = Cancel::new();
                let canceller = cancel.clone();
                let asked = thread::spawn(move || {
                    thread::sleep(Duration::from_millis(300 + 67 * round));
                    let now = Instant::now();
                    canceller.cancel();
                    now
                });
                let job = Job::new(Target::Factor(4.0));
                let error = enlarge_until(&up, &large, RGB8, &job, &cancel, &mut |_| {}).expect_err("a cancelled run");
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
                asked.join().expect("the time of the cancel").elapsed()
            })
            .collect();
        waits.sort();
        let [middle, longest] = [waits.len() / 2, waits.len() - 1].map(|index| waits[index].as_secs_f64() * 1000.0);
        println!("{}: {middle:.0} ms, {longest:.0} ms at most; {rounds} rounds", engine.id());
    }
}
