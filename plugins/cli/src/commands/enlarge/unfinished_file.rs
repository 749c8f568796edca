//! A result while it is written: a temporary file in the result's folder, renamed when it is complete.
//!
//! An existing file is never replaced unless the user asks for it, not even one that appears while the work goes on.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use enlarger::{Error, ErrorKind, Location, Result};
use tempfile::{Builder, NamedTempFile};

/// The temporary file in use, for [`abandon`].
static CURRENT: Mutex<Option<PathBuf>> = Mutex::new(None);

/// A result that is being written. Dropping it removes the temporary file.
#[derive(Debug)]
pub struct UnfinishedFile {
    temporary: NamedTempFile,
    path: PathBuf,
    overwrite: bool,
}

impl UnfinishedFile {
    /// Checks whether a result may be written to `path`.
    pub fn check(path: &Path, overwrite: bool) -> Result<()> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => Err(Error::new(
                ErrorKind::Argument,
                format!("the result {} is an existing folder; give another name with -o", path.display()),
            )),
            Ok(_) if !overwrite => Err(exists(path)),
            _ => Ok(()),
        }
    }

    /// Creates the temporary file for a result.
    pub fn create(path: &Path, overwrite: bool) -> Result<Self> {
        Self::check(path, overwrite)?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(".enlarge-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The permissions of any new file; the process's umask applies.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let temporary = builder.tempfile_in(folder).map_err(|e| {
            let message = match e.kind() {
                io::ErrorKind::NotFound => {
                    "this folder does not exist; create it, or give another name with -o".to_owned()
                }
                kind => format!("no file can be created in this folder ({kind}); check that it is writable"),
            };
            Error::new(ErrorKind::Io, message).caused_by(e).at(Location::File(folder.to_owned()))
        })?;
        set_current(Some(temporary.path().to_owned()));
        Ok(UnfinishedFile { temporary, path: path.to_owned(), overwrite })
    }

    /// The file to write.
    pub fn file(&self) -> Result<File> {
        Ok(self.temporary.as_file().try_clone()?)
    }

    /// Gives the complete file its name.
    pub fn keep(self) -> Result<()> {
        let UnfinishedFile { temporary, path, overwrite } = self;
        temporary.as_file().sync_all()?;
        let renamed = if overwrite {
            temporary.persist(&path)
        } else {
            temporary.persist_noclobber(&path).or_else(|e| {
                // Some file systems have neither hard links nor an exclusive rename; there, this check must do.
                let taken = e.error.kind() == io::ErrorKind::AlreadyExists || path.symlink_metadata().is_ok();
                if taken { Err(e) } else { e.file.persist(&path) }
            })
        };
        set_current(None);
        match renamed {
            Ok(_) => Ok(()),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
            Err(e) => Err(Error::new(
                ErrorKind::Io,
                format!("the finished file cannot be renamed to {} ({}); try again", path.display(), e.error),
            )),
        }
    }
}

fn exists(path: &Path) -> Error {
    Error::new(
        ErrorKind::Io,
        format!(
            "the result {} already exists; replace it with --overwrite or give another name with -o",
            path.display()
        ),
    )
}

fn set_current(path: Option<PathBuf>) {
    *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = path;
}

/// Removes the temporary file, for an exit that does not wait for the work to stop.
pub fn abandon() {
    if let Some(path) = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn no_file_is_replaced_or_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let unfinished = UnfinishedFile::create(&path, false).unwrap();
        unfinished.file().unwrap().write_all(b"one").unwrap();
        assert!(!path.exists());
        // Another program creates the file first.
        fs::write(&path, b"theirs").unwrap();
        assert!(unfinished.keep().unwrap_err().message().contains("--overwrite"));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert!(UnfinishedFile::create(&path, false).is_err());
        let unfinished = UnfinishedFile::create(&path, true).unwrap();
        unfinished.file().unwrap().write_all(b"two").unwrap();
        unfinished.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        drop(UnfinishedFile::create(&folder.path().join("b.png"), false).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
