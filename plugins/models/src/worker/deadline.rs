//! The deadline of work that may be given to several workers, one after the other.

use std::time::{Duration, Instant};

/// A moment, and the time until then that was allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// The seconds that were allowed in all.
    pub(crate) seconds: u64,
    began: Instant,
}

impl Deadline {
    /// So many seconds from now.
    pub(crate) fn after(seconds: u64) -> Self {
        Deadline { seconds, began: Instant::now() }
    }

    /// The time that is left; zero once the deadline has passed.
    pub(crate) fn left(&self) -> Duration {
        Duration::from_secs(self.seconds).saturating_sub(self.began.elapsed())
    }
}
