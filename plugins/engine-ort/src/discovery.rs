//! Finds the library of ONNX Runtime.
//!
//! The first usable library is used. Every place that was searched is recorded with a verdict, so that `enlarge doctor` can
//! show it. If the user names a library, it must never be replaced by another one.

use std::env;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};
use enlarger_engine_api::check_library_file;

use crate::{search_folders, version};

/// The environment variable for the absolute path of the library.
pub const LIBRARY_VARIABLE: &str = "ENLARGER_ORT_LIBRARY";

/// A place that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchedPlace {
    /// The folder, or the file if one was found or named.
    pub path: PathBuf,
    /// Why this place was searched: the variable, the program's folder, a Python package, or the system.
    pub origin: &'static str,
    /// The result.
    pub verdict: Verdict,
}

/// The result of searching a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is no library.
    Missing,
    /// There is a usable library, of this version.
    Usable(String),
    /// There is a file that cannot be used, for this reason.
    Refused(String),
    /// There is a library, but it was not checked because an earlier place has a usable one.
    Later,
}

/// The library to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Library {
    pub(crate) path: PathBuf,
    pub(crate) version: String,
}

/// The result of the search.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) places: Vec<SearchedPlace>,
    pub(crate) library: Result<Library>,
}

/// Checks the library that the environment variable names; if it is not set, searches everywhere.
pub(crate) fn search() -> Search {
    match env::var_os(LIBRARY_VARIABLE) {
        Some(path) if !path.is_empty() => named(Path::new(&path)),
        _ => everywhere(),
    }
}

fn named(path: &Path) -> Search {
    let verdict = if path.is_absolute() { judge(path) } else { Err("it must be an absolute path".to_owned()) };
    let library = verdict.clone().map(|version| Library { path: path.to_owned(), version }).map_err(|reason| {
        let message = format!(
            "{LIBRARY_VARIABLE} names this file, but {reason}; set the variable to another library, or unset it to search for one"
        );
        Error::new(ErrorKind::EngineVersion, message).at(Location::File(path.to_owned()))
    });
    let verdict = match verdict {
        Ok(version) => Verdict::Usable(version),
        Err(reason) => Verdict::Refused(reason),
    };
    Search { places: vec![SearchedPlace { path: path.to_owned(), origin: LIBRARY_VARIABLE, verdict }], library }
}

fn everywhere() -> Search {
    let mut places: Vec<SearchedPlace> = Vec::new();
    let mut library: Option<Library> = None;
    for folder in search_folders::folders() {
        let files = search_folders::libraries(&folder.path);
        if files.is_empty() {
            places.push(SearchedPlace { path: folder.path, origin: folder.origin, verdict: Verdict::Missing });
            continue;
        }
        for path in files {
            if places.iter().any(|place| place.path == path) {
                continue;
            }
            // Checking loads the library, and a process should not load two ONNX Runtimes.
            let verdict = if library.is_some() {
                Verdict::Later
            } else {
                match judge(&path) {
                    Ok(version) => {
                        library = Some(Library { path: path.clone(), version: version.clone() });
                        Verdict::Usable(version)
                    }
                    Err(reason) => Verdict::Refused(reason),
                }
            };
            places.push(SearchedPlace { path, origin: folder.origin, verdict });
        }
    }
    let library = library.ok_or_else(|| missing(&places));
    Search { places, library }
}

fn judge(path: &Path) -> std::result::Result<String, String> {
    check_library_file(path)?;
    version::probe(path)
}

fn missing(places: &[SearchedPlace]) -> Error {
    let refused = places.iter().find_map(|place| match &place.verdict {
        Verdict::Refused(reason) => Some((&place.path, reason)),
        _ => None,
    });
    match refused {
        Some((path, reason)) => Error::new(
            ErrorKind::EngineVersion,
            format!("this ONNX Runtime cannot be used: {reason}; or set {LIBRARY_VARIABLE} to another library"),
        )
        .at(Location::File(path.clone())),
        None => Error::new(
            ErrorKind::EngineNotFound,
            format!(
                "ONNX Runtime was not found; run pip install onnxruntime, or set {LIBRARY_VARIABLE} to the path of its library"
            ),
        ),
    }
}
