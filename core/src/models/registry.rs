//! The registry: the models installed on this machine.
//!
//! Search order: the folders in the environment variable, the user's data folder, the data folders of all users (see
//! [`Folders`]), the models inside this library. The first model with an id wins, and the registry remembers those that
//! it hides. Nothing is downloaded.

use std::env;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Location, Result};
use crate::machine::folders::Folders;
use crate::models::model::{MANIFEST_FILE, Model};

/// The environment variable that names folders of models, separated as in `PATH`.
pub const MODELS_VARIABLE: &str = "ENLARGER_MODELS";

/// The id of the model to use if none is named.
pub const DEFAULT_MODEL: &str = "realesr-general-x4v3";

/// The most bytes that a file written by the user may have.
const MAX_USER_FILE: u64 = 1 << 20;

/// The folder of models inside a folder for data.
fn models_in(data: &Path) -> PathBuf {
    data.join("enlarger").join("models")
}

/// The models installed on this machine.
#[derive(Debug)]
pub struct Registry {
    models: Vec<Model>,
    hidden: Vec<Model>,
    broken: Vec<Error>,
}

impl Registry {
    /// Searches the default folders and the embedded models.
    pub fn open() -> Self {
        Self::open_with(&[])
    }

    /// Searches these folders, then the default folders and the embedded models.
    pub fn open_with(folders: &[PathBuf]) -> Self {
        Self::search(&[folders, &usual_folders()].concat())
    }

    /// Searches these folders, then the embedded models.
    pub fn search(folders: &[PathBuf]) -> Self {
        let mut registry = Registry { models: Vec::new(), hidden: Vec::new(), broken: Vec::new() };
        for folder in folders {
            let Ok(entries) = folder.read_dir() else { continue };
            // Folders whose names begin with a dot are being installed or removed.
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

    /// The folder into which models are installed for this user. It need not exist. `None` if the user has no home
    /// folder.
    pub fn user_folder() -> Option<PathBuf> {
        Folders::of_user().data.as_deref().map(models_in)
    }

    /// The user's own file with this name, beside the folder of models. It need not exist.
    pub fn user_file(name: &str) -> Option<PathBuf> {
        Some(Self::user_folder()?.with_file_name(name))
    }

    /// The path and the text of [`Registry::user_file`]; `None` if there is no such file.
    ///
    /// # Errors
    /// `Io`, or `Limit` for a file that is too long. Both name the file.
    pub fn user_text(name: &str) -> Result<Option<(PathBuf, String)>> {
        let Some(path) = Self::user_file(name).filter(|path| path.exists()) else { return Ok(None) };
        let read = || -> Result<String> {
            if fs::metadata(&path)?.len() > MAX_USER_FILE {
                return Err(Error::new(
                    ErrorKind::Limit,
                    format!("the file is longer than {MAX_USER_FILE} bytes; shorten it"),
                ));
            }
            Ok(fs::read_to_string(&path)?)
        };
        match read() {
            Ok(text) => Ok(Some((path, text))),
            Err(error) => Err(error.at(Location::File(path))),
        }
    }

    /// The models in search order, one for each id.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The models that are hidden by another one with the same id, found earlier.
    pub fn hidden(&self) -> &[Model] {
        &self.hidden
    }

    /// The errors of models that were found but cannot be used.
    pub fn broken(&self) -> &[Error] {
        &self.broken
    }

    /// The model with this id.
    ///
    /// # Errors
    /// `ModelNotFound`, with a message that lists the installed models.
    pub fn find(&self, id: &str) -> Result<&Model> {
        self.models.iter().find(|m| m.id() == id).ok_or_else(|| {
            let known: Vec<&str> = self.models.iter().map(Model::id).collect();
            Error::new(
                ErrorKind::ModelNotFound,
                format!("no model '{id}' is installed; choose one of {}", known.join(", ")),
            )
        })
    }
}

/// The manifest and the network of an embedded model.
macro_rules! embedded {
    ($id:literal) => {
        (
            include_str!(concat!("../../models/", $id, "/manifest.toml")),
            include_bytes!(concat!("../../models/", $id, "/model.onnx")),
        )
    };
}

/// The embedded models: one for any photo, one that adds no detail, and four that also remove noise.
const EMBEDDED: [(&str, &[u8]); 6] = [
    embedded!("realesr-general-x4v3"),
    embedded!("waifu2x-photo-x2"),
    embedded!("waifu2x-photo-x2-n0"),
    embedded!("waifu2x-photo-x2-n1"),
    embedded!("waifu2x-photo-x2-n2"),
    embedded!("waifu2x-photo-x2-n3"),
];

/// The folders that are searched without being named, in order.
fn usual_folders() -> Vec<PathBuf> {
    let named = env::var_os(MODELS_VARIABLE).unwrap_or_default();
    // A relative or empty entry would depend on where the program was started.
    let mut folders: Vec<PathBuf> = env::split_paths(&named).filter(|folder| folder.is_absolute()).collect();
    let Folders { data, shared_data, .. } = Folders::of_user();
    folders.extend(data.into_iter().chain(shared_data).map(|folder| models_in(&folder)));
    folders
}
