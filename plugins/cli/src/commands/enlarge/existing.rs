//! What happens where a result exists already, and which results a run has written itself.
//!
//! A file is replaced only if the user asks for it, or if the journal shows that it is ours and unchanged.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Error, ErrorKind, Location, Result};

use super::destination::Destination;
use super::inputs::Item;
use super::journal::{Journal, Stamp, Verdict};
use super::result_name;
use super::unfinished_file::{self, UnfinishedFile, exists};
use crate::terminal::Terminal;

/// What the user wants where a result exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// An error.
    Refuse,
    /// It is replaced.
    Overwrite,
    /// The picture is left out.
    Skip,
    /// The journal decides.
    Resume,
}

/// What becomes of a result's name.
pub enum Existing {
    /// No file has it.
    Free,
    /// The file that has it is replaced.
    Replace,
    /// The picture is left out, and why.
    Skip(String),
    /// An error.
    Refuse(Error),
}

/// The results that exist, and those of this run.
pub struct ExistingResults {
    policy: Policy,
    destination: Destination,
    /// The settings of this run, as a hash.
    settings: String,
    /// The name of the journals.
    journal_name: String,
    /// Whether finished results are noted.
    keeps_journals: bool,
    /// Whether nothing is written.
    dry_run: bool,
    terminal: Terminal,
    /// By folder; `None` for a folder whose journal cannot be used.
    journals: Mutex<HashMap<PathBuf, Option<Arc<Journal>>>>,
    /// Whose result a name is, by the numbers of items.
    taken: Mutex<HashMap<PathBuf, usize>>,
    /// The folders whose left-over files were removed.
    cleaned: Mutex<HashSet<PathBuf>>,
}

impl ExistingResults {
    /// For a run. `keeps_journals`: whether it notes its finished results, in journals of this name.
    pub fn new(
        policy: Policy,
        destination: &Destination,
        settings: String,
        (keeps_journals, journal_name): (bool, String),
        dry_run: bool,
        terminal: Terminal,
    ) -> Self {
        ExistingResults {
            policy,
            destination: destination.clone(),
            settings,
            journal_name,
            keeps_journals: (keeps_journals || policy == Policy::Resume)
                && !matches!(destination, Destination::Stream(_)),
            dry_run,
            terminal,
            journals: Mutex::default(),
            taken: Mutex::default(),
            cleaned: Mutex::default(),
        }
    }

    /// What becomes of the name `path` for the result of an item.
    pub fn check(&self, path: &Path, item: &Item) -> Result<Existing> {
        result_name::check(path)?;
        let folder = parent(path);
        if self.policy == Policy::Resume && !self.dry_run && lock(&self.cleaned).insert(folder.to_owned()) {
            unfinished_file::remove_left_over(folder);
        }
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(_) if !matches!(self.destination, Destination::Folder(_)) && !folder.is_dir() => {
                let sentence = "this folder does not exist; create it, or give another name with -o";
                return Err(Error::new(ErrorKind::Io, sentence).at(Location::File(folder.to_owned())));
            }
            Err(_) => return Ok(Existing::Free),
        };
        if found.is_dir() {
            let sentence = format!("the result {} is an existing folder; give another name with -o", path.display());
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        if !found.is_symlink() && is_the_source_by_case(path, &item.path) {
            let sentence = format!(
                "the result {} is the picture itself, because this folder does not tell capital letters from small ones; give another name with -o",
                path.display()
            );
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        Ok(match self.policy {
            Policy::Refuse => Existing::Refuse(exists(path)),
            Policy::Overwrite => {
                UnfinishedFile::check(path, true)?;
                Existing::Replace
            }
            Policy::Skip => Existing::Skip(format!("the result {} already exists", path.display())),
            Policy::Resume => self.resume(path, item)?,
        })
    }

    fn resume(&self, path: &Path, item: &Item) -> Result<Existing> {
        let verdict = match self.journal(path, item)? {
            Some(journal) => journal.verdict(path, &item.path, &self.settings),
            None => Verdict::Unknown,
        };
        let path = path.display();
        Ok(match verdict {
            Verdict::Finished => Existing::Skip(format!("the result {path} is finished, as the journal says")),
            Verdict::Outdated => Existing::Replace,
            Verdict::Unknown => Existing::Skip(format!(
                "the result {path} already exists, and no journal says what made it; --overwrite makes it again"
            )),
            Verdict::Changed(how) => {
                let sentence = format!(
                    "the result {path} {how}; replace it with --overwrite, or leave the picture out with --skip-existing"
                );
                Existing::Refuse(Error::new(ErrorKind::Io, sentence))
            }
        })
    }

    /// Takes the name of a result for an item of this run.
    ///
    /// # Errors
    /// `Argument` if another item has the same result.
    pub fn reserve(&self, path: &Path, item: &Item) -> Result<()> {
        let is_stream = matches!(self.destination, Destination::Stream(_));
        if is_stream || *lock(&self.taken).entry(folded(path)).or_insert(item.id) == item.id {
            return Ok(());
        }
        let path = path.display();
        let sentence = format!("another input of this run has the same result {path}; enlarge them in separate runs");
        Err(Error::new(ErrorKind::Argument, sentence))
    }

    /// Creates the folder of a result, below the folder of the results.
    pub fn make_folder(&self, results: &Path, path: &Path) -> Result<()> {
        let folder = parent(path);
        if folder != results {
            fs::create_dir_all(folder).map_err(|e| Error::from(e).at(Location::File(folder.to_owned())))?;
        }
        Ok(())
    }

    /// Notes a finished result.
    pub fn note(&self, path: &Path, item: &Item, input: Stamp) -> Result<()> {
        match self.journal(path, item)? {
            Some(journal) if self.keeps_journals => journal.note(path, &item.path, input, &self.settings),
            _ => Ok(()),
        }
    }

    /// Removes the journals that this run began. For a run in which nothing failed, unless the user resumes batches.
    pub fn complete(&self) {
        if self.policy != Policy::Resume {
            lock(&self.journals).values().flatten().for_each(|journal| journal.remove_if_new(self.terminal));
        }
    }

    /// The journal for the result of an item. A dry run opens none that does not exist.
    fn journal(&self, path: &Path, item: &Item) -> Result<Option<Arc<Journal>>> {
        if !self.keeps_journals {
            return Ok(None);
        }
        let folder = match (&self.destination, &item.root) {
            (Destination::Folder(folder), _) => folder.clone(),
            (Destination::Beside, Some(root)) => root.clone(),
            _ => parent(path).to_owned(),
        };
        let mut journals = lock(&self.journals);
        if let Some(journal) = journals.get(&folder) {
            return Ok(journal.clone());
        }
        if self.dry_run && !folder.join(&self.journal_name).exists() {
            return Ok(None);
        }
        let opened = match Journal::open(&folder, &self.journal_name) {
            Ok(journal) => Some(Arc::new(journal)),
            Err(error) if self.policy == Policy::Resume => return Err(error),
            Err(error) => {
                self.terminal.warn(format_args!("this run keeps no journal: {error}"));
                None
            }
        };
        journals.insert(folder, opened.clone());
        Ok(opened)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A path as a key: paths that differ only in case name the same file on Windows, and on macOS unless a disk was made otherwise.
fn folded(path: &Path) -> PathBuf {
    match path.to_str() {
        Some(text) if cfg!(any(windows, target_vendor = "apple")) => text.to_lowercase().into(),
        _ => path.to_owned(),
    }
}

/// Whether a result with another name than its source is the same file, because the names differ only in case.
fn is_the_source_by_case(result: &Path, source: &Path) -> bool {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (result_name, source_name) = (name(result), name(source));
    result_name != source_name
        && result_name.to_lowercase() == source_name.to_lowercase()
        && matches!((fs::canonicalize(result), fs::canonicalize(source)), (Ok(result), Ok(source)) if result == source)
}

/// The folder of a file.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
