//! Copying a shim into a program's folder and removing it again. Each part is replaced as a whole.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};

use super::host::Host;
use super::installation::Installation;

/// The folder of a shim that came with this command: beside it, as in the archives, or in its installation prefix.
pub fn shipped_shim(host: Host, shim: &str) -> Result<PathBuf> {
    let program = env::current_exe()?.canonicalize()?;
    let folder = program.parent().unwrap_or(Path::new("/"));
    let prefix = folder.parent().unwrap_or(folder);
    let candidates = [folder.join(shim), prefix.join("share/enlarger/shims").join(shim)];
    candidates.iter().find(|candidate| candidate.is_dir()).cloned().ok_or_else(|| {
        let message = format!(
            "the plug-in's files were not found (neither {} nor {} exists); {}",
            candidates[0].display(),
            candidates[1].display(),
            host.install_advice()
        );
        Error::new(ErrorKind::Io, message)
    })
}

/// Copies the parts of a shim into an installation. Replaces those that exist.
pub fn copy_shim(shim: &Path, installation: &Installation) -> Result<()> {
    for part in installation.parts {
        let (from, to) = (shim.join(part), installation.folder.join(part));
        replace(&from, &to).map_err(|error| Error::from(error).at(Location::File(to.clone())))?;
    }
    Ok(())
}

/// Removes the parts of a shim. Returns whether there were any.
pub fn remove_shim(installation: &Installation) -> Result<bool> {
    let mut any = false;
    for path in installation.parts.iter().map(|part| installation.folder.join(part)).filter(|path| path.exists()) {
        remove(&path).map_err(|error| Error::from(error).at(Location::File(path.clone())))?;
        any = true;
    }
    Ok(any)
}

/// Copies to a temporary name beside the target first, so that a failed copy leaves the old part in place.
fn replace(from: &Path, to: &Path) -> std::io::Result<()> {
    let beside = |suffix: &str| {
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        to.with_file_name(format!(".{name}.{suffix}"))
    };
    let (new, old) = (beside("new"), beside("old"));
    fs::create_dir_all(to.parent().unwrap_or(Path::new("/")))?;
    for left in [&new, &old].into_iter().filter(|path| path.exists()) {
        remove(left)?;
    }
    copy(from, &new).inspect_err(|_| {
        let _ = remove(&new);
    })?;
    if to.exists() {
        fs::rename(to, &old)?;
    }
    fs::rename(&new, to)?;
    if old.exists() { remove(&old) } else { Ok(()) }
}

/// Copies a file or a folder with its permissions.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(|_| ());
    }
    fs::create_dir(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("shim/part/inner")).unwrap();
        fs::write(at("shim/part/inner/new"), "new").unwrap();
        fs::create_dir_all(at("host/part")).unwrap();
        fs::write(at("host/part/old"), "old").unwrap();
        let installation =
            Installation { name: String::new(), shim: "shim", parts: &["part"], folder: at("host"), sandboxed: false };
        copy_shim(&at("shim"), &installation).unwrap();
        assert!(at("host/part/inner/new").exists() && !at("host/part/old").exists());
        assert_eq!(at("host").read_dir().unwrap().count(), 1);
        assert!(remove_shim(&installation).unwrap() && !remove_shim(&installation).unwrap());
        assert!(at("host").exists());
    }

    #[test]
    fn a_failed_copy_leaves_the_old_part() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("part"), "old").unwrap();
        assert!(replace(&folder.path().join("none"), &folder.path().join("part")).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("part")).unwrap(), "old");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }
}
