//! Finding ONNX Runtime.
//!
//! The first usable library is taken; every place that was looked at is remembered with a verdict, for the person who
//! wonders why. A library that the person named is taken or refused: nothing else is ever taken in its place.

use std::env;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};
use enlarger_engine_api::check_library_file;

use crate::{places, version};

/// The environment variable that names the library's file, by an absolute path.
pub const LIBRARY_VARIABLE: &str = "ENLARGER_ORT_LIBRARY";

/// A place that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder, or the file where one was found or named.
    pub path: PathBuf,
    /// What led here: the variable, the program's folder, a Python package, the system.
    pub origin: &'static str,
    /// What was found.
    pub verdict: Verdict,
}

/// What was found at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Missing,
    /// A library that can be used, of this version.
    Usable(String),
    /// A file that cannot be used, and why.
    Refused(String),
    /// A library that may be good, but an earlier place had one already.
    Later,
}

/// The library to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Library {
    pub(crate) path: PathBuf,
    pub(crate) version: String,
}

/// All that looking for the library brought to light.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) places: Vec<Place>,
    pub(crate) library: Result<Library>,
}

/// Looks for the library as the environment says.
pub(crate) fn search() -> Search {
    match env::var_os(LIBRARY_VARIABLE) {
        Some(path) if !path.is_empty() => named(Path::new(&path)),
        _ => everywhere(),
    }
}

fn named(path: &Path) -> Search {
    let verdict = if path.is_absolute() { judge(path) } else { Err("it must be an absolute path".to_owned()) };
    let library = verdict.clone().map(|version| Library { path: path.to_owned(), version }).map_err(|reason| {
        let sentence = format!(
            "{LIBRARY_VARIABLE} names this file, but {reason}; name another one, or unset the variable to have it found"
        );
        Error::new(ErrorKind::EngineVersion, sentence).at(Location::File(path.to_owned()))
    });
    let verdict = match verdict {
        Ok(version) => Verdict::Usable(version),
        Err(reason) => Verdict::Refused(reason),
    };
    Search { places: vec![Place { path: path.to_owned(), origin: LIBRARY_VARIABLE, verdict }], library }
}

fn everywhere() -> Search {
    let mut places: Vec<Place> = Vec::new();
    let mut library: Option<Library> = None;
    for folder in places::folders() {
        let files = places::libraries(&folder.path);
        if files.is_empty() {
            places.push(Place { path: folder.path, origin: folder.origin, verdict: Verdict::Missing });
            continue;
        }
        for path in files {
            if places.iter().any(|place| place.path == path) {
                continue;
            }
            // Opening a second one would bring two of the same kind into one process for nothing.
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
            places.push(Place { path, origin: folder.origin, verdict });
        }
    }
    let library = library.ok_or_else(|| missing(&places));
    Search { places, library }
}

fn judge(path: &Path) -> std::result::Result<String, String> {
    check_library_file(path)?;
    version::probe(path)
}

fn missing(places: &[Place]) -> Error {
    let refused = places.iter().find_map(|place| match &place.verdict {
        Verdict::Refused(reason) => Some((&place.path, reason)),
        _ => None,
    });
    match refused {
        Some((path, reason)) => Error::new(
            ErrorKind::EngineVersion,
            format!("this ONNX Runtime cannot be used: {reason}. Or set {LIBRARY_VARIABLE} to another one"),
        )
        .at(Location::File(path.clone())),
        None => Error::new(
            ErrorKind::EngineNotFound,
            format!("ONNX Runtime was not found; pip install onnxruntime, or set {LIBRARY_VARIABLE} to its library"),
        ),
    }
}
