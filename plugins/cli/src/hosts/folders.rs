//! The user's folders that GIMP and Krita use, by their own conventions.

use std::path::PathBuf;

use enlarger::Folders;

/// The folders below which GIMP and Krita look for plug-ins.
#[derive(Clone, Debug)]
pub struct HostFolders {
    pub home: PathBuf,
    pub config: PathBuf,
    pub data: PathBuf,
}

impl HostFolders {
    /// The folders of the user who runs this process. `None` without a home folder.
    pub fn of_user() -> Option<Self> {
        let Folders { home, data, config, .. } = Folders::of_user();
        let (home, config) = (home?, config?);
        // On Windows, GIMP and Krita keep their data where programs keep their configuration.
        let data = if cfg!(windows) { config.clone() } else { data? };
        Some(HostFolders { home, config, data })
    }
}
