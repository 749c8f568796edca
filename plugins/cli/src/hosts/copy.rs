//! Copying a shim into a program's folder and removing it again. Each part is replaced as a whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};
use enlarger_system::{may_be_in_use, own_program};

use super::host::Host;
use super::installation::Installation;

/// The folder of a shim that came with this command: beside it, as in the archives, or in its installation prefix.
pub fn shipped_shim(host: Host, shim: &str) -> Result<PathBuf> {
    let program =
        own_program().ok_or_else(|| Error::new(ErrorKind::Io, "the system does not say where this program is"))?;
    let folder = program.parent().unwrap_or(Path::new("/"));
    let prefix = folder.parent().unwrap_or(folder);
    let share = prefix.join("share").join("enlarger").join("shims");
    let candidates = [folder.join(shim), share.join(shim)];
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
pub fn copy_shim(host: Host, shim: &Path, installation: &Installation) -> Result<()> {
    for part in installation.parts {
        let (from, to) = (shim.join(part), installation.folder.join(part));
        replace(&from, &to).map_err(|error| trouble(host, error, &to))?;
    }
    Ok(())
}

/// Removes the parts of a shim. Returns whether there were any.
pub fn remove_shim(host: Host, installation: &Installation) -> Result<bool> {
    let mut any = false;
    for path in installation.parts.iter().map(|part| installation.folder.join(part)) {
        any |= take_away(&path).map_err(|error| trouble(host, error, &path))?;
    }
    Ok(any)
}

/// The error for a part that cannot be changed. A program that has loaded a library keeps Windows from renaming its folder.
fn trouble(host: Host, error: io::Error, path: &Path) -> Error {
    let error = if may_be_in_use(&error) {
        let name = host.name();
        let message = format!(
            "the plug-in cannot be changed ({error}), most likely because {name} is running; close {name}, and run this command again"
        );
        Error::new(ErrorKind::Io, message).caused_by(error)
    } else {
        error.into()
    };
    error.at(Location::File(path.to_owned()))
}

/// A name beside a part, which begins with a point, so that no program takes it for a plug-in.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{suffix}"))
}

/// Copies to a temporary name beside the target first, so that a failed copy leaves the old part in place.
fn replace(from: &Path, to: &Path) -> io::Result<()> {
    let (new, old) = (beside(to, "new"), beside(to, "old"));
    fs::create_dir_all(to.parent().unwrap_or(Path::new("/")))?;
    for left in [&new, &old].into_iter().filter(|path| path.exists()) {
        remove(left)?;
    }
    let clean_up = |_: &io::Error| {
        let _ = remove(&new);
    };
    copy(from, &new).inspect_err(clean_up)?;
    if to.exists() {
        fs::rename(to, &old).inspect_err(clean_up)?;
    }
    fs::rename(&new, to).inspect_err(|error| {
        let _ = fs::rename(&old, to);
        clean_up(error);
    })?;
    // The new part is in its place. If a program, such as a virus scanner, holds a file of the old one, the next change removes it.
    let _ = remove(&old);
    Ok(())
}

/// Removes a part as a whole, and what an earlier attempt left of it. Returns whether there was any. The part is renamed first: a folder in
/// which a program has a library open cannot be, and then nothing in it is removed either.
fn take_away(path: &Path) -> io::Result<bool> {
    let old = beside(path, "old");
    let left = old.exists();
    if left {
        remove(&old)?;
    }
    if !path.exists() {
        return Ok(left);
    }
    fs::rename(path, &old)?;
    remove(&old)?;
    Ok(true)
}

/// Copies a file or a folder with its permissions.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
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

fn remove(path: &Path) -> io::Result<()> {
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
        let installation = Installation {
            name: String::new(),
            shim: "shim",
            parts: &["part"],
            folder: at("host"),
            sandboxed: false,
            python: None,
        };
        copy_shim(Host::Krita, &at("shim"), &installation).unwrap();
        assert!(at("host/part/inner/new").exists() && !at("host/part/old").exists());
        assert_eq!(at("host").read_dir().unwrap().count(), 1);
        assert!(remove_shim(Host::Krita, &installation).unwrap() && !remove_shim(Host::Krita, &installation).unwrap());
        assert_eq!(at("host").read_dir().unwrap().count(), 0);
    }

    #[test]
    fn a_failed_copy_leaves_the_old_part() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("part"), "old").unwrap();
        assert!(replace(&folder.path().join("none"), &folder.path().join("part")).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("part")).unwrap(), "old");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_part_that_is_in_use_stays_and_the_sentence_names_the_program() {
        let sentence = |code| trouble(Host::Krita, io::Error::from_raw_os_error(code), Path::new("part")).to_string();
        assert_eq!(sentence(5).contains("close Krita"), cfg!(windows), "{}", sentence(5));
        assert!(!sentence(2).contains("close Krita"));
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt;
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            fs::create_dir(at("new")).unwrap();
            fs::create_dir(at("part")).unwrap();
            for name in ["a.txt", "library.dll"] {
                fs::write(at("part").join(name), "old").unwrap();
            }
            // As the loader opens a library.
            let open = fs::OpenOptions::new().read(true).share_mode(1).open(at("part").join("library.dll")).unwrap();
            // Windows does not rename a folder with an open file in it. Wine does, and then does not remove the file. Either way a part is
            // wholly there or wholly gone.
            match replace(&at("new"), &at("part")) {
                Ok(()) => assert_eq!(at("part").read_dir().unwrap().count(), 0),
                Err(error) => {
                    assert!(may_be_in_use(&error), "{error}");
                    assert_eq!(at("part").read_dir().unwrap().count(), 2);
                }
            }
            assert!(may_be_in_use(&take_away(&at("part")).unwrap_err()));
            drop(open);
            assert!(take_away(&at("part")).unwrap());
            assert!(!take_away(&at("part")).unwrap());
            assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        }
    }
}
