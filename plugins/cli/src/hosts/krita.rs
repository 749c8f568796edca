//! Where Krita looks for plug-ins: the folder of its resources.

use super::folders::HostFolders;
use super::installation::Installation;

const PARTS: &[&str] =
    &["pykrita/enlarge_with_ai.desktop", "pykrita/enlarge_with_ai", "actions/enlarge_with_ai.action"];

/// The folders of Krita that exist.
pub fn installations(folders: &HostFolders) -> Vec<Installation> {
    let mut candidates = vec![
        (folders.data.join("krita"), "Krita", false),
        (folders.home.join(".var/app/org.kde.krita/data/krita"), "Krita (Flatpak)", true),
    ];
    let store = folders.windows.iter().flat_map(|windows| windows.of_store("krita"));
    candidates.extend(store.map(|folder| (folder.join("krita"), "Krita (Microsoft Store)", true)));
    let existing = candidates.into_iter().filter(|(folder, ..)| folder.is_dir());
    existing
        .map(|(folder, name, sandboxed)| Installation {
            name: name.to_owned(),
            shim: "krita",
            parts: PARTS,
            folder,
            sandboxed,
            // On Windows and macOS, Krita has Python inside itself, and no program that could be asked.
            python: (folders.windows.is_none() && !folders.macos).then(|| "python3".into()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::folders::WindowsFolders;
    use super::*;
    use std::fs;

    #[test]
    fn krita_of_windows_and_of_the_store_are_found() {
        let home = tempfile::tempdir().unwrap();
        let local = home.path().join("local");
        let roaming = local.join("Packages").join("49800Krita.Krita_x").join("LocalCache").join("Roaming");
        fs::create_dir_all(roaming.join("krita")).unwrap();
        let windows = WindowsFolders { local: Some(local), programs: Vec::new() };
        let folders = HostFolders { data: home.path().to_owned(), windows: Some(windows), ..HostFolders::default() };
        let names = || installations(&folders).into_iter().map(|found| found.name).collect::<Vec<_>>();
        assert_eq!(names(), ["Krita (Microsoft Store)"]);
        fs::create_dir_all(home.path().join("krita")).unwrap();
        assert_eq!(names(), ["Krita", "Krita (Microsoft Store)"]);
        assert_eq!(installations(&folders)[0].python, None);
    }
}
