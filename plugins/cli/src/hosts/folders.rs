//! The user's folders, where GIMP and Krita keep theirs.

use std::env;
use std::path::PathBuf;

/// The user's folders.
#[derive(Clone, Debug)]
pub struct Home {
    pub home: PathBuf,
    pub config: PathBuf,
    pub data: PathBuf,
}

impl Home {
    pub fn of_user() -> Option<Self> {
        let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = folder("HOME").or_else(|| folder("USERPROFILE"))?;
        let (config, data) = if cfg!(windows) {
            let data = folder("APPDATA").unwrap_or_else(|| home.join("AppData/Roaming"));
            (data.clone(), data)
        } else if cfg!(target_os = "macos") {
            let data = home.join("Library/Application Support");
            (data.clone(), data)
        } else {
            let config = folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
            (config, folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")))
        };
        Some(Home { home, config, data })
    }
}
