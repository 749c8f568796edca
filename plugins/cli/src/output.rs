//! Names of results, and files that appear only when they are whole.
//!
//! A result is written under a temporary name in its own folder and renamed at the end. An existing file is never
//! replaced unless that was asked for, not even one that appears while the work is going on.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use enlarger::{Error, ErrorKind, Location, Result, Target};
use tempfile::{Builder, NamedTempFile};

use crate::picture::Kind;

/// The temporary file of this moment, for a hurried end.
static PART: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Beside each input.
    Beside,
    /// Into a folder.
    Folder(PathBuf),
    /// Into one file.
    File(PathBuf),
}

impl Destination {
    /// What `-o` means. `many`: whether there may be several results.
    pub fn new(output: Option<&Path>, many: bool) -> Self {
        match output {
            None => Destination::Beside,
            Some(path) if many || path.is_dir() || ends_with_separator(path) => Destination::Folder(path.to_owned()),
            Some(path) => Destination::File(path.to_owned()),
        }
    }

    /// The result's file and format for an input of `kind`.
    pub fn name(&self, input: &Path, kind: Kind, target: Target) -> Result<(PathBuf, Kind)> {
        let wanted = kind.for_result();
        let folder = match self {
            Destination::Beside => input.parent().unwrap_or(Path::new("")),
            Destination::Folder(folder) => folder,
            Destination::File(path) => {
                let Some(ending) = path.extension() else { return Ok((path.clone(), wanted)) };
                return match Kind::from_name(path).filter(|k| k.is_writable()) {
                    Some(kind) => Ok((path.clone(), kind)),
                    None => Err(Error::new(
                        ErrorKind::Argument,
                        format!(
                            "results cannot be written as .{}; name the output .png, .jpg, .tif, .webp or .exr",
                            ending.display()
                        ),
                    )),
                };
            }
        };
        let mut name = input.file_stem().unwrap_or(input.as_os_str()).to_owned();
        name.push(format!(".{}.", tag(target)));
        match input.extension() {
            Some(ending) if Kind::from_name(input) == Some(wanted) => name.push(ending),
            _ => name.push(wanted.extension()),
        }
        Ok((folder.join(name), wanted))
    }
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
}

/// The part of a name that says what was done: `4x`, `1.5x`, `2000w`, `2000h`.
fn tag(target: Target) -> String {
    match target {
        Target::Factor(factor) => format!("{factor}x"),
        Target::Width(width) => format!("{width}w"),
        Target::Height(height) => format!("{height}h"),
        Target::Size(size) => size.to_string(),
    }
}

/// Whether a file's name looks like one that was made here.
pub fn is_result(path: &Path) -> bool {
    let Some(tag) = path.file_stem().map(Path::new).and_then(Path::file_name).and_then(|n| n.to_str()) else {
        return false;
    };
    let Some((stem, tag)) = tag.rsplit_once('.') else { return false };
    // 1.5x has a dot of its own.
    let tag = match stem.rsplit_once('.') {
        Some((_, whole)) if whole.parse::<u32>().is_ok() => format!("{whole}.{tag}"),
        _ => tag.to_owned(),
    };
    tag.strip_suffix(['x', 'w', 'h']).is_some_and(|n| n.parse::<f64>().is_ok())
}

/// A result that is not there yet.
#[derive(Debug)]
pub struct Part {
    temporary: NamedTempFile,
    path: PathBuf,
    overwrite: bool,
}

impl Part {
    /// Says whether a result may be written to `path`.
    pub fn check(path: &Path, overwrite: bool) -> Result<()> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => Err(Error::new(
                ErrorKind::Argument,
                format!("the result {} is a folder; give another name with -o", path.display()),
            )),
            Ok(_) if !overwrite => Err(exists(path)),
            _ => Ok(()),
        }
    }

    /// Begins a result.
    pub fn create(path: &Path, overwrite: bool) -> Result<Self> {
        Self::check(path, overwrite)?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(".enlarge-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any new file gets; the usual mask applies.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let temporary = builder.tempfile_in(folder).map_err(|e| {
            Error::new(
                ErrorKind::Io,
                format!("no file can be made there ({e}); check that the folder exists and may be written to"),
            )
            .caused_by(e)
            .at(Location::File(folder.to_owned()))
        })?;
        set_part(Some(temporary.path().to_owned()));
        Ok(Part { temporary, path: path.to_owned(), overwrite })
    }

    /// The file to write.
    pub fn file(&self) -> Result<File> {
        Ok(self.temporary.as_file().try_clone()?)
    }

    /// Gives the whole file its name.
    pub fn keep(self) -> Result<()> {
        let Part { temporary, path, overwrite } = self;
        temporary.as_file().sync_all()?;
        let renamed = if overwrite {
            temporary.persist(&path)
        } else {
            temporary.persist_noclobber(&path).or_else(|e| {
                // File systems without hard links or an exclusive rename: the check is all there is.
                let taken = e.error.kind() == io::ErrorKind::AlreadyExists || path.symlink_metadata().is_ok();
                if taken { Err(e) } else { e.file.persist(&path) }
            })
        };
        set_part(None);
        match renamed {
            Ok(_) => Ok(()),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
            Err(e) => Err(Error::new(
                ErrorKind::Io,
                format!("{}: the finished file cannot be given its name ({})", path.display(), e.error),
            )),
        }
    }
}

fn exists(path: &Path) -> Error {
    Error::new(
        ErrorKind::Io,
        format!(
            "the result {} exists already; replace it with --overwrite or give another name with -o",
            path.display()
        ),
    )
}

fn set_part(path: Option<PathBuf>) {
    *PART.lock().unwrap_or_else(PoisonError::into_inner) = path;
}

/// Removes what is half written, for an end that does not wait.
pub fn abandon() {
    if let Some(path) = PART.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn names() {
        let name = |destination: &Destination, input: &str, kind, target| {
            destination.name(Path::new(input), kind, target).map(|(p, k)| (p.to_str().unwrap().to_owned(), k))
        };
        let beside = Destination::Beside;
        let four = Target::Factor(4.0);
        assert_eq!(name(&beside, "a/photo.png", Kind::Png, four).unwrap(), ("a/photo.4x.png".into(), Kind::Png));
        assert_eq!(name(&beside, "photo.JPEG", Kind::Jpeg, four).unwrap(), ("photo.4x.JPEG".into(), Kind::Jpeg));
        assert_eq!(
            name(&beside, "photo.png", Kind::Png, Target::Factor(1.5)).unwrap(),
            ("photo.1.5x.png".into(), Kind::Png)
        );
        assert_eq!(
            name(&beside, "photo.bmp", Kind::Bmp, Target::Width(2000)).unwrap(),
            ("photo.2000w.png".into(), Kind::Png)
        );
        // A PNG in a JPEG's clothes.
        assert_eq!(name(&beside, "photo.jpg", Kind::Png, four).unwrap(), ("photo.4x.png".into(), Kind::Png));
        let folder = Destination::new(Some(Path::new("out/")), false);
        assert_eq!(
            name(&folder, "a/b.tiff", Kind::Tiff, four).unwrap(),
            (format!("out{}b.4x.tiff", std::path::MAIN_SEPARATOR).replace("out//", "out/"), Kind::Tiff)
        );
        let file = Destination::File("x.webp".into());
        assert_eq!(name(&file, "a.png", Kind::Png, four).unwrap(), ("x.webp".into(), Kind::WebP));
        assert!(name(&Destination::File("x.gif".into()), "a.png", Kind::Png, four).is_err());
        assert!(name(&Destination::File("x.bmp".into()), "a.png", Kind::Png, four).is_err());
    }

    #[test]
    fn results_are_recognised() {
        for name in ["a.4x.png", "a.1.5x.png", "a.2000w.jpg", "a.b.300h.tif"] {
            assert!(is_result(Path::new(name)), "{name}");
        }
        for name in ["a.png", "4x.png", "a.v2.png", "a.max.png", "x.x.png", "holiday 4x.jpg"] {
            assert!(!is_result(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn nothing_is_replaced_or_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let part = Part::create(&path, false).unwrap();
        part.file().unwrap().write_all(b"one").unwrap();
        assert!(!path.exists());
        // Somebody else is faster.
        fs::write(&path, b"theirs").unwrap();
        assert!(part.keep().unwrap_err().message().contains("--overwrite"));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert!(Part::create(&path, false).is_err());
        let part = Part::create(&path, true).unwrap();
        part.file().unwrap().write_all(b"two").unwrap();
        part.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        drop(Part::create(&folder.path().join("b.png"), false).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
