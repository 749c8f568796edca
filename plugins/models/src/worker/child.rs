//! A child process that is watched: a worker, or a program of the user's that fetches something.
//!
//! It ends, with everything that it has started, when its owner stops watching. It must never be waited for without reports.

use std::process::{self, Command, ExitStatus};
use std::{io, thread};

use enlarger::Result;

use super::deadline::Deadline;
use crate::watch::{INTERVAL, Watch};

/// A running child process.
pub(crate) struct Child {
    pub(crate) process: process::Child,
}

impl Child {
    /// Starts a program.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // A group of its own, so that all of it can be ended.
            command.process_group(0);
        }
        Ok(Child { process: command.spawn()? })
    }

    /// Waits until the program has ended by itself or the deadline has passed, which gives `None`.
    ///
    /// # Errors
    /// `Cancelled`, or `Io`.
    pub(crate) fn wait(&mut self, deadline: Option<Deadline>, watch: &mut Watch<'_>) -> Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(Some(status));
            }
            if deadline.is_some_and(|deadline| deadline.left().is_zero()) {
                return Ok(None);
            }
            watch.go_on(None)?;
            thread::sleep(INTERVAL);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(Some(_))) {
            return;
        }
        #[cfg(unix)]
        {
            let group = i32::try_from(self.process.id()).ok().and_then(rustix::process::Pid::from_raw);
            if let Some(group) = group {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
