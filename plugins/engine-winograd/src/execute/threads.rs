//! The threads of a session.
//!
//! With one thread, all work happens on the caller's thread; a pool must never be started for it.

use enlarger::{Error, ErrorKind, Result};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The threads that execute a graph.
pub(crate) struct Threads {
    pool: Option<ThreadPool>,
}

impl Threads {
    /// # Errors
    /// `Memory` if the threads cannot be started.
    pub(crate) fn new(threads: usize) -> Result<Self> {
        if threads <= 1 {
            return Ok(Threads { pool: None });
        }
        let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("winograd-{i}")).build();
        let pool = pool.map_err(|e| {
            let message = format!("the winograd engine cannot start {threads} threads: {e}; ask for fewer");
            Error::new(ErrorKind::Memory, message).caused_by(e)
        })?;
        Ok(Threads { pool: Some(pool) })
    }

    /// The number of threads.
    pub(crate) fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Applies `work` to each item, in parallel; the results keep the items' order.
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

    /// Calls `work` once on every thread, and returns when all calls have returned.
    pub(crate) fn on_all(&self, work: impl Fn() + Send + Sync) {
        match &self.pool {
            Some(pool) => drop(pool.broadcast(|_| work())),
            None => work(),
        }
    }
}
