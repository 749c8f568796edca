//! The folders in which Python keeps installed packages, by the habits of Python's installers on each system.
//!
//! Python is never run: a program of this name may be anything, and on Windows it may open the Microsoft Store.

use std::env;
use std::path::{Path, PathBuf};

use enlarger::Folders;

use crate::search_folders::numbers;

/// The folders of packages that exist, the most likely first.
pub(crate) fn packages() -> Vec<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());
    let folders = Folders::of_user();
    // The environment that is active, whatever the system.
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(variable);
    let mut packages: Vec<PathBuf> = active.flat_map(|prefix| of_prefix(&prefix)).collect();
    if cfg!(windows) {
        let programs = ["ProgramFiles", "ProgramW6432"].into_iter().filter_map(variable).collect();
        let drive = env::var_os("SystemDrive").map(|mut drive| {
            // `C:` alone is the current folder of that drive.
            drive.push(r"\");
            PathBuf::from(drive)
        });
        packages.extend(of_windows(&folders, programs, drive, variable("PYENV")));
    } else {
        packages.extend(of_unix(&folders, variable("PYENV_ROOT")));
    }
    packages.retain(|path| path.is_dir());
    packages
}

/// Below an installation or an environment: in `Lib` on Windows, in `lib` and the folder of a version elsewhere.
fn of_prefix(prefix: &Path) -> Vec<PathBuf> {
    let mut packages = vec![prefix.join("Lib").join("site-packages")];
    for python in children(&prefix.join("lib"), "python3") {
        packages.extend(["site-packages", "dist-packages"].map(|name| python.join(name)));
    }
    packages
}

fn of_unix(Folders { home, .. }: &Folders, pyenv: Option<PathBuf>) -> Vec<PathBuf> {
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let mut prefixes: Vec<PathBuf> = in_home(".local").into_iter().collect();
    prefixes.extend(["/usr/local", "/usr", "/opt/homebrew"].map(PathBuf::from));
    // python.org's installer for macOS.
    prefixes.extend(children(Path::new("/Library/Frameworks/Python.framework/Versions"), "3"));
    let pyenv = pyenv.or_else(|| in_home(".pyenv"));
    prefixes.extend(pyenv.map(|root| children(&root.join("versions"), "")).unwrap_or_default());
    let mut packages: Vec<PathBuf> = prefixes.iter().flat_map(|prefix| of_prefix(prefix)).collect();
    // `pip install --user` on macOS.
    for python in in_home("Library/Python").iter().flat_map(|root| children(root, "")) {
        packages.push(python.join("lib/python/site-packages"));
    }
    packages
}

/// `programs` are the folders of programs of all users, `drive` the root of the system's drive, `pyenv` the folder of pyenv-win.
fn of_windows(
    Folders { home, data, config, .. }: &Folders,
    programs: Vec<PathBuf>,
    drive: Option<PathBuf>,
    pyenv: Option<PathBuf>,
) -> Vec<PathBuf> {
    let inside = |folder: &Option<PathBuf>, names: &[&str]| -> Vec<PathBuf> {
        folder.iter().map(|folder| names.iter().fold(folder.clone(), |path, name| path.join(name))).collect()
    };
    // `pip install --user`, and pip where the user may not write into the installation.
    let mut packages: Vec<PathBuf> = inside(config, &["Python"])
        .iter()
        .flat_map(|root| children(root, "python3"))
        .map(|python| python.join("site-packages"))
        .collect();
    // python.org's installer for one user and for all, with its old folder; the install manager of Python 3.14; pyenv-win.
    let mut prefixes: Vec<PathBuf> = Vec::new();
    let roots = inside(data, &["Programs", "Python"]).into_iter().chain(programs).chain(drive);
    prefixes.extend(roots.flat_map(|root| children(&root, "python3")));
    prefixes.extend(inside(data, &["Python"]).iter().flat_map(|root| children(root, "pythoncore-3")));
    let pyenv = pyenv.map_or_else(|| inside(home, &[".pyenv", "pyenv-win"]), |folder| vec![folder]);
    prefixes.extend(pyenv.iter().flat_map(|root| children(&root.join("versions"), "3")));
    packages.extend(prefixes.into_iter().map(|prefix| prefix.join("Lib").join("site-packages")));
    // The Store keeps what its programs install elsewhere.
    for python in
        inside(data, &["Packages"]).iter().flat_map(|root| children(root, "pythonsoftwarefoundation.python.3"))
    {
        let local = python.join("LocalCache").join("local-packages");
        packages.extend(children(&local, "python3").into_iter().map(|python| python.join("site-packages")));
    }
    packages
}

/// The subfolders whose names begin with the prefix, in any case, highest version first.
fn children(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().to_lowercase().starts_with(prefix))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(numbers(path)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_installer_of_windows_is_known() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| path.split('/').fold(home.path().to_owned(), |folder, name| folder.join(name));
        let wanted = [
            "roaming/Python/Python313/site-packages",
            "local/Programs/Python/Python313/Lib/site-packages",
            "local/Programs/Python/Python39/Lib/site-packages",
            "all/Python312/Lib/site-packages",
            "drive/Python311/Lib/site-packages",
            "local/Python/pythoncore-3.14-64/Lib/site-packages",
            "home/.pyenv/pyenv-win/versions/3.12.4/Lib/site-packages",
            "local/Packages/PythonSoftwareFoundation.Python.3.11_q/LocalCache/local-packages/Python311/site-packages",
        ];
        for path in wanted.iter().chain(&["drive/python2/Lib/site-packages", "local/Packages/Other/LocalCache"]) {
            fs::create_dir_all(at(path)).unwrap();
        }
        let folders = || {
            let mut folders = Folders::default();
            (folders.home, folders.data, folders.config) = (Some(at("home")), Some(at("local")), Some(at("roaming")));
            folders
        };
        assert_eq!(of_windows(&folders(), vec![at("all")], Some(at("drive")), None), wanted.map(at));
        let named = of_windows(&folders(), Vec::new(), None, Some(at("elsewhere")));
        assert!(!named.contains(&at(wanted[6])));
        assert!(of_windows(&Folders::default(), Vec::new(), None, None).is_empty());
    }

    #[test]
    fn an_environment_has_the_layout_of_its_system() {
        let prefix = tempfile::tempdir().unwrap();
        for version in ["python3.9", "python3.13"] {
            fs::create_dir_all(prefix.path().join("lib").join(version)).unwrap();
        }
        let found = of_prefix(prefix.path());
        assert_eq!(found[0], prefix.path().join("Lib").join("site-packages"));
        assert_eq!(found[1], prefix.path().join("lib").join("python3.13").join("site-packages"));
        assert_eq!(found.len(), 5);
    }
}
