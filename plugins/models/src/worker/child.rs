//! A child process that is watched: a worker, or a program of the user's that fetches something.
//!
//! It ends, with everything that it has started, when its owner stops watching. It must never be waited for without reports.

use std::process::{self, Command, ExitStatus};
use std::{io, thread};

use enlarger::Result;
use enlarger_system::Family;

use super::deadline::Deadline;
use crate::watch::{INTERVAL, Watch};

/// A running child process.
pub(crate) struct Child {
    family: Family,
}

impl Child {
    /// Starts a program.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        Ok(Child { family: Family::start(command)? })
    }

    /// The process.
    pub(crate) fn process(&mut self) -> &mut process::Child {
        self.family.leader()
    }

    /// Waits until the program has ended by itself or the deadline has passed, which gives `None`.
    ///
    /// # Errors
    /// `Cancelled`, or `Io`.
    pub(crate) fn wait(&mut self, deadline: Option<Deadline>, watch: &mut Watch<'_>) -> Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = self.process().try_wait()? {
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
