//! The user's folders that GIMP and Krita use, by their own conventions.

use std::env;
use std::path::PathBuf;

use enlarger::Folders;

/// The folders below which GIMP and Krita look for plug-ins, and on Windows those in which they are installed.
#[derive(Clone, Debug, Default)]
pub struct HostFolders {
    pub home: PathBuf,
    pub config: PathBuf,
    pub data: PathBuf,
    /// `None` on other systems than Windows.
    pub windows: Option<WindowsFolders>,
    /// Whether this is macOS, where programs are bundles with a Python that only they may start.
    pub macos: bool,
}

/// Folders that only Windows has.
#[derive(Clone, Debug, Default)]
pub struct WindowsFolders {
    /// The folder below which programs of one user are installed, and those of the Store keep their data.
    pub local: Option<PathBuf>,
    /// The folders below which programs of all users are installed.
    pub programs: Vec<PathBuf>,
}

impl HostFolders {
    /// The folders of the user who runs this process. `None` without a home folder.
    pub fn of_user() -> Option<Self> {
        let Folders { home, data, config, .. } = Folders::of_user();
        let (home, config) = (home?, config?);
        if !cfg!(windows) {
            return Some(HostFolders { home, config, data: data?, windows: None, macos: cfg!(target_os = "macos") });
        }
        // The second one is that of programs for this processor, seen by a program for another.
        let programs = ["ProgramFiles", "ProgramW6432"].into_iter().filter_map(env::var_os).map(PathBuf::from);
        let windows = WindowsFolders { local: data, programs: programs.filter(|path| path.is_absolute()).collect() };
        // GIMP and Krita keep their data where programs keep their configuration.
        Some(HostFolders { home, data: config.clone(), config, windows: Some(windows), macos: false })
    }
}

impl WindowsFolders {
    /// The folders in which a program may be installed whose installer names its folder like this.
    pub fn of_program(&self, name: &str) -> Vec<PathBuf> {
        let own = self.local.iter().map(|local| local.join("Programs"));
        self.programs.iter().cloned().chain(own).map(|folder| folder.join(name)).collect()
    }

    /// The folders that programs of the Store see in place of `%APPDATA%`. Their packages' names begin with `prefix`, in any case.
    pub fn of_store(&self, prefix: &str) -> Vec<PathBuf> {
        let packages = self.local.as_ref().map(|local| local.join("Packages"));
        let entries = packages.and_then(|packages| packages.read_dir().ok()).into_iter().flatten().flatten();
        // Packages are called by their publisher, a point, and their own name, or by their own name only.
        let is_wanted = |name: &str| {
            let name = name.to_lowercase();
            name.starts_with(prefix) || name.split_once('.').is_some_and(|(_, rest)| rest.starts_with(prefix))
        };
        let mut found: Vec<PathBuf> = entries
            .filter(|entry| is_wanted(&entry.file_name().to_string_lossy()))
            .map(|entry| entry.path().join("LocalCache").join("Roaming"))
            .filter(|path| path.is_dir())
            .collect();
        found.sort();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn programs_of_windows_are_looked_for_where_installers_put_them() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| path.split('/').fold(home.path().to_owned(), |folder, name| folder.join(name));
        let windows = WindowsFolders { local: Some(at("local")), programs: vec![at("all")] };
        assert_eq!(windows.of_program("GIMP 3"), [at("all/GIMP 3"), at("local/Programs/GIMP 3")]);
        assert!(windows.of_store("krita").is_empty());
        for package in ["49800Krita.Krita_abc", "GIMP.43237F745C6D2_x", "Other_y"] {
            fs::create_dir_all(at("local/Packages").join(package).join("LocalCache").join("Roaming")).unwrap();
        }
        let roaming = |package: &str| at("local/Packages").join(package).join("LocalCache").join("Roaming");
        assert_eq!(windows.of_store("krita"), [roaming("49800Krita.Krita_abc")]);
        assert_eq!(windows.of_store("gimp"), [roaming("GIMP.43237F745C6D2_x")]);
    }
}
