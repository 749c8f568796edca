//! The folders in which ONNX Runtime may be installed, in the order in which they are tried.
//!
//! Only names of files are compared here; no file is opened. The folders in PATH are never searched: on Windows, programs of all kinds
//! have put ONNX Runtimes of all ages there.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use enlarger_system::{canonical, own_file, own_program};

use crate::python_folders;

/// A folder to search, and why.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) origin: &'static str,
}

/// The folders to search, best first. They need not exist.
pub(crate) fn folders() -> Vec<Folder> {
    let mut folders = Vec::new();
    let mut add = |origin, paths: Vec<PathBuf>| {
        folders.extend(paths.into_iter().map(|path| Folder { path, origin }));
    };
    add("beside this program", beside());
    add("Python package", python());
    add("system", system());
    // A relative path would depend on the current folder. Each folder is searched once.
    let mut seen = Vec::new();
    folders.retain(|folder| {
        let new = folder.path.is_absolute() && !seen.contains(&folder.path);
        seen.push(folder.path.clone());
        new
    });
    folders
}

/// The files in a folder that have the library's name, highest version first, each file once.
pub(crate) fn libraries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().and_then(OsStr::to_str).is_some_and(is_library))
        .map(|path| canonical(&path).unwrap_or(path))
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(numbers(path)));
    found.dedup();
    found
}

fn is_library(name: &str) -> bool {
    if cfg!(windows) {
        name.eq_ignore_ascii_case("onnxruntime.dll")
    } else if cfg!(target_vendor = "apple") {
        name.strip_prefix("libonnxruntime.").is_some_and(|rest| rest.ends_with("dylib"))
    } else {
        name.strip_prefix("libonnxruntime.so").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// A sort key: the numbers in a file's name, so that 1.31 sorts after 1.4.
pub(crate) fn numbers(path: &Path) -> (Vec<u64>, PathBuf) {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    (name.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect(), path.to_owned())
}

fn beside() -> Vec<PathBuf> {
    // Inside a host the second one is our library.
    let files = [own_program(), own_file()];
    let folders = files.into_iter().flatten().filter_map(|file| file.parent().map(Path::to_owned));
    folders.flat_map(|folder| [folder.join("lib"), folder]).collect()
}

fn python() -> Vec<PathBuf> {
    python_folders::packages().into_iter().map(|folder| folder.join("onnxruntime").join("capi")).collect()
}

fn system() -> Vec<PathBuf> {
    // Windows has an old ONNX Runtime for its own use in its system folder, so that folder is not searched.
    if cfg!(windows) {
        return Vec::new();
    }
    let mut paths: Vec<PathBuf> =
        ["/usr/local/lib", "/usr/local/lib64", "/opt/homebrew/lib", "/opt/onnxruntime/lib"].map(PathBuf::from).into();
    paths.push(format!("/usr/lib/{}-linux-gnu", env::consts::ARCH).into());
    paths.extend(["/usr/lib64", "/usr/lib"].map(PathBuf::from));
    paths
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_files_with_the_librarys_name_are_found_and_the_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "libonnxruntime.so.1.4.0",
            "libonnxruntime.so.1.31.1",
            "libonnxruntime_providers_shared.so",
            "libonnxruntime.so.1.31.1.bak.txt.gz",
            "libonnxruntime4j.so",
            "onnxruntime.dll",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<_> = libraries(folder.path())
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names[0], "libonnxruntime.so.1.31.1.bak.txt.gz");
        assert_eq!(names[1..], ["libonnxruntime.so.1.31.1", "libonnxruntime.so.1.4.0"]);
    }

    #[test]
    fn a_link_and_its_target_count_as_one_library() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("libonnxruntime.so.1.31.1"), "").unwrap();
        std::os::unix::fs::symlink("libonnxruntime.so.1.31.1", folder.path().join("libonnxruntime.so")).unwrap();
        assert_eq!(libraries(folder.path()).len(), 1);
    }
}
