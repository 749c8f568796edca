//! A child process together with everything that it starts: it is ended as a whole.
//!
//! A process that is ended takes nothing with it by itself: an installer's own children, or those of `npm.cmd`, would go on. On Unix the
//! child leads a process group, on Windows it is in a job object. It must never be started by a shell.

use std::io;
use std::process::{Child, Command};

/// A running program with its descendants. Dropping it ends all of them, unless the program itself has ended and been waited for.
///
/// Keys that stop this program, such as Ctrl-C, do not reach it. On Windows it gets no console window, and it ends with this
/// process, however that ends.
#[derive(Debug)]
pub struct Family {
    leader: Child,
    members: Members,
}

impl Family {
    /// Starts a program.
    ///
    /// # Errors
    /// Those of [`Command::spawn`]; on Windows also the system's if it refuses a job object.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let (leader, members) = start(command)?;
        Ok(Family { leader, members })
    }

    /// The program itself.
    pub fn leader(&mut self) -> &mut Child {
        &mut self.leader
    }

    /// What ends all of them, from any thread.
    pub fn members(&self) -> Members {
        self.members.clone()
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if matches!(self.leader.try_wait(), Ok(Some(_))) {
            return;
        }
        self.members.end();
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

#[cfg(unix)]
pub use unix::Members;
#[cfg(unix)]
use unix::start;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// The members of a family.
    #[derive(Clone, Debug)]
    pub struct Members(Option<Pid>);

    impl Members {
        /// Ends all of them at once.
        pub fn end(&self) {
            if let Some(group) = self.0 {
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
    }

    pub(super) fn start(command: &mut Command) -> io::Result<(Child, Members)> {
        let leader = command.process_group(0).spawn()?;
        let group = i32::try_from(leader.id()).ok().and_then(Pid::from_raw);
        Ok((leader, Members(group)))
    }
}

#[cfg(windows)]
pub use windows::Members;
#[cfg(windows)]
use windows::start;

#[cfg(windows)]
mod windows {
    use std::io;
    use std::os::windows::io::AsRawHandle;
    use std::process::{Child, Command};
    use std::sync::Arc;

    use crate::job::Job;
    use crate::without_window;

    /// The members of a family.
    #[derive(Clone, Debug)]
    pub struct Members(Arc<Job>);

    impl Members {
        /// Ends all of them at once.
        pub fn end(&self) {
            self.0.end();
        }
    }

    pub(super) fn start(command: &mut Command) -> io::Result<(Child, Members)> {
        let job = Job::ending_with_its_handle()?;
        let mut leader = without_window(command).spawn()?;
        // A program needs longer to begin, and to start another one, than this takes.
        if let Err(error) = job.add(leader.as_raw_handle()) {
            // One that has ended already cannot be added, and needs not be.
            if leader.try_wait()?.is_none() {
                let _ = leader.kill();
                let _ = leader.wait();
                return Err(error);
            }
        }
        Ok((leader, Members(Arc::new(job))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// A program that starts another one, which runs for a minute and keeps the pipe open, and waits for it.
    fn parent() -> Command {
        let mut command;
        if cfg!(windows) {
            command = Command::new("cmd");
            command.args(["/c", "ping -n 60 127.0.0.1"]);
        } else {
            command = Command::new("sh");
            command.args(["-c", "sleep 60; true"]);
        }
        command.stdout(std::process::Stdio::piped());
        command
    }

    #[test]
    fn descendants_end_with_the_family() {
        let began = Instant::now();
        let mut family = Family::start(&mut parent()).unwrap();
        let mut output = family.leader().stdout.take().unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        assert!(family.leader().try_wait().unwrap().is_none());
        drop(family);
        // The pipe closes when the last of those who hold it has ended.
        io::copy(&mut output, &mut io::sink()).unwrap();
        assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    }

    #[test]
    fn a_program_that_ends_by_itself_gives_its_status() {
        let mut command;
        if cfg!(windows) {
            command = Command::new("cmd");
            command.args(["/c", "exit 7"]);
        } else {
            command = Command::new("sh");
            command.args(["-c", "exit 7"]);
        }
        let mut family = Family::start(&mut command).unwrap();
        assert_eq!(family.leader().wait().unwrap().code(), Some(7));
        assert!(Family::start(&mut Command::new("enlarger-no-such-program")).is_err());
    }
}
