//! The worker's side: the process reads a question and a network, and writes the answer.
//!
//! It limits itself before it touches the network: its memory, its time, and its life, which ends with that of the program.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::exit;
use std::thread;
use std::time::Duration;

use enlarger::{Error, ErrorKind, Model, Precision, Result, Session, SessionOptions};
use enlarger_engines::Engines;
use serde_json::{Value, json};

use super::MEMORY;
use super::gpu;
use super::task::{Answer, Question, Task, VERSION};
use crate::trial;

/// The exit status of a worker that has answered.
const ANSWERED: u8 = 0;
/// The exit status of a worker whose answer could not be written.
const FAILED: u8 = 1;
/// The exit status of a worker that nobody waits for any more.
const ABANDONED: i32 = 2;

/// Does the work of a worker: answers the question on standard input on standard output. Returns the exit status for the
/// process, which must end then.
pub fn serve() -> u8 {
    end_with_the_program();
    let answer = match answer() {
        Ok(value) => Answer::Done(value),
        Err(error) => Answer::Failed(error.kind().code(), error.to_string()),
    };
    if writeln!(io::stdout(), "{}", json!(answer)).is_err() { FAILED } else { ANSWERED }
}

fn answer() -> Result<Value> {
    let mut input = BufReader::new(io::stdin().lock());
    let mut line = String::new();
    input.read_line(&mut line)?;
    let question: Question = serde_json::from_str(&line).map_err(|_| {
        Error::new(ErrorKind::Argument, "this program tests models and GPUs for Enlarger; it is of no use by itself")
    })?;
    if question.version != VERSION {
        return Err(Error::new(
            ErrorKind::Io,
            format!(
                "the program that tests new models is of version {VERSION}, but {} asks; install Enlarger again",
                question.version
            ),
        ));
    }
    // The program ends a worker that takes too long, unless something happens to the program.
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(question.seconds.saturating_add(10)));
        exit(ABANDONED);
    });
    if question.task.is_limited() {
        // If the limit cannot be set, the time is still limited.
        let _ = enlarger_system::limit_memory(MEMORY);
    }
    let mut network = Vec::new();
    input.read_to_end(&mut network)?;
    drop(input);
    let engines = Engines::discover();
    match question.task {
        Task::Probe(known) => {
            // The rounding of a faster arithmetic would hide the small contribution of the halo's far end.
            let mut options = SessionOptions::default();
            options.precision = Precision::Exact;
            let open = |model: &Model| -> Result<std::sync::Arc<dyn Session>> {
                Ok(engines.open(None, model, &options)?.session()?.clone())
            };
            enlarger_import::probe(network, known.as_ref(), &open).map(|(_, findings)| json!(findings))
        }
        Task::Trial { manifest, tiles } => {
            let model = Model::from_bytes(&manifest, network)?;
            let ran_on = if tiles { trial::run(&engines, &model) } else { trial::run_one_tile(&engines, &model) };
            Ok(json!(ran_on?))
        }
        Task::ListGpus { library } => gpu::list(&library),
        Task::TryGpu { library, device, precision, manifest, expected } => {
            gpu::try_out(&library, (&device, &precision), &manifest, expected, &network)
        }
    }
}

/// Ends this process when nobody can read its answer any more, because the program has ended.
#[cfg(unix)]
fn end_with_the_program() {
    use rustix::event::{PollFd, PollFlags, poll};
    thread::spawn(|| {
        let output = io::stdout();
        let mut watched = [PollFd::new(&output, PollFlags::empty())];
        // Without flags, only the reader's end is reported.
        while let Err(error) = poll(&mut watched, None) {
            if error != rustix::io::Errno::INTR {
                return;
            }
        }
        if watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
            exit(ABANDONED);
        }
    });
}

/// On Windows the job object that the program has put this process into ends it.
#[cfg(not(unix))]
fn end_with_the_program() {}
