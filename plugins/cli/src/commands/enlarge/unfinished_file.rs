//! A result while it is written: a temporary file in the result's folder, renamed when it is complete.
//!
//! An existing file is never replaced unless the user asks for it, not even one that appears while the work goes on.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use enlarger::{Error, ErrorKind, Location, Result};
use enlarger_system::{may_be_in_use, openable, replaceable};
use tempfile::{Builder, NamedTempFile, PersistError};

use super::result_name;

/// The temporary files in use, for [`abandon`].
static CURRENT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

const PREFIX: &str = ".enlarge-";
const SUFFIX: &str = ".part";

/// How often a temporary file is created that other runs remove at once.
const TRIES: u32 = 8;

/// How long a finished result waits for another program to close the old one, or the new one: scanners open every new file.
const PATIENCE: Duration = Duration::from_secs(2);

/// The time between two tries.
const INTERVAL: Duration = Duration::from_millis(50);

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
        result_name::check(path)?;
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => Err(Error::new(
                ErrorKind::Argument,
                format!("the result {} is an existing folder; give another name with -o", path.display()),
            )),
            Ok(_) if !overwrite => Err(exists(path)),
            Ok(_) => replaceable(path).map_err(|error| {
                let message = format!(
                    "the result {} cannot be replaced ({error}); close the program that shows it, allow changes to the file, or give another name with -o",
                    path.display()
                );
                Error::new(ErrorKind::Io, message).caused_by(error)
            }),
            Err(_) => Ok(()),
        }
    }

    /// Creates the temporary file for a result.
    pub fn create(path: &Path, overwrite: bool) -> Result<Self> {
        Self::check(path, overwrite)?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The permissions of any new file; the process's umask applies.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let place = openable(path);
        let inside = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(folder);
        let create = || {
            builder.tempfile_in(inside).map_err(|e| {
                let message = match e.kind() {
                    io::ErrorKind::NotFound => {
                        "this folder does not exist; create it, or give another name with -o".to_owned()
                    }
                    kind => format!("no file can be created in this folder ({kind}); check that it is writable"),
                };
                Error::new(ErrorKind::Io, message).caused_by(e).at(Location::File(folder.to_owned()))
            })
        };
        let mut temporary = locked(create()?);
        for _ in 1..TRIES {
            if temporary.path().exists() {
                break;
            }
            // Another run took it for abandoned before it was locked.
            temporary = locked(create()?);
        }
        current().push(temporary.path().to_owned());
        Ok(UnfinishedFile { temporary, path: path.to_owned(), overwrite })
    }

    /// The file to write.
    pub fn file(&self) -> Result<File> {
        Ok(self.temporary.as_file().try_clone()?)
    }

    /// Gives the complete file its name. Returns its size in bytes.
    pub fn keep(self) -> Result<u64> {
        let UnfinishedFile { temporary, path, overwrite } = self;
        temporary.as_file().sync_all()?;
        let bytes = temporary.as_file().metadata()?.len();
        let name = temporary.path().to_owned();
        let began = Instant::now();
        let mut renamed = rename(temporary, &path, overwrite);
        while let Err(e) = renamed {
            if !may_be_in_use(&e.error) || began.elapsed() > PATIENCE {
                renamed = Err(e);
                break;
            }
            sleep(INTERVAL);
            renamed = rename(e.file, &path, overwrite);
        }
        current().retain(|other| *other != name);
        match renamed {
            Ok(file) => {
                let _ = file.unlock();
                Ok(bytes)
            }
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
            Err(e) if may_be_in_use(&e.error) => Err(Error::new(
                ErrorKind::Io,
                format!(
                    "the finished file cannot be renamed to {} ({}), perhaps because another program has that file open; close it there and try again",
                    path.display(),
                    e.error
                ),
            )),
            Err(e) => Err(Error::new(
                ErrorKind::Io,
                format!("the finished file cannot be renamed to {} ({}); try again", path.display(), e.error),
            )),
        }
    }
}

/// Gives the file its name. Without `overwrite`, no file that has the name is replaced.
fn rename(temporary: NamedTempFile, path: &Path, overwrite: bool) -> std::result::Result<File, PersistError> {
    let place = openable(path);
    if overwrite {
        return temporary.persist(&place);
    }
    temporary.persist_noclobber(&place).or_else(|e| {
        // Some file systems have neither hard links nor an exclusive rename; there, this check must do.
        let taken = e.error.kind() == io::ErrorKind::AlreadyExists || path.symlink_metadata().is_ok();
        if taken { Err(e) } else { e.file.persist(&place) }
    })
}

/// The lock tells other runs that this one is alive. They hold it while they remove a file, so a file that is there after it was
/// locked stays. Where there are no locks, they leave the file alone.
fn locked(temporary: NamedTempFile) -> NamedTempFile {
    let _ = temporary.as_file().lock();
    temporary
}

/// The error for a result that exists.
pub fn exists(path: &Path) -> Error {
    Error::new(
        ErrorKind::Io,
        format!(
            "the result {} already exists; replace it with --overwrite, leave the picture out with --skip-existing, go on with a stopped batch with --resume, or give another name with -o",
            path.display()
        ),
    )
}

fn current() -> MutexGuard<'static, Vec<PathBuf>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files, for an exit that does not wait for the work to stop.
pub fn abandon() {
    for path in current().drain(..) {
        let _ = fs::remove_file(path);
    }
}

/// Whether a file has the name of an unfinished result.
pub fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

/// Removes the unfinished results in a folder that no living run writes.
pub fn remove_left_over(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_unfinished(&entry.file_name())
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
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

    #[test]
    fn only_files_of_dead_runs_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".enlarge-dead.part"), "").unwrap();
        fs::write(folder.path().join("mine.part"), "").unwrap();
        let alive = UnfinishedFile::create(&folder.path().join("a.png"), false).unwrap();
        remove_left_over(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(!folder.path().join(".enlarge-dead.part").exists());
        alive.keep().unwrap();
        assert!(folder.path().join("a.png").exists());
    }
}
