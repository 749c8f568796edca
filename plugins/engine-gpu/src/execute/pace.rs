//! How much work is submitted at a time.
//!
//! A GPU that computes for seconds without a pause freezes the screen, and systems reset it. So work is submitted in parts of
//! about 50 ms, by the rate that was measured for the parts before. The first part is tiny, because nothing is known of the device.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a part should take.
const PART: Duration = Duration::from_millis(50);

/// The cost of the first part, in products. The slowest GPU computes it within milliseconds.
const FIRST: f64 = 2e7;

/// How much larger a part may be than the one before.
const GROWTH: f64 = 4.0;

/// The pace of a device.
#[derive(Debug)]
pub(super) struct Pace {
    /// The cost of the next part.
    part: Mutex<f64>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Pace { part: Mutex::new(FIRST) }
    }

    /// The cost of the next part.
    pub(super) fn part(&self) -> u64 {
        *self.part.lock().unwrap_or_else(PoisonError::into_inner) as u64
    }

    /// Learns how long a part took.
    pub(super) fn learn(&self, cost: u64, took: Duration) {
        let mut part = self.part.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = cost as f64 / took.as_secs_f64().max(1e-5) * PART.as_secs_f64();
        *part = fitting.clamp(FIRST / GROWTH, (*part).max(FIRST) * GROWTH);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device of this rate, in products a second, that takes 0.2 ms for each part besides.
    fn longest_part(rate: f64, row: u64) -> Duration {
        let pace = Pace::new();
        let mut longest = Duration::ZERO;
        for _ in 0..50 {
            let cost = pace.part().max(row) / row * row;
            let took = Duration::from_secs_f64(cost as f64 / rate + 2e-4);
            pace.learn(cost, took);
            longest = longest.max(took);
        }
        // It has found its pace by now.
        let last = Duration::from_secs_f64(pace.part() as f64 / rate);
        assert!(last <= PART && last >= PART / 2 || rate < 1e9, "{rate}: {last:?}");
        longest
    }

    #[test]
    fn parts_take_at_most_a_tenth_of_a_second() {
        for rate in [1e10, 1e11, 1e12, 3e13] {
            let longest = longest_part(rate, 1_000_000);
            assert!(longest <= Duration::from_millis(100), "{rate} products a second: {longest:?}");
        }
    }

    #[test]
    fn a_slow_part_makes_the_next_one_small() {
        let pace = Pace::new();
        (0..10).for_each(|_| pace.learn(pace.part(), Duration::from_millis(1)));
        let before = pace.part();
        pace.learn(before, Duration::from_secs(5));
        assert!(pace.part() <= before / 90);
    }
}
