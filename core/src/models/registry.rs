//! The models installed here.
//!
//! Search order: the folders in the environment variable, the user's data folder, the system's folders (those of
//! `XDG_DATA_DIRS`, as the XDG Base Directory Specification has it), the models inside this library. The first of an id wins, and the registry remembers what it hides. Nothing is downloaded.

use std::env;
use std::fs::{self, DirEntry};
use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Location, Result};
use crate::models::model::{MANIFEST_FILE, Model};

/// The environment variable that names folders of models, separated as in `PATH`.
pub const MODELS_VARIABLE: &str = "ENLARGER_MODELS";

/// The id of the model that is used when none is named.
pub const DEFAULT_MODEL: &str = "realesr-general-x4v3";

/// Bytes that a file of a person's own may have.
const MOST_BYTES: u64 = 1 << 20;

/// Where programs put their data for all users, where the system says nothing else.
const SHARED: &str = "/usr/local/share:/usr/share";

/// The models installed here.
#[derive(Debug)]
pub struct Registry {
    models: Vec<Model>,
    hidden: Vec<Model>,
    broken: Vec<Error>,
}

impl Registry {
    /// Searches the usual places.
    pub fn open() -> Self {
        Self::open_with(&[])
    }

    /// Searches these folders, then the usual places.
    pub fn open_with(folders: &[PathBuf]) -> Self {
        Self::search(&[folders, &usual_folders()].concat())
    }

    /// Searches these folders, then the models inside this library.
    pub fn search(folders: &[PathBuf]) -> Self {
        let mut registry = Registry { models: Vec::new(), hidden: Vec::new(), broken: Vec::new() };
        for folder in folders {
            let Ok(entries) = folder.read_dir() else { continue };
            // What begins with a dot is not finished, or on its way out.
            let finished = |entry: &DirEntry| !entry.file_name().as_encoded_bytes().starts_with(b".");
            let folders = entries.flatten().filter(finished).map(|e| e.path());
            let mut models: Vec<PathBuf> = folders.filter(|p| p.join(MANIFEST_FILE).is_file()).collect();
            models.sort();
            for path in models {
                registry.add(Model::from_folder(&path));
            }
        }
        EMBEDDED.iter().for_each(|(manifest, network)| registry.add(Model::embedded(manifest, network)));
        registry
    }

    fn add(&mut self, model: Result<Model>) {
        match model {
            Ok(model) if self.models.iter().any(|m| m.id() == model.id()) => self.hidden.push(model),
            Ok(model) => self.models.push(model),
            Err(error) => self.broken.push(error),
        }
    }

    /// The folder of this person's own models, where installed ones go. It need not exist.
    pub fn user_folder() -> Option<PathBuf> {
        Some(data_folder().filter(|folder| folder.is_absolute())?.join("enlarger/models"))
    }

    /// This person's own file of this name, above the folder of models. It need not exist.
    pub fn user_file(name: &str) -> Option<PathBuf> {
        Some(Self::user_folder()?.with_file_name(name))
    }

    /// The path of [`Registry::user_file`] and what it holds; `None` where there is none.
    ///
    /// # Errors
    /// `Io`, or `Limit` for a file that is longer than a person writes. Both name the file.
    pub fn user_text(name: &str) -> Result<Option<(PathBuf, String)>> {
        let Some(path) = Self::user_file(name).filter(|path| path.exists()) else { return Ok(None) };
        let read = || -> Result<String> {
            if fs::metadata(&path)?.len() > MOST_BYTES {
                return Err(Error::new(
                    ErrorKind::Limit,
                    format!("such a file has at most {MOST_BYTES} bytes; mend it"),
                ));
            }
            Ok(fs::read_to_string(&path)?)
        };
        match read() {
            Ok(text) => Ok(Some((path, text))),
            Err(error) => Err(error.at(Location::File(path))),
        }
    }

    /// The models, in search order, each id once.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// Models that another one of the same id, found earlier, hides.
    pub fn hidden(&self) -> &[Model] {
        &self.hidden
    }

    /// What was found but cannot be used, with the reason.
    pub fn broken(&self) -> &[Error] {
        &self.broken
    }

    /// The model of this id.
    ///
    /// # Errors
    /// `ModelNotFound`, naming the ids there are.
    pub fn find(&self, id: &str) -> Result<&Model> {
        self.models.iter().find(|m| m.id() == id).ok_or_else(|| {
            let known: Vec<&str> = self.models.iter().map(Model::id).collect();
            Error::new(
                ErrorKind::ModelNotFound,
                format!("no model '{id}' is installed; there are: {}", known.join(", ")),
            )
        })
    }
}

/// The models inside this library: one for any photo, one that keeps to what is in the picture.
const EMBEDDED: [(&str, &[u8]); 2] = [
    (
        include_str!("../../models/realesr-general-x4v3/manifest.toml"),
        include_bytes!("../../models/realesr-general-x4v3/model.onnx"),
    ),
    (
        include_str!("../../models/waifu2x-photo-x2/manifest.toml"),
        include_bytes!("../../models/waifu2x-photo-x2/model.onnx"),
    ),
];

fn usual_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        env::var_os(MODELS_VARIABLE).map(|v| env::split_paths(&v).collect()).unwrap_or_default();
    folders.extend(Registry::user_folder());
    if !cfg!(windows) {
        let shared = env::var_os("XDG_DATA_DIRS").filter(|folders| !folders.is_empty()).unwrap_or(SHARED.into());
        folders.extend(env::split_paths(&shared).map(|folder| folder.join("enlarger/models")));
    }
    // A relative or empty entry would depend on where the program was started.
    folders.retain(|f| f.is_absolute());
    folders
}

/// Where this person's data is.
fn data_folder() -> Option<PathBuf> {
    let home = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE")).map(PathBuf::from);
    if cfg!(windows) {
        env::var_os("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home.map(|h| h.join("Library/Application Support"))
    } else {
        env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(|| home.map(|h| h.join(".local/share")))
    }
}
