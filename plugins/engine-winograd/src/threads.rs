//! Sharing the rows of a picture out among threads.
//!
//! A picture is cut into strips; each is one thread's alone, so nothing is locked. With one thread everything happens
//! on the caller's. A strip must never be smaller than it pays.

use enlarger::{Error, ErrorKind, Result};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Strips for each thread: enough that one that is held up does not hold up all.
const STRIPS: usize = 4;

/// Threads that run the steps of a tile.
pub(crate) struct Threads {
    pool: Option<ThreadPool>,
}

impl Threads {
    /// # Errors
    /// `Memory` if they cannot be started.
    pub(crate) fn new(threads: usize) -> Result<Self> {
        if threads <= 1 {
            return Ok(Threads { pool: None });
        }
        let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("winograd-{i}")).build();
        let pool = pool.map_err(|e| {
            let sentence = format!("{threads} threads cannot be started: {e}; ask for fewer");
            Error::new(ErrorKind::Memory, sentence).caused_by(e)
        })?;
        Ok(Threads { pool: Some(pool) })
    }

    /// What `work` makes of each item.
    pub(crate) fn map<T: Sync, U: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> Result<U> + Send + Sync,
    ) -> Result<Vec<U>> {
        match &self.pool {
            Some(pool) => pool.install(|| items.par_iter().map(work).collect()),
            None => items.iter().map(work).collect(),
        }
    }

    /// Calls `work` for strips of `rows`, which are `row` values each. A strip has a multiple of `lines` rows, but for the
    /// last; `work` is told its first row.
    pub(crate) fn strips<T: Send>(
        &self,
        rows: &mut [T],
        row: usize,
        lines: usize,
        work: impl Fn(usize, &mut [T]) -> Result<()> + Sync,
    ) -> Result<()> {
        let Some(pool) = &self.pool else { return work(0, rows) };
        let strips = pool.current_num_threads() * STRIPS;
        let height = (rows.len() / row).div_ceil(lines).div_ceil(strips) * lines;
        pool.install(|| rows.par_chunks_mut(height * row).enumerate().try_for_each(|(i, rows)| work(i * height, rows)))
    }
}
