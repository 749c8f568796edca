//! Engines in libraries of their own: those in the user's folder for engines.
//!
//! It must never open a file that is not in that folder.

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry};

use crate::engines::Candidate;

/// The folder of this person's engine libraries, beside that of the models. It need not exist.
pub fn libraries_folder() -> Option<PathBuf> {
    Some(Registry::user_folder()?.with_file_name("engines"))
}

/// The libraries in a folder, by name of file; each as the engine that it has, or why it cannot be used. Of two engines of
/// one name the first is used, and `own` come first; the other one stays in the list with that reason.
pub(crate) fn installed(folder: Option<&Path>, own: &[Candidate]) -> Vec<Candidate> {
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.to_string_lossy().ends_with(DLL_SUFFIX));
    files.sort();
    let mut found: Vec<Candidate> = Vec::new();
    for file in files {
        let mut engine = enlarger_engine_api::open(&file);
        let unnamed = || file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let id = engine.as_ref().map_or_else(|_| unnamed(), |engine| engine.id().to_owned());
        if engine.is_ok() && own.iter().chain(&found).any(|known| known.id == id) {
            let sentence = "there is another engine of this name; name this one by the path of its file";
            engine = Err(Error::new(ErrorKind::EngineNotFound, sentence));
        }
        found.push(Candidate { id, engine });
    }
    found
}
