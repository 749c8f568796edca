//! The journal of a batch: one line for each finished result, so that a batch which was stopped goes on where it was.
//!
//! A line is written and synchronised after its result has got its name, so a line never speaks of a half-finished file. A
//! line that was cut by a crash is ignored. A result that was changed since is never replaced.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use enlarger::{Error, ErrorKind, Location, Result};
use serde_json::{Value, json};

use crate::args::Shard;
use crate::terminal::Terminal;

const PREFIX: &str = ".enlarge-journal";
const SUFFIX: &str = ".jsonl";

/// The version of the lines. Lines of other versions are ignored.
const VERSION: u64 = 1;

/// The longest line that is read.
const LONGEST: u64 = 1 << 16;

/// The journal's name in the folder of the results. The parts of a batch have journals of their own, because machines must not
/// write to the same file.
pub fn name(shard: Option<Shard>) -> String {
    let part = shard.map_or(String::new(), |Shard { part, of }| format!("-{part}-of-{of}"));
    format!("{PREFIX}{part}{SUFFIX}")
}

/// Whether a file has the name of a journal.
pub fn is_journal(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    bytes: u64,
    /// Nanoseconds since 1970.
    modified: u64,
}

impl Stamp {
    /// The state of the file at `path`.
    pub fn of(path: &Path) -> Option<Self> {
        Self::from_metadata(&fs::metadata(path).ok()?)
    }

    fn from_metadata(found: &Metadata) -> Option<Self> {
        let modified = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Stamp { bytes: found.len(), modified: u64::try_from(modified.as_nanos()).ok()? })
    }

    fn json(self) -> Value {
        json!([self.bytes, self.modified])
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(Stamp { bytes: value.get(0)?.as_u64()?, modified: value.get(1)?.as_u64()? })
    }
}

/// A finished result.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    input: String,
    input_stamp: Stamp,
    settings: String,
    result_stamp: Stamp,
}

/// What a journal says about a result that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is finished and still right.
    Finished,
    /// It was made from another state of the input, or with other settings, and may be replaced.
    Outdated,
    /// It was changed after it was made, or made from another file.
    Changed(String),
    /// Nothing is known about it.
    Unknown,
}

/// The journal of one folder.
pub struct Journal {
    folder: PathBuf,
    name: String,
    /// Whether this run began it.
    is_new: bool,
    state: Mutex<State>,
}

struct State {
    file: File,
    /// Whether the last line was cut.
    is_cut: bool,
    entries: HashMap<String, Entry>,
}

impl Journal {
    /// Opens the journal `name` of `folder`, which must exist, or begins one.
    ///
    /// # Errors
    /// `Io` if it cannot be written, or another run uses it.
    pub fn open(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let at = |error: Error| error.at(Location::File(path.clone()));
        let is_new = !path.exists();
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = file.map_err(|e| at(e.into()))?;
        if matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)) {
            let sentence = "another run keeps this journal now; wait until it ends, or stop it";
            return Err(at(Error::new(ErrorKind::Io, sentence)));
        }
        let (entries, is_cut) = read(&mut file)?;
        Ok(Journal {
            folder: folder.to_owned(),
            name: name.to_owned(),
            is_new,
            state: Mutex::new(State { file, is_cut, entries }),
        })
    }

    /// What it says about the existing `result` of `input`.
    pub fn verdict(&self, result: &Path, input: &Path, settings: &str) -> Verdict {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = state.entries.get(&self.key(result)) else { return Verdict::Unknown };
        if Stamp::of(result) != Some(entry.result_stamp) {
            return Verdict::Changed("was changed after it was made".to_owned());
        }
        // Frames of a film have one size and one time; only the path tells them apart.
        if entry.input != whole(input) {
            return Verdict::Changed(format!("was made from {}", entry.input));
        }
        if Stamp::of(input) == Some(entry.input_stamp) && entry.settings == settings {
            return Verdict::Finished;
        }
        Verdict::Outdated
    }

    /// Notes a finished result. `input_stamp` is the state of the input before it was read.
    pub fn note(&self, result: &Path, input: &Path, input_stamp: Stamp, settings: &str) -> Result<()> {
        let Some(result_stamp) = Stamp::of(result) else { return Ok(()) };
        let entry = Entry { input: whole(input), input_stamp, settings: settings.to_owned(), result_stamp };
        let key = self.key(result);
        let line = json!({
            "journal": VERSION,
            "result": key,
            "result_is": entry.result_stamp.json(),
            "input": entry.input,
            "input_is": entry.input_stamp.json(),
            "settings": entry.settings,
        });
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let end = if state.is_cut { "\n" } else { "" };
        state.file.write_all(format!("{end}{line}\n").as_bytes())?;
        state.is_cut = false;
        state.file.sync_data()?;
        state.entries.insert(key, entry);
        Ok(())
    }

    /// Removes the journal if this run began it: a batch that is complete needs none.
    pub fn remove_if_new(&self, terminal: Terminal) {
        let path = self.folder.join(&self.name);
        if self.is_new
            && let Err(error) = fs::remove_file(&path)
        {
            terminal.warn(format_args!("{}: this journal cannot be removed ({error})", path.display()));
        }
    }

    /// The key of a result: its path below the journal's folder.
    fn key(&self, result: &Path) -> String {
        text(result.strip_prefix(&self.folder).unwrap_or(result))
    }
}

/// The lines that can be read, and whether the last one was cut.
fn read(file: &mut File) -> Result<(HashMap<String, Entry>, bool)> {
    let mut entries = HashMap::new();
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut complete = true;
    loop {
        line.clear();
        if reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        complete = line.ends_with(b"\n");
        if let Some((key, entry)) = serde_json::from_slice(&line).ok().and_then(|value| parse(&value)) {
            entries.insert(key, entry);
        }
    }
    Ok((entries, !complete))
}

fn parse(line: &Value) -> Option<(String, Entry)> {
    let text = |key: &str| line.get(key)?.as_str().map(str::to_owned);
    if line.get("journal")?.as_u64()? != VERSION {
        return None;
    }
    let entry = Entry {
        input: text("input")?,
        input_stamp: Stamp::from_json(line.get("input_is")?)?,
        settings: text("settings")?,
        result_stamp: Stamp::from_json(line.get("result_is")?)?,
    };
    Some((text("result")?, entry))
}

/// The whole path of an input.
fn whole(input: &Path) -> String {
    text(&fs::canonicalize(input).unwrap_or_else(|_| input.to_owned()))
}

/// A path as a text that differs for different paths.
fn text(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => path.as_os_str().as_encoded_bytes().escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = ".enlarge-journal.jsonl";

    #[test]
    fn finished_results_are_told_from_outdated_and_changed_ones() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a", "a.2x", "b", "b.2x", "c", "c.2x"] {
            fs::write(at(name), name).unwrap();
        }
        let journal = Journal::open(folder.path(), NAME).unwrap();
        for name in ["a", "b", "c"] {
            let result = at(&format!("{name}.2x"));
            assert_eq!(journal.verdict(&result, &at(name), "s"), Verdict::Unknown);
            journal.note(&result, &at(name), Stamp::of(&at(name)).unwrap(), "s").unwrap();
        }
        drop(journal);
        // The last line is cut, as by a loss of power.
        let text = fs::read_to_string(at(NAME)).unwrap();
        fs::write(at(NAME), &text[..text.len() - 10]).unwrap();
        let journal = Journal::open(folder.path(), NAME).unwrap();
        let verdict = |name: &str, settings: &str| journal.verdict(&at(&format!("{name}.2x")), &at(name), settings);
        assert_eq!(verdict("a", "s"), Verdict::Finished);
        assert_eq!(verdict("a", "other"), Verdict::Outdated);
        assert_eq!(verdict("c", "s"), Verdict::Unknown);
        fs::write(at("b"), "longer than before").unwrap();
        assert_eq!(verdict("b", "s"), Verdict::Outdated);
        assert!(matches!(journal.verdict(&at("b.2x"), &at("c"), "s"), Verdict::Changed(_)));
        fs::write(at("a.2x"), "retouched").unwrap();
        assert!(matches!(verdict("a", "s"), Verdict::Changed(_)));
        // What follows the cut line is read again.
        journal.note(&at("c.2x"), &at("c"), Stamp::of(&at("c")).unwrap(), "s").unwrap();
        assert!(Journal::open(folder.path(), NAME).is_err(), "two runs must not share a journal");
        drop(journal);
        let journal = Journal::open(folder.path(), NAME).unwrap();
        assert_eq!(journal.verdict(&at("c.2x"), &at("c"), "s"), Verdict::Finished);
        journal.remove_if_new(Terminal { quiet: true, verbose: false, json: false });
        assert!(at(NAME).exists());
    }

    #[test]
    fn a_journal_of_garbage_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x".repeat(3 << 16);
        fs::write(folder.path().join(NAME), format!("[]\n{{\"journal\": 1}}\n\u{0}\n{long}\n{{\"journal\":2}}"))
            .unwrap();
        let journal = Journal::open(folder.path(), NAME).unwrap();
        assert_eq!(journal.verdict(Path::new("a"), Path::new("b"), ""), Verdict::Unknown);
    }
}
