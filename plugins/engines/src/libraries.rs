//! Engines in libraries of their own: those in the user's folder for engines.
//!
//! It must never open a file that is not in that folder.

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::PathBuf;

use enlarger::{Error, ErrorKind, Registry};

use crate::engines::Candidate;

/// The folder of this person's engine libraries, beside that of the models. It need not exist.
pub fn libraries_folder() -> Option<PathBuf> {
    Some(Registry::user_folder()?.with_file_name("engines"))
}

/// The libraries in the folder, by name of file; each as the engine that it has, or why it cannot be used.
pub(crate) fn installed() -> Vec<Candidate> {
    let entries = libraries_folder().and_then(|folder| fs::read_dir(folder).ok());
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.to_string_lossy().ends_with(DLL_SUFFIX));
    files.sort();
    files
        .iter()
        .map(|file| {
            let engine = enlarger_engine_api::open(file);
            let unnamed = || file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Candidate { id: engine.as_ref().map_or_else(|_| unnamed(), |engine| engine.id().to_owned()), engine }
        })
        .collect()
}

/// Of two engines of one name the first is used; the other one stays in the list with that reason.
pub(crate) fn add(candidates: &mut Vec<Candidate>, more: Vec<Candidate>) {
    for mut candidate in more {
        if candidate.engine.is_ok() && candidates.iter().any(|known| known.id == candidate.id) {
            let sentence = "there is another engine of this name; name this one by the path of its file";
            candidate.engine = Err(Error::new(ErrorKind::EngineNotFound, sentence));
        }
        candidates.push(candidate);
    }
}
