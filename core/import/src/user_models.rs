//! The folder of the user's models: adds and removes models.
//!
//! Other programs may read the folder at any time, so a model appears under its id only when it is complete and checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use enlarger::{Error, ErrorKind, Location, MANIFEST_FILE, Model, Origin, Registry, Result};
use enlarger_system::windows_file_name;
use tempfile::TempDir;

/// The age of a temporary folder that nobody can be using any more.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// The beginnings of the names of temporary folders. The registry ignores names that begin with a dot.
const NEW: &str = ".new-";
const OLD: &str = ".old-";

/// The folder of the user's models.
#[derive(Clone, Debug)]
pub struct UserModels {
    folder: PathBuf,
}

/// A model that is written to a temporary folder and checked, but not installed yet. Dropping it deletes the files.
#[derive(Debug)]
pub struct PreparedModel {
    new: TempDir,
    user_models: PathBuf,
}

impl UserModels {
    /// The folder in which the registry looks for the user's models.
    ///
    /// # Errors
    /// `Io` if the system does not tell the user's data folder.
    pub fn open() -> Result<Self> {
        let folder = Registry::user_folder()
            .ok_or_else(|| Error::new(ErrorKind::Io, "this account has no data folder; set the variable HOME"))?;
        Ok(UserModels { folder })
    }

    /// Uses this folder.
    pub fn new(folder: PathBuf) -> Self {
        UserModels { folder }
    }

    /// The folder's path.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a model to a temporary folder and checks it. `notices` are further files, as name and text.
    ///
    /// # Errors
    /// `Io`; `ModelInvalid` if the manifest is invalid; `Argument` for an id that this system gives to no folder.
    pub fn prepare(&self, manifest: &str, network: &[u8], notices: &[(&str, &str)]) -> Result<PreparedModel> {
        fs::create_dir_all(&self.folder).map_err(|e| self.at(e))?;
        self.remove_abandoned();
        let new = tempfile::Builder::new().prefix(NEW).tempdir_in(&self.folder).map_err(|e| self.at(e))?;
        fs::write(new.path().join("model.onnx"), network).map_err(|e| self.at(e))?;
        fs::write(new.path().join(MANIFEST_FILE), manifest).map_err(|e| self.at(e))?;
        for (name, text) in notices {
            fs::write(new.path().join(name), text).map_err(|e| self.at(e))?;
        }
        // Temporary folders are private, but a model may be read by everybody.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(new.path(), fs::Permissions::from_mode(0o755)).map_err(|e| self.at(e))?;
        }
        let prepared = PreparedModel { new, user_models: self.folder.clone() };
        let model = prepared.model()?;
        model.network()?;
        if cfg!(windows)
            && let Err(refused) = windows_file_name(model.id())
        {
            let message =
                format!("the id {} {}; give another one, such as {}", model.id(), refused.reason, refused.better);
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Ok(prepared)
    }

    /// The model of this id; `None` if the folder has none. The id must be valid.
    ///
    /// # Errors
    /// As [`Model::from_folder`].
    pub fn model(&self, id: &str) -> Result<Option<Model>> {
        let folder = self.folder.join(id);
        if folder.join(MANIFEST_FILE).is_file() { Model::from_folder(&folder).map(Some) } else { Ok(None) }
    }

    /// Whether a model is in this folder, so that it can be removed.
    pub fn holds(&self, model: &Model) -> bool {
        matches!(model.origin(), Origin::Folder(path) if path.parent() == Some(&self.folder))
    }

    /// Removes a model.
    ///
    /// # Errors
    /// `ModelNotFound`, or `Io`.
    pub fn remove(&self, id: &str) -> Result<()> {
        // The id is compared with the folder's entries and never becomes part of a path: it may contain `..`.
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
                format!(
                    "there is no model '{id}' in {}; only models in this folder can be removed",
                    self.folder.display()
                ),
            ));
        };
        // The rename takes the model away at once; deleting its files may take longer.
        let old = tempfile::Builder::new().prefix(OLD).tempdir_in(&self.folder).map_err(|e| self.at(e))?;
        fs::rename(known.path(), old.path().join("model")).map_err(|e| self.at(e))?;
        old.close().map_err(|e| self.at(e))
    }

    /// Removes the temporary folders of programs that were ended before they could.
    fn remove_abandoned(&self) {
        for entry in self.folder.read_dir().into_iter().flatten().flatten() {
            let is_temporary = [NEW, OLD].iter().any(|prefix| entry.file_name().to_string_lossy().starts_with(prefix));
            let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
            if is_temporary && age().is_some_and(|age| age > ABANDONED) {
                // If it cannot be removed now, it may be the next time.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn at(&self, error: std::io::Error) -> Error {
        Error::from(error).at(Location::File(self.folder.clone()))
    }
}

impl PreparedModel {
    /// The model, loaded from the temporary folder.
    ///
    /// # Errors
    /// As [`Model::from_folder`].
    pub fn model(&self) -> Result<Model> {
        Model::from_folder(self.new.path())
    }

    /// Moves the model to its folder, which is named by its id, and returns that folder. `overwrite`: replace a model of the
    /// same id.
    ///
    /// # Errors
    /// `Argument` if there is a model of the same id that may not be replaced; `Io`.
    pub fn install(self, overwrite: bool) -> Result<PathBuf> {
        let id = self.model()?.id().to_owned();
        let folder = self.user_models.join(&id);
        let at = |error: std::io::Error| Error::from(error).at(Location::File(folder.clone()));
        if !folder.exists() {
            fs::rename(self.new.path(), &folder).map_err(at)?;
        } else if overwrite {
            let old = tempfile::Builder::new().prefix(OLD).tempdir_in(&self.user_models).map_err(at)?;
            let aside = old.path().join("model");
            fs::rename(&folder, &aside).map_err(at)?;
            if let Err(error) = fs::rename(self.new.path(), &folder) {
                fs::rename(&aside, &folder).map_err(at)?;
                return Err(at(error));
            }
        } else {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("there is already a model '{id}'; choose another id with --id, or replace it with --overwrite"),
            )
            .at(Location::File(folder)));
        }
        // The temporary folder has been renamed, so there is nothing to delete.
        let _ = self.new.keep();
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn only_old_temporary_folders_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let models = UserModels::new(folder.path().to_owned());
        for (name, days) in [(".new-a", 3), (".old-b", 3), (".new-c", 0), ("model", 3), (".downloads", 3)] {
            fs::create_dir(folder.path().join(name)).unwrap();
            let time = SystemTime::now() - days * ABANDONED;
            fs::File::open(folder.path().join(name)).unwrap().set_modified(time).unwrap();
        }
        models.remove_abandoned();
        let mut left: Vec<_> =
            folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, [".downloads", ".new-c", "model"]);
    }
}
