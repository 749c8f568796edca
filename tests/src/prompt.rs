//! Limits of time in tests that other programs run beside.

use std::time::Duration;

/// How many tries get a chance to be within a limit.
const TRIES: usize = 5;

/// Fails unless one of five tries takes less than the limit. What waits for a tile or hangs is too slow in each of them; a busy machine
/// is not.
pub fn assert_prompt(limit: Duration, mut attempt: impl FnMut() -> Duration) {
    let mut taken = Vec::new();
    for _ in 0..TRIES {
        taken.push(attempt());
        if taken[taken.len() - 1] < limit {
            return;
        }
    }
    panic!("all tries took longer than {limit:?}: {taken:?}");
}
