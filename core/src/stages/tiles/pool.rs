//! Threads that work on tiles while the caller waits, watches for a cancel and reports.
//!
//! A caller who cancels is answered at once, even if a network cannot be stopped: its thread goes on alone, and what
//! it makes is dropped. So a task owns all that it touches.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::run::run::Run;

/// How often a waiting caller looks at the cancel.
const WATCH: Duration = Duration::from_millis(20);

/// How many such looks there are from one report to the next while nothing new happens: ten reports a second, for hosts
/// that must look after their user meanwhile.
const LOOKS: u32 = 5;

type Task<T> = Box<dyn FnOnce() -> Result<T> + Send>;

pub(crate) struct Pool<T> {
    tasks: Sender<(usize, Task<T>)>,
    results: Receiver<(usize, Result<T>)>,
}

impl<T: Send + 'static> Pool<T> {
    /// A pool of `threads` threads, which end when the pool is dropped and their task is done.
    pub(crate) fn new(threads: usize) -> Result<Self> {
        let (tasks, queue) = channel::<(usize, Task<T>)>();
        let (done, results) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let (queue, done) = (queue.clone(), done.clone());
            thread::Builder::new()
                .name("enlarger-tile".into())
                .spawn(move || work(&queue, &done))
                .map_err(no_thread)?;
        }
        Ok(Pool { tasks, results })
    }

    /// Queues a task under a number of the caller's.
    pub(crate) fn submit(&self, number: usize, task: impl FnOnce() -> Result<T> + Send + 'static) -> Result<()> {
        self.tasks.send((number, Box::new(task))).map_err(|_| gone())
    }

    /// The next task that is done, in any order; or the error of a cancelled run.
    pub(crate) fn wait(&self, run: &mut Run<'_>) -> Result<(usize, Result<T>)> {
        for look in 1u32.. {
            run.cancel.check()?;
            match self.results.recv_timeout(WATCH) {
                Ok(result) => return Ok(result),
                Err(RecvTimeoutError::Timeout) if look.is_multiple_of(LOOKS) => run.tell(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Err(gone())
    }
}

fn work<T>(queue: &Mutex<Receiver<(usize, Task<T>)>>, done: &Sender<(usize, Result<T>)>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, task)) = next else { return };
        let result = catch_unwind(AssertUnwindSafe(task)).unwrap_or_else(|panic| Err(panicked(&*panic)));
        if done.send((number, result)).is_err() {
            return;
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::new(
        ErrorKind::Panic,
        format!("the engine panicked ({}); try another engine and please report this", text.unwrap_or("no message")),
    )
}

/// What a thread needs first is memory for its stack.
fn no_thread(error: std::io::Error) -> Error {
    let message = format!("a thread could not be started ({error}); close other programs");
    Error::new(ErrorKind::Memory, message).caused_by(error)
}

fn gone() -> Error {
    Error::new(ErrorKind::Internal, "the threads that run tiles are gone; please report this")
}
