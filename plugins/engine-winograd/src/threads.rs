//! The threads of a session.
//!
//! With one thread everything happens on the caller's.

use enlarger::{Error, ErrorKind, Result};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads that run the stages of a network.
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

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::current_num_threads)
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

    /// Calls `work` on each of them, and comes back when all have.
    pub(crate) fn all(&self, work: impl Fn() + Send + Sync) {
        match &self.pool {
            Some(pool) => drop(pool.broadcast(|_| work())),
            None => work(),
        }
    }
}
