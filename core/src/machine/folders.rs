//! The folders of the user: the one rule by which models, presets, measurements and plug-ins are found.
//!
//! On Linux and other Unix systems this is the XDG Base Directory Specification. A variable that is unset, empty or
//! relative is ignored, because a relative folder would depend on where the program was started.
//! Nothing here may create a folder or look into one.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// The value of `XDG_DATA_DIRS` if it is unset or empty.
const DEFAULT_DATA_DIRS: &str = "/usr/local/share:/usr/share";

/// The user's folders. None of them needs to exist.
///
/// | folder | Linux and others | macOS | Windows |
/// |---|---|---|---|
/// | home | `$HOME` | `$HOME` | `%HOME%` or `%USERPROFILE%` |
/// | data | `$XDG_DATA_HOME` or `~/.local/share` | `~/Library/Application Support` | `%LOCALAPPDATA%` |
/// | config | `$XDG_CONFIG_HOME` or `~/.config` | `~/Library/Application Support` | `%APPDATA%` or `~/AppData/Roaming` |
/// | cache | `$XDG_CACHE_HOME` or `~/.cache` | `~/Library/Caches` | `%LOCALAPPDATA%` |
/// | shared data | `$XDG_DATA_DIRS` or `/usr/local/share:/usr/share` | as on Linux | none |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Folders {
    /// The home folder; `None` if no variable names it.
    pub home: Option<PathBuf>,
    /// Data of programs, for this user.
    pub data: Option<PathBuf>,
    /// Configuration of programs, for this user.
    pub config: Option<PathBuf>,
    /// Files that programs can make again, for this user.
    pub cache: Option<PathBuf>,
    /// Data of programs, for all users; the most important folder first.
    pub shared_data: Vec<PathBuf>,
}

/// The convention that a system follows.
#[derive(Clone, Copy)]
enum Convention {
    Xdg,
    MacOs,
    Windows,
}

impl Folders {
    /// The folders of the user who runs this process.
    pub fn of_user() -> Self {
        let convention = if cfg!(windows) {
            Convention::Windows
        } else if cfg!(target_os = "macos") {
            Convention::MacOs
        } else {
            Convention::Xdg
        };
        Folders::new(convention, |name| env::var_os(name))
    }

    /// The folders by a convention and the values of environment variables.
    fn new(convention: Convention, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = folder("HOME").or_else(|| folder("USERPROFILE"));
        let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let (data, config, cache) = match convention {
            Convention::Xdg => (
                folder("XDG_DATA_HOME").or_else(|| in_home(".local/share")),
                folder("XDG_CONFIG_HOME").or_else(|| in_home(".config")),
                folder("XDG_CACHE_HOME").or_else(|| in_home(".cache")),
            ),
            Convention::MacOs => {
                let data = in_home("Library/Application Support");
                (data.clone(), data, in_home("Library/Caches"))
            }
            Convention::Windows => {
                let local = folder("LOCALAPPDATA");
                (local.clone(), folder("APPDATA").or_else(|| in_home("AppData/Roaming")), local)
            }
        };
        let shared_data = match convention {
            Convention::Windows => Vec::new(),
            Convention::Xdg | Convention::MacOs => {
                let named = variable("XDG_DATA_DIRS").filter(|folders| !folders.is_empty());
                let folders = named.unwrap_or_else(|| DEFAULT_DATA_DIRS.into());
                env::split_paths(&folders).filter(|folder| folder.is_absolute()).collect()
            }
        };
        Folders { home, data, config, cache, shared_data }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn folders(convention: Convention, variables: &[(&str, &str)]) -> Folders {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        Folders::new(convention, value)
    }

    fn path(text: &str) -> Option<PathBuf> {
        Some(PathBuf::from(text))
    }

    #[test]
    fn xdg_variables_win_over_the_home_folder() {
        let variables = [
            ("HOME", "/home/ann"),
            ("XDG_DATA_HOME", "/data"),
            ("XDG_CONFIG_HOME", "/config"),
            ("XDG_CACHE_HOME", "/cache"),
            ("XDG_DATA_DIRS", "/one:/two"),
        ];
        let found = folders(Convention::Xdg, &variables);
        assert_eq!(found.home, path("/home/ann"));
        assert_eq!((found.data, found.config, found.cache), (path("/data"), path("/config"), path("/cache")));
        assert_eq!(found.shared_data, [PathBuf::from("/one"), PathBuf::from("/two")]);
    }

    #[test]
    fn unset_empty_and_relative_variables_are_ignored() {
        for value in [None, Some(""), Some("data"), Some("./data"), Some("~/data")] {
            let mut variables = vec![("HOME", "/home/ann")];
            variables.extend(
                ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"].iter().filter_map(|n| Some((*n, value?))),
            );
            let found = folders(Convention::Xdg, &variables);
            assert_eq!(found.data, path("/home/ann/.local/share"), "{value:?}");
            assert_eq!(found.config, path("/home/ann/.config"), "{value:?}");
            assert_eq!(found.cache, path("/home/ann/.cache"), "{value:?}");
        }
    }

    #[test]
    fn shared_folders_have_a_default_and_no_relative_entries() {
        let shared = |variables: &[(&str, &str)]| folders(Convention::Xdg, variables).shared_data;
        let default = [PathBuf::from("/usr/local/share"), PathBuf::from("/usr/share")];
        assert_eq!(shared(&[]), default);
        assert_eq!(shared(&[("XDG_DATA_DIRS", "")]), default);
        assert_eq!(shared(&[("XDG_DATA_DIRS", "share::/opt/share:.")]), [PathBuf::from("/opt/share")]);
        assert!(folders(Convention::Windows, &[("XDG_DATA_DIRS", "/share")]).shared_data.is_empty());
    }

    #[test]
    fn without_a_home_only_variables_count() {
        for home in ["", "home/ann"] {
            let found = folders(Convention::Xdg, &[("HOME", home), ("XDG_CACHE_HOME", "/cache")]);
            assert_eq!((found.home, found.data, found.config), (None, None, None));
            assert_eq!(found.cache, path("/cache"));
        }
        assert_eq!(
            folders(Convention::MacOs, &[]),
            Folders { shared_data: folders(Convention::Xdg, &[]).shared_data, ..Folders::default() }
        );
        assert_eq!(folders(Convention::Windows, &[]), Folders::default());
    }

    #[test]
    fn other_systems_have_conventions_of_their_own() {
        let variables = [("HOME", "/Users/ann"), ("XDG_DATA_HOME", "/data"), ("XDG_CACHE_HOME", "/cache")];
        let mac = folders(Convention::MacOs, &variables);
        assert_eq!(mac.data, path("/Users/ann/Library/Application Support"));
        assert_eq!((mac.config, mac.cache), (mac.data, path("/Users/ann/Library/Caches")));
        let variables = [("USERPROFILE", "/ann"), ("LOCALAPPDATA", "/ann/local"), ("APPDATA", "")];
        let windows = folders(Convention::Windows, &variables);
        assert_eq!(windows.home, path("/ann"));
        assert_eq!((windows.data, windows.cache), (path("/ann/local"), path("/ann/local")));
        assert_eq!(windows.config, path("/ann/AppData/Roaming"));
    }
}
