//! Our files in the folders of others: put there, replaced and taken away as a whole.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};

use super::{Host, Place};

/// Where the shims are that came with this command: beside it, as in the archives, or in the prefix that it is in.
pub fn shipped(host: Host, shim: &str) -> Result<PathBuf> {
    let program = env::current_exe()?.canonicalize()?;
    let folder = program.parent().unwrap_or(Path::new("/"));
    let places = [folder.join(shim), folder.join("../share/enlarger/shims").join(shim)];
    places.iter().find(|place| place.is_dir()).cloned().ok_or_else(|| {
        let sentence = format!(
            "the files of the plug-in are not here (neither {} nor {}); {}",
            places[0].display(),
            places[1].display(),
            host.advice()
        );
        Error::new(ErrorKind::Io, sentence)
    })
}

/// Puts the parts of a shim in place, replacing what was there.
pub fn put(shim: &Path, place: &Place) -> Result<()> {
    for part in place.parts {
        let (from, to) = (shim.join(part), place.folder.join(part));
        replace(&from, &to).map_err(|error| Error::from(error).at(Location::File(to.clone())))?;
    }
    Ok(())
}

/// Takes the parts of a shim away; says whether any was there.
pub fn take(place: &Place) -> Result<bool> {
    let mut any = false;
    for path in place.parts.iter().map(|part| place.folder.join(part)).filter(|path| path.exists()) {
        remove(&path).map_err(|error| Error::from(error).at(Location::File(path.clone())))?;
        any = true;
    }
    Ok(any)
}

/// Copies beside the target first, so that a copy that fails leaves what was there.
fn replace(from: &Path, to: &Path) -> std::io::Result<()> {
    let beside = |ending: &str| {
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        to.with_file_name(format!(".{name}.{ending}"))
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

/// Files and folders; permissions stay.
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
    fn a_part_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("shim/part/inner")).unwrap();
        fs::write(at("shim/part/inner/new"), "new").unwrap();
        fs::create_dir_all(at("host/part")).unwrap();
        fs::write(at("host/part/old"), "old").unwrap();
        let place = Place { name: String::new(), shim: "shim", parts: &["part"], folder: at("host"), boxed: false };
        put(&at("shim"), &place).unwrap();
        assert!(at("host/part/inner/new").exists() && !at("host/part/old").exists());
        assert_eq!(at("host").read_dir().unwrap().count(), 1);
        assert!(take(&place).unwrap() && !take(&place).unwrap());
        assert!(at("host").exists());
    }

    #[test]
    fn a_copy_that_fails_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("part"), "old").unwrap();
        assert!(replace(&folder.path().join("none"), &folder.path().join("part")).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("part")).unwrap(), "old");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }
}
