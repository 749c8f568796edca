//! Finds the engine libraries in the user's folder.
//!
//! It must never load a file outside that folder.

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry};

use crate::engines::Candidate;

/// The user's folder for engine libraries, beside the folder of models. It need not exist.
pub fn libraries_folder() -> Option<PathBuf> {
    Some(Registry::user_folder()?.with_file_name("engines"))
}

/// Loads the libraries in a folder, sorted by file name. If two engines have the same id, only the first is used; the engines
/// in `own` count as the first. The other one stays in the list with an error.
pub(crate) fn installed(folder: Option<&Path>, own: &[&Candidate]) -> Vec<Candidate> {
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.to_string_lossy().ends_with(DLL_SUFFIX));
    files.sort();
    let mut found: Vec<Candidate> = Vec::new();
    for file in files {
        let mut engine = enlarger_engine_api::open(&file);
        let unnamed = || file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let id = engine.as_ref().map_or_else(|_| unnamed(), |engine| engine.id().to_owned());
        if engine.is_ok() && own.iter().copied().chain(&found).any(|known| known.id == id) {
            let message = format!("another engine is also named {id}; name this one by the absolute path of its file");
            engine = Err(Error::new(ErrorKind::EngineNotFound, message));
        }
        found.push(Candidate { id, engine });
    }
    found
}
