//! The watch over a long operation: it reports to the caller, and notices a cancellation.
//!
//! Callers show windows that must stay alive, so there are reports at least ten times a second, on the caller's thread.
//! A report must never decide anything but whether the work goes on, which it does by cancelling.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{Cancel, Error, ErrorKind, Result};

/// The time between two looks at work that goes on elsewhere.
pub(crate) const INTERVAL: Duration = Duration::from_millis(20);

/// The time between two reports on the same step.
const REPORTS: Duration = Duration::from_millis(80);

/// What an operation tells its caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Report<'a> {
    /// The step that is going on. A fraction from 0 to 1 belongs to this step and is `None` where it cannot be known.
    Step {
        /// The step in words, such as "testing the model".
        text: &'a str,
        /// How much of the step is done.
        fraction: Option<f64>,
    },
    /// Something that the user should know.
    Info(&'a str),
    /// Something that helps to find out what went wrong.
    Detail(&'a str),
}

/// Watches over one operation.
pub struct Watch<'a> {
    cancel: &'a Cancel,
    report: &'a mut dyn FnMut(Report<'_>),
    keeps_downloads: bool,
    step: String,
    last: Instant,
}

impl<'a> Watch<'a> {
    /// A watch that stops when `cancel` is cancelled and passes reports to `report`.
    pub fn new(cancel: &'a Cancel, report: &'a mut dyn FnMut(Report<'_>)) -> Self {
        Watch { cancel, report, keeps_downloads: false, step: String::new(), last: Instant::now() }
    }

    /// Keeps what has arrived of a download that is cancelled, so that the next one continues it. By default it is removed.
    pub fn keeping_downloads(mut self) -> Self {
        self.keeps_downloads = true;
        self
    }

    /// Whether what has arrived of a cancelled download is kept.
    pub(crate) fn keeps_downloads(&self) -> bool {
        self.keeps_downloads
    }

    /// Reports something that the user should know.
    pub fn info(&mut self, text: impl AsRef<str>) {
        (self.report)(Report::Info(text.as_ref()));
    }

    /// Reports something that helps to find out what went wrong.
    pub fn detail(&mut self, text: impl AsRef<str>) {
        (self.report)(Report::Detail(text.as_ref()));
    }

    /// Begins a step.
    ///
    /// # Errors
    /// `Cancelled`.
    pub fn begin(&mut self, step: impl Into<String>) -> Result<()> {
        self.step = step.into();
        self.tell(None)
    }

    /// Goes on with the step; reports it if the last report is old enough.
    ///
    /// # Errors
    /// `Cancelled`.
    pub fn go_on(&mut self, fraction: Option<f64>) -> Result<()> {
        if self.last.elapsed() >= REPORTS { self.tell(fraction) } else { self.cancel.check() }
    }

    fn tell(&mut self, fraction: Option<f64>) -> Result<()> {
        self.cancel.check()?;
        self.last = Instant::now();
        (self.report)(Report::Step { text: &self.step, fraction });
        self.cancel.check()
    }

    /// Does work that takes a while on a thread of its own, while this one reports. The work is short enough to be waited for
    /// after a cancellation.
    ///
    /// # Errors
    /// Those of the work, or `Cancelled`.
    pub(crate) fn during<T: Send>(&mut self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        thread::scope(|scope| {
            let (done, wait) = sync_channel(1);
            scope.spawn(move || {
                // Nobody waits for the result of cancelled work.
                let _ = done.send(work());
            });
            loop {
                match wait.recv_timeout(INTERVAL) {
                    Ok(result) => return self.cancel.check().and(result),
                    Err(RecvTimeoutError::Timeout) => self.go_on(None)?,
                    Err(RecvTimeoutError::Disconnected) => {
                        return Err(Error::new(
                            ErrorKind::Internal,
                            "work on a model's file panicked; please report it",
                        ));
                    }
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_on_another_thread_is_reported_and_cancelled() {
        let cancel = Cancel::new();
        let mut steps = 0;
        let mut report = |report: Report<'_>| {
            assert_eq!(report, Report::Step { text: "waiting", fraction: None });
            steps += 1;
            if steps == 4 {
                cancel.cancel();
            }
        };
        let mut watch = Watch::new(&cancel, &mut report);
        watch.begin("waiting").unwrap();
        let done = watch.during(|| {
            thread::sleep(Duration::from_millis(100));
            Ok(7)
        });
        assert_eq!(done.unwrap(), 7);
        let stopped = watch.during(|| {
            thread::sleep(Duration::from_millis(600));
            Ok(7)
        });
        assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Cancelled);
        assert_eq!(steps, 4);
    }
}
