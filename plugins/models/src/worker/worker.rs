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
use super::task::{Answer, Question, Task, VERSION};
use crate::watch::Watch;

/// The most bytes that are read of what a worker writes.
const MOST: u64 = 1 << 20;

/// How a worker is started: a program that calls [`serve()`](super::serve()), and its arguments.
#[derive(Clone, Debug)]
pub struct Worker {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Worker {
    /// A worker that is this program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Worker { program: program.into(), arguments: Vec::new() }
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
    pub fn probe(
        &self,
        network: Vec<u8>,
        known: Option<&Known>,
        seconds: u64,
        watch: &mut Watch<'_>,
    ) -> Result<(Vec<u8>, Findings)> {
        watch.begin("finding out what the network does")?;
        let findings: Findings =
            serde_json::from_value(self.ask(Task::Probe(known.cloned()), &network, seconds, watch)?)
                .map_err(|error| unreadable(&error.to_string()))?;
        let network = watch.during(|| Ok(findings.wrapping().applied(&network)?.into_owned()))?;
        Ok((network, findings))
    }

    /// Checks that a network does what its manifest states, with tiles or on one tile only. Returns the engine and its
    /// version.
    ///
    /// # Errors
    /// As the run, or as [`Worker::probe`].
    pub fn try_out(&self, manifest: &str, network: &[u8], tiles: bool, watch: &mut Watch<'_>) -> Result<String> {
        watch.begin("testing the model")?;
        let task = Task::Trial { manifest: manifest.to_owned(), tiles };
        match self.ask(task, network, super::SECONDS, watch)? {
            Value::String(engine) => Ok(engine),
            other => Err(unreadable(&other.to_string())),
        }
    }

    fn ask(&self, task: Task, network: &[u8], seconds: u64, watch: &mut Watch<'_>) -> Result<Value> {
        let doing = match task {
            Task::Probe(_) => "probing the network",
            Task::Trial { .. } => "testing the model",
        };
        let question = Question { version: VERSION.to_owned(), seconds, task };
        let file = watch.during(|| unnamed(&question, network))?;
        let mut child = self.start(file)?;
        let (output, messages) = (child.process.stdout.take(), child.process.stderr.take());
        let (status, line, messages) = thread::scope(|scope| {
            // Both are read while the process runs, or it could wait for room in a pipe.
            let line = scope.spawn(|| read(output));
            let messages = scope.spawn(|| read(messages));
            let status = child.wait(Some(seconds), watch);
            // An end that was not its own closes the pipes.
            drop(child);
            status.map(|status| (status, line.join().unwrap_or_default(), messages.join().unwrap_or_default()))
        })?;
        watch.detail(messages.trim_end());
        let Some(status) = status else {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "{doing} did not finish within {seconds} s; it may be too large for this machine, or allow more time with `enlarge models import --seconds`"
                ),
            ));
        };
        match serde_json::from_str(&line) {
            Ok(Answer::Done(value)) if status.success() => Ok(value),
            Ok(Answer::Failed(kind, text)) => Err(Error::new(ErrorKind::from_code(kind), text)),
            _ => Err(no_answer(status, &messages)),
        }
    }

    /// Starts the process. A file that has lost its permission to be run gets it back: Krita unpacks plug-ins without it.
    fn start(&self, question: File) -> Result<Child> {
        let again = question.try_clone()?;
        let start = |question: File| {
            let mut command = Command::new(&self.program);
            command.args(&self.arguments).stdin(question).stdout(Stdio::piped()).stderr(Stdio::piped());
            Child::start(&mut command)
        };
        let started = match start(question) {
            #[cfg(unix)]
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                use std::os::unix::fs::PermissionsExt;
                std::fs::set_permissions(&self.program, std::fs::Permissions::from_mode(0o755))
                    .map_err(|_| error)
                    .and_then(|()| start(again))
            }
            other => other,
        };
        started.map_err(|error| {
            Error::new(
                ErrorKind::Io,
                format!(
                    "{} cannot be started ({error}), but new models are tested in it; install Enlarger again",
                    self.program.display()
                ),
            )
        })
    }
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

fn no_answer(status: ExitStatus, messages: &str) -> Error {
    // The loader's or the shell's statuses for a program that did not begin.
    if matches!(status.code(), Some(126 | 127)) {
        let reason = messages.lines().last().unwrap_or("no reason given");
        return Error::new(
            ErrorKind::Io,
            format!("the process that tests new models did not start ({reason}); install Enlarger again"),
        );
    }
    Error::new(
        ErrorKind::Limit,
        format!(
            "the network took more than {} GiB of memory or crashed the engine ({status}); it cannot be used on this machine",
            MEMORY >> 30
        ),
    )
}

fn unreadable(why: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("the probe's answer cannot be read ({why}); please report this"))
}
