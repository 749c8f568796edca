//! The folders in which ONNX Runtime may be installed, in the order in which they are tried.
//!
//! Only names of files are compared here; no file is opened. Python is never run: its packages are found by their usual
//! folders.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use enlarger::Folders;

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
        .map(|path| fs::canonicalize(&path).unwrap_or(path))
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
fn numbers(path: &Path) -> (Vec<u64>, PathBuf) {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    (name.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect(), path.to_owned())
}

fn beside() -> Vec<PathBuf> {
    let files = [env::current_exe().ok(), own_library()];
    let folders = files.into_iter().flatten().filter_map(|file| file.parent().map(Path::to_owned));
    folders.flat_map(|folder| [folder.join("lib"), folder]).collect()
}

/// The file that contains this code. Inside a host it is our library and not the program.
#[cfg(target_os = "linux")]
fn own_library() -> Option<PathBuf> {
    let here = own_library as *const () as usize;
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        let inside = (address(start)?..address(end)?).contains(&here);
        // The path is the sixth column and may contain spaces.
        inside.then(|| rest.find('/').map(|at| PathBuf::from(&rest[at..]))).flatten()
    })
}

#[cfg(not(target_os = "linux"))]
fn own_library() -> Option<PathBuf> {
    None
}

fn python() -> Vec<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from);
    let Folders { home, config, .. } = Folders::of_user();
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let mut prefixes: Vec<PathBuf> = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(variable).collect();
    prefixes.extend(in_home(".local"));
    prefixes.extend(["/usr/local", "/usr", "/opt/homebrew"].map(PathBuf::from));
    let pyenv = variable("PYENV_ROOT").or_else(|| in_home(".pyenv"));
    prefixes.extend(pyenv.map(|root| children(&root.join("versions"), "")).unwrap_or_default());

    let mut packages = Vec::new();
    for prefix in prefixes {
        packages.push(prefix.join("Lib").join("site-packages"));
        for python in children(&prefix.join("lib"), "python3") {
            packages.extend(["site-packages", "dist-packages"].map(|name| python.join(name)));
        }
    }
    // The folders of `pip install --user` on Windows and macOS.
    for root in [config.filter(|_| cfg!(windows)).map(|config| config.join("Python")), in_home("Library/Python")]
        .into_iter()
        .flatten()
    {
        for python in children(&root, "") {
            packages.extend(["site-packages", "lib/python/site-packages"].map(|name| python.join(name)));
        }
    }
    packages.into_iter().filter(|p| p.is_dir()).map(|p| p.join("onnxruntime").join("capi")).collect()
}

/// The subfolders whose names begin with the prefix, highest version first.
fn children(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(numbers(path)));
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
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
        #[cfg(target_os = "linux")]
        {
            std::os::unix::fs::symlink("libonnxruntime.so.1.31.1", folder.path().join("libonnxruntime.so")).unwrap();
            assert_eq!(libraries(folder.path()).len(), 1);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn own_library_is_the_file_of_this_test() {
        assert_eq!(own_library().unwrap(), fs::canonicalize(env::current_exe().unwrap()).unwrap());
    }
}
