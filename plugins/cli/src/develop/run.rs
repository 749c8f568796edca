//! One run of a developer: a family of processes, with a time limit, in a folder of its own.
//!
//! It is stopped with everything that it started when its time is over or the user gives up.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use enlarger::{Cancel, Error, ErrorKind, Result};
use enlarger_system::{Family, Members};

use super::program::FoundProgram;

/// The time that a program may take. A large raw photograph takes a minute on a slow machine.
const LIMIT: Duration = Duration::from_secs(300);

/// The time between two looks at a running program.
const INTERVAL: Duration = Duration::from_millis(20);

/// The file in which a program's messages are kept.
const LOG: &str = "messages.txt";

/// The programs that run, for [`abandon`].
static RUNNING: Mutex<Vec<(u32, Members)>> = Mutex::new(Vec::new());

/// What a program made.
#[derive(Debug)]
pub struct Made {
    pub path: PathBuf,
    pub notes: Vec<String>,
    /// Whether its colours cannot be trusted.
    pub doubtful: bool,
}

/// Runs a program on the file `input` in `folder`.
pub fn run(found: &FoundProgram, folder: &Path, input: &str, cancel: &Cancel) -> Result<Made> {
    run_within(found, folder, input, cancel, LIMIT)
}

pub fn run_within(found: &FoundProgram, folder: &Path, input: &str, cancel: &Cancel, limit: Duration) -> Result<Made> {
    let failed = |what: String| Err(Error::new(ErrorKind::Format, what));
    let log = File::create(folder.join(LOG))?;
    let mut command = Command::new(&found.path);
    command.args((found.program.arguments)(input)).current_dir(folder);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    // Messages in English, for the note about doubtful colours.
    command.env("LC_ALL", "C.UTF-8");
    // The programs leave nothing in the user's folders, and the user's settings of them do not change results.
    for variable in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        command.env(variable, folder);
    }
    let mut running = Running::start(&mut command)?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = running.family.leader().try_wait()? {
            break status;
        }
        cancel.check()?;
        if started.elapsed() > limit {
            return failed(format!("stopped after {} seconds", limit.as_secs()));
        }
        sleep(INTERVAL);
    };
    drop(running);
    let messages = messages(folder);
    if !status.success() {
        let last = messages.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no message").trim();
        return failed(format!("it failed with {status}, {last}"));
    }
    let names = (found.program.results)(input).into_iter();
    let Some(path) = names.map(|name| folder.join(name)).find(|path| path.is_file()) else {
        let last = messages.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no message").trim();
        return failed(format!("it wrote no file, {last}"));
    };
    let mut notes = Vec::new();
    let doubtful = found.program.doubt.is_some_and(|doubt| messages.contains(doubt));
    if doubtful {
        notes.push(format!(
            "{} found no white balance in this photograph, so that its colours may be wrong; develop it yourself if they are",
            found.program.name
        ));
    }
    let others =
        fs::read_dir(folder)?.flatten().filter(|entry| is_numbered(&entry.file_name().to_string_lossy())).count();
    if others > 1 {
        notes.push(format!("the file has {others} pictures; only the first one is enlarged"));
    }
    Ok(Made { path, notes, doubtful })
}

/// Whether a file is one of several pictures out of one file.
fn is_numbered(name: &str) -> bool {
    let number = name.strip_prefix("developed-").and_then(|rest| rest.strip_suffix(".png"));
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

/// What a program printed; the beginning, if it is long.
fn messages(folder: &Path) -> String {
    let mut bytes = Vec::new();
    let read = File::open(folder.join(LOG)).and_then(|file| file.take(1 << 16).read_to_end(&mut bytes));
    let text = read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// A running program. Dropping it stops the program and everything that it started, even what it has left behind.
struct Running {
    family: Family,
    id: u32,
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let mut family = Family::start(command)?;
        let id = family.leader().id();
        running().push((id, family.members()));
        Ok(Running { family, id })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.family.members().end();
        running().retain(|(id, _)| *id != self.id);
    }
}

fn running() -> MutexGuard<'static, Vec<(u32, Members)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops all programs, for an exit that does not wait.
pub fn abandon() {
    running().drain(..).for_each(|(_, members)| members.end());
}
