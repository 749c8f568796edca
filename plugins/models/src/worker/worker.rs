//! The program's side of a worker: starts the process, gives it a network, waits for the answer.
//!
//! The answer is believed only as far as the process itself: it is checked like a file.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::{env, thread};

use enlarger::{Error, ErrorKind, Result};
use enlarger_import::{Findings, Known};
use serde_json::Value;

use super::MEMORY;
use super::child::Child;
use super::deadline::Deadline;
use super::task::{Answer, Question, Task, VERSION};
use crate::watch::Watch;

/// The most bytes that are read of what a worker writes.
const MOST: u64 = 1 << 20;

/// How the work of a worker ended.
pub(super) enum Ending {
    /// With this answer.
    Answered(Value),
    /// With an error that the worker reports.
    Failed(Error),
    /// It did not end in time.
    Late,
    /// The process ended before it answered.
    Died(ExitStatus),
}

/// How a worker is started: a program that calls [`serve()`](super::serve()), and its arguments.
#[derive(Clone, Debug)]
pub struct Worker {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Whether the program's file is part of Enlarger.
    is_ours: bool,
}

impl Worker {
    /// A worker that is this program, which the user has named. Its file stays as it is.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Worker { program: program.into(), arguments: Vec::new(), is_ours: false }
    }

    /// A worker that is this program, which came with Enlarger. If its file has lost the permission to be run, it gets that
    /// back: Krita unpacks plug-ins without it.
    pub fn ours(program: impl Into<PathBuf>) -> Self {
        Worker { is_ours: true, ..Worker::new(program) }
    }

    /// A worker that is the running program itself, with arguments that make it one.
    ///
    /// # Errors
    /// `Io` if the program does not know its own file.
    pub fn of_this_program(arguments: &[&str]) -> Result<Self> {
        Ok(arguments.iter().fold(Worker::new(env::current_exe()?), |worker, argument| worker.argument(argument)))
    }

    /// Adds an argument.
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Finds out what a network does, given what its architecture tells. Returns it with the operations that it needs around it,
    /// and the findings.
    ///
    /// # Errors
    /// The probe's error; `Limit` if it took too much time or memory; `Cancelled`.
    pub(crate) fn probe(
        &self,
        network: Vec<u8>,
        known: Option<&Known>,
        deadline: Deadline,
        watch: &mut Watch<'_>,
    ) -> Result<(Vec<u8>, Findings)> {
        watch.begin("finding out what the network does")?;
        let findings: Findings =
            serde_json::from_value(self.ask(Task::Probe(known.cloned()), &network, deadline, watch)?)
                .map_err(|error| unreadable(&error.to_string()))?;
        let network = watch.during(|| Ok(findings.wrapping().applied(&network)?.into_owned()))?;
        Ok((network, findings))
    }

    /// Checks that a network does what its manifest states, with tiles or on one tile only. Returns the engine and its
    /// version.
    ///
    /// # Errors
    /// As the run, or as [`Worker::probe`].
    pub(crate) fn try_out(&self, manifest: &str, network: &[u8], tiles: bool, watch: &mut Watch<'_>) -> Result<String> {
        watch.begin("testing the model")?;
        let task = Task::Trial { manifest: manifest.to_owned(), tiles };
        match self.ask(task, network, Deadline::after(super::SECONDS), watch)? {
            Value::String(engine) => Ok(engine),
            other => Err(unreadable(&other.to_string())),
        }
    }

    fn ask(&self, task: Task, network: &[u8], deadline: Deadline, watch: &mut Watch<'_>) -> Result<Value> {
        let doing = match task {
            Task::Probe(_) => "probing the network",
            _ => "testing the model",
        };
        let limit = |message| Err(Error::new(ErrorKind::Limit, message));
        match self.converse(task, network, deadline, watch)? {
            Ending::Answered(value) => Ok(value),
            Ending::Failed(error) => Err(error),
            Ending::Late => limit(format!(
                "{doing} did not finish within {} s; it may be too large for this machine, or allow more time with `enlarge models import --seconds`",
                deadline.seconds
            )),
            Ending::Died(status) => limit(format!(
                "the network took more than {} GiB of memory or crashed the engine ({status}); it cannot be used on this machine",
                MEMORY >> 30
            )),
        }
    }

    /// Gives the process a task, with the bytes that belong to it, and waits for its end.
    ///
    /// # Errors
    /// `Io` if the process could not be started or is no worker; `Cancelled`.
    pub(super) fn converse(
        &self,
        task: Task,
        data: &[u8],
        deadline: Deadline,
        watch: &mut Watch<'_>,
    ) -> Result<Ending> {
        let question = Question { version: VERSION.to_owned(), seconds: deadline.left().as_secs(), task };
        let file = watch.during(|| unnamed(&question, data))?;
        let mut child = self.start(file)?;
        let (output, messages) = (child.process().stdout.take(), child.process().stderr.take());
        let (status, line, messages) = thread::scope(|scope| {
            // Both are read while the process runs, or it could wait for room in a pipe.
            let line = scope.spawn(|| read(output));
            let messages = scope.spawn(|| read(messages));
            let status = child.wait(Some(deadline), watch);
            // An end that was not its own closes the pipes.
            drop(child);
            status.map(|status| (status, line.join().unwrap_or_default(), messages.join().unwrap_or_default()))
        })?;
        watch.detail(messages.trim_end());
        let Some(status) = status else { return Ok(Ending::Late) };
        match serde_json::from_str(&line) {
            Ok(Answer::Done(value)) if status.success() => Ok(Ending::Answered(value)),
            Ok(Answer::Failed(kind, text)) => Ok(Ending::Failed(Error::new(ErrorKind::from_code(kind), text))),
            _ => self.no_answer(status, &messages),
        }
    }

    /// Starts the process.
    fn start(&self, question: File) -> Result<Child> {
        let again = question.try_clone()?;
        let start = |question: File| {
            let mut command = Command::new(&self.program);
            command.args(&self.arguments).stdin(question).stdout(Stdio::piped()).stderr(Stdio::piped());
            Child::start(&mut command)
        };
        let started = match start(question) {
            Err(error) if self.is_ours && error.kind() == std::io::ErrorKind::PermissionDenied => {
                make_executable(&self.program).map_err(|_| error).and_then(|()| start(again))
            }
            other => other,
        };
        started.map_err(|error| {
            Error::new(
                ErrorKind::Io,
                format!(
                    "{} cannot be started ({error}), but models and GPUs are tested in it; install Enlarger again",
                    self.program.display()
                ),
            )
        })
    }

    /// What became of a process that has ended without an answer that can be used.
    fn no_answer(&self, status: ExitStatus, messages: &str) -> Result<Ending> {
        if status.success() {
            return Err(Error::new(
                ErrorKind::Io,
                format!(
                    "{} ended without an answer, so nothing can be tested in it; it may be another program or another version, so install Enlarger again",
                    self.program.display()
                ),
            ));
        }
        if status.code().is_some_and(did_not_begin) {
            let reason = messages.lines().last().unwrap_or("no reason given");
            return Err(Error::new(
                ErrorKind::Io,
                format!("the process that tests models and GPUs did not start ({reason}); install Enlarger again"),
            ));
        }
        Ok(Ending::Died(status))
    }
}

/// Whether a status says that a program did not begin: the loader's and the shell's statuses on Unix; on Windows, by Microsoft's list of
/// NTSTATUS values, that a library is missing (0xC0000135), that one is of another kind (0xC000007B), or lacks a function (0xC0000139).
fn did_not_begin(status: i32) -> bool {
    if cfg!(windows) {
        matches!(status.cast_unsigned(), 0xC000_0135 | 0xC000_007B | 0xC000_0139)
    } else {
        matches!(status, 126 | 127)
    }
}

/// Lets everybody run the file who may read it. Windows has no such permission.
fn make_executable(file: &std::path::Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = std::fs::metadata(file)?.permissions();
        let mode = permissions.mode();
        permissions.set_mode(mode | (mode & 0o444) >> 2);
        std::fs::set_permissions(file, permissions)?;
    }
    let _ = file;
    Ok(())
}

/// A file without a name that contains the question and the network.
fn unnamed(question: &Question, network: &[u8]) -> Result<File> {
    let mut file = tempfile::tempfile()?;
    let line = serde_json::to_string(question).map_err(|error| unreadable(&error.to_string()))?;
    file.write_all(line.as_bytes())?;
    file.write_all(b"\n")?;
    file.write_all(network)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn read(from: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        let _ = from.by_ref().take(MOST).read_to_end(&mut bytes);
        // The rest is of no interest, but the process must be able to write it.
        let _ = std::io::copy(&mut from, &mut std::io::sink());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unreadable(why: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("the probe's answer cannot be read ({why}); please report this"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use enlarger::Cancel;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    /// A copy of a program, without the permission to be run.
    fn copy_of(program: &str, folder: &Path) -> PathBuf {
        let path = folder.join(program);
        // Copied by another process: a file that this one has open for writing could not be run.
        let copied = Command::new("sh").args(["-c", "cp \"$(command -v $0)\" \"$1\"", program]).arg(&path).status();
        assert!(copied.unwrap().success());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        path
    }

    fn asked(worker: &Worker) -> Error {
        let cancel = Cancel::new();
        worker.try_out("", b"", false, &mut Watch::new(&cancel, &mut |_| {})).unwrap_err()
    }

    #[test]
    fn only_our_own_program_becomes_executable() {
        let folder = tempfile::tempdir().unwrap();
        let program = copy_of("cat", folder.path());
        let mode = || fs::metadata(&program).unwrap().permissions().mode() & 0o777;
        let error = asked(&Worker::new(&program));
        assert_eq!((error.kind(), mode()), (ErrorKind::Io, 0o640), "{error}");
        assert!(error.to_string().contains("cannot be started"), "{error}");
        // It runs now, and is no worker.
        let error = asked(&Worker::ours(&program));
        assert_eq!((error.kind(), mode()), (ErrorKind::Io, 0o750), "{error}");
        assert!(error.to_string().contains("ended without an answer"), "{error}");
    }

    #[test]
    fn an_end_without_an_answer_is_told_apart() {
        let shell = |script: &str| asked(&Worker::new("/bin/sh").argument("-c").argument(script));
        for (script, kind, words) in [
            ("cat >&2", ErrorKind::Io, "ended without an answer"),
            ("echo '{}'", ErrorKind::Io, "ended without an answer"),
            ("echo 'no library' >&2; exit 127", ErrorKind::Io, "did not start (no library)"),
            ("kill -SEGV $$", ErrorKind::Limit, "crashed the engine"),
            ("echo '{\"done\": \"x 1\"}'; exit 1", ErrorKind::Limit, "crashed the engine"),
        ] {
            let error = shell(script);
            assert_eq!(error.kind(), kind, "{script}: {error}");
            assert!(error.to_string().contains(words), "{script}: {error}");
        }
    }

    #[test]
    fn several_questions_share_a_deadline() {
        let worker = Worker::new("/bin/sh").argument("-c").argument("exec sleep 60");
        let (deadline, cancel) = (Deadline::after(1), Cancel::new());
        let began = std::time::Instant::now();
        for _ in 0..3 {
            let probed = worker.probe(Vec::new(), None, deadline, &mut Watch::new(&cancel, &mut |_| {}));
            let error = probed.unwrap_err();
            assert!(error.kind() == ErrorKind::Limit && error.to_string().contains("within 1 s"), "{error}");
        }
        assert!(began.elapsed().as_secs_f64() < 2.5, "{:?}", began.elapsed());
    }
}
