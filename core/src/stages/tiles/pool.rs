//! Threads that run tasks (tiles, or the steps of a row stream) while the caller waits, watches the cancellation token
//! and reports progress.
//!
//! A caller who cancels is answered at once, even if the engine cannot be interrupted: the thread finishes its task
//! alone and the result is dropped. So a task must own everything that it touches.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::run::run::Run;

/// How often a waiting caller checks the cancellation token.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// The number of checks between two progress reports while no result arrives: ten reports a second, for hosts that must
/// serve their user interface meanwhile.
const CHECKS_PER_REPORT: u32 = 5;

type Task<T> = Box<dyn FnOnce() -> Result<T> + Send>;

/// Threads with one queue of tasks. Tasks and results carry a number that the caller chooses.
pub(crate) struct Pool<T> {
    tasks: Sender<(usize, Task<T>)>,
    results: Receiver<(usize, Result<T>)>,
}

impl<T: Send + 'static> Pool<T> {
    /// Starts `threads` threads. They end once the pool is dropped and their current task is done.
    ///
    /// # Errors
    /// `Memory` if a thread cannot be started.
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

    /// Queues a task. Tasks start in the order in which they are queued.
    pub(crate) fn submit(&self, number: usize, task: impl FnOnce() -> Result<T> + Send + 'static) -> Result<()> {
        self.tasks.send((number, Box::new(task))).map_err(|_| threads_ended())
    }

    /// Waits for the next result, whichever task it belongs to. The inner error is the task's; a panic of the task
    /// becomes the error `Panic`.
    ///
    /// # Errors
    /// `Cancelled` once the run is cancelled.
    pub(crate) fn wait(&self, run: &mut Run<'_>) -> Result<(usize, Result<T>)> {
        for check in 1u32.. {
            run.cancel.check()?;
            match self.results.recv_timeout(CHECK_INTERVAL) {
                Ok(result) => return Ok(result),
                Err(RecvTimeoutError::Timeout) if check.is_multiple_of(CHECKS_PER_REPORT) => run.tell(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Err(threads_ended())
    }
}

/// Runs tasks from the queue until the pool is dropped.
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

/// The kind is `Memory`: a thread that cannot be started usually lacks memory for its stack.
fn no_thread(error: std::io::Error) -> Error {
    let message = format!("a thread could not be started ({error}); close other programs");
    Error::new(ErrorKind::Memory, message).caused_by(error)
}

fn threads_ended() -> Error {
    Error::new(ErrorKind::Internal, "the threads that run tiles have ended unexpectedly; please report this")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::with_run;

    #[test]
    fn results_carry_the_number_of_their_task() {
        let pool = Pool::new(2).unwrap();
        for number in 0..8usize {
            pool.submit(number, move || Ok(number * number)).unwrap();
        }
        with_run(&Cancel::new(), |run| {
            let mut results: Vec<_> = (0..8).map(|_| pool.wait(run).unwrap()).collect();
            results.sort_by_key(|(number, _)| *number);
            assert!(results.iter().all(|(number, result)| *result.as_ref().unwrap() == number * number));
        });
    }

    #[test]
    fn a_panic_becomes_an_error_and_the_thread_goes_on() {
        let pool = Pool::new(1).unwrap();
        pool.submit(0, || panic!("no filter {}", 3)).unwrap();
        pool.submit(1, || Ok(())).unwrap();
        with_run(&Cancel::new(), |run| {
            let error = pool.wait(run).unwrap().1.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Panic);
            assert!(error.message().contains("the engine panicked (no filter 3)"), "{error}");
            assert!(pool.wait(run).unwrap().1.is_ok());
        });
    }

    #[test]
    fn a_cancel_is_answered_while_a_task_hangs() {
        let pool = Pool::new(1).unwrap();
        let (release, hang) = channel::<()>();
        pool.submit(0, move || Ok(hang.recv().is_ok())).unwrap();
        let cancel = Cancel::new();
        let canceller = cancel.clone();
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            canceller.cancel();
        });
        let (result, _) = with_run(&cancel, |run| pool.wait(run));
        assert_eq!(result.err().map(|e| e.kind()), Some(ErrorKind::Cancelled));
        drop(release);
        thread.join().unwrap();
    }

    #[test]
    fn a_waiting_caller_is_reported_to() {
        let pool = Pool::new(1).unwrap();
        pool.submit(0, || {
            thread::sleep(CHECK_INTERVAL * (3 * CHECKS_PER_REPORT));
            Ok(())
        })
        .unwrap();
        let cancel = Cancel::new();
        let mut reports = 0;
        let mut count = |_| reports += 1;
        let mut run = Run::new(&cancel, &mut count, 1, 1);
        pool.wait(&mut run).unwrap().1.unwrap();
        drop(run);
        assert!(reports >= 2, "{reports} reports");
    }
}
