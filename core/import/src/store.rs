//! The folder of a person's models: put in whole or not at all, and taken out.
//!
//! A model appears under its name only when everything about it is right, because other programs may be looking.

use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, MANIFEST_FILE, Model, Registry, Result};
use tempfile::TempDir;

/// The folder.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A model that is written and not yet in its place. Forgotten, it is gone.
#[derive(Debug)]
pub struct Place {
    new: TempDir,
    store: PathBuf,
}

impl Store {
    /// The folder in which the registry looks for this person's models.
    ///
    /// # Errors
    /// `Io` where the system does not say where that is.
    pub fn of_user() -> Result<Self> {
        let folder = Registry::user_folder()
            .ok_or_else(|| Error::new(ErrorKind::Io, "this account has no folder for its data; set HOME to one"))?;
        Ok(Store { folder })
    }

    /// This folder.
    pub fn new(folder: PathBuf) -> Self {
        Store { folder }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a model beside its place.
    ///
    /// # Errors
    /// `Io`; `ModelInvalid` if the manifest is wrong.
    pub fn prepare(&self, manifest: &str, network: &[u8], notices: &[(&str, &str)]) -> Result<Place> {
        fs::create_dir_all(&self.folder).map_err(|e| self.at(e))?;
        // The dot keeps it from being taken for a model.
        let new = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.folder).map_err(|e| self.at(e))?;
        fs::write(new.path().join("model.onnx"), network).map_err(|e| self.at(e))?;
        fs::write(new.path().join(MANIFEST_FILE), manifest).map_err(|e| self.at(e))?;
        for (name, text) in notices {
            fs::write(new.path().join(name), text).map_err(|e| self.at(e))?;
        }
        // A folder for temporary files is closed to others; models are not secret.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(new.path(), fs::Permissions::from_mode(0o755)).map_err(|e| self.at(e))?;
        }
        let place = Place { new, store: self.folder.clone() };
        place.model()?.network()?;
        Ok(place)
    }

    /// Whether a model of this id is here.
    pub fn has(&self, id: &str) -> bool {
        self.folder.join(id).join(MANIFEST_FILE).is_file()
    }

    /// Takes a model out.
    ///
    /// # Errors
    /// `ModelNotFound`, or `Io`.
    pub fn remove(&self, id: &str) -> Result<()> {
        // The id is looked for, not made into a path: it may say anything.
        let known = self
            .folder
            .read_dir()
            .ok()
            .into_iter()
            .flatten()
            .flatten()
            .find(|entry| entry.file_name().to_str() == Some(id) && entry.path().join(MANIFEST_FILE).is_file());
        let Some(known) = known else {
            return Err(Error::new(
                ErrorKind::ModelNotFound,
                format!("no model '{id}' is in {}; others cannot be removed from here", self.folder.display()),
            ));
        };
        // First it is no model any more, then it is gone.
        let old = tempfile::Builder::new().prefix(".old-").tempdir_in(&self.folder).map_err(|e| self.at(e))?;
        fs::rename(known.path(), old.path().join("model")).map_err(|e| self.at(e))?;
        old.close().map_err(|e| self.at(e))
    }

    fn at(&self, error: std::io::Error) -> Error {
        Error::from(error).at(Location::File(self.folder.clone()))
    }
}

impl Place {
    /// The model as it will be.
    ///
    /// # Errors
    /// As [`Model::from_folder`].
    pub fn model(&self) -> Result<Model> {
        Model::from_folder(self.new.path())
    }

    /// Puts the model into its place. `replace`: also where there is one already.
    ///
    /// # Errors
    /// `Argument` where there is one already; `Io`.
    pub fn keep(self, replace: bool) -> Result<PathBuf> {
        let id = self.model()?.id().to_owned();
        let place = self.store.join(&id);
        let at = |error: std::io::Error| Error::from(error).at(Location::File(place.clone()));
        if !place.exists() {
            fs::rename(self.new.path(), &place).map_err(at)?;
        } else if replace {
            let old = tempfile::Builder::new().prefix(".old-").tempdir_in(&self.store).map_err(at)?;
            let aside = old.path().join("model");
            fs::rename(&place, &aside).map_err(at)?;
            if let Err(error) = fs::rename(self.new.path(), &place) {
                fs::rename(&aside, &place).map_err(at)?;
                return Err(at(error));
            }
        } else {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("there is a model '{id}' already; choose another --id, or --overwrite it"),
            )
            .at(Location::File(place)));
        }
        // It has another name now; there is nothing left to take away.
        let _ = self.new.keep();
        Ok(place)
    }
}
