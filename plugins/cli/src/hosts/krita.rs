//! Where Krita looks for plug-ins: in its data folder.

use super::folders::HostFolders;
use super::installation::Installation;

const PARTS: &[&str] =
    &["pykrita/enlarge_with_ai.desktop", "pykrita/enlarge_with_ai", "actions/enlarge_with_ai.action"];

/// The folders of Krita that exist.
pub fn installations(folders: &HostFolders) -> Vec<Installation> {
    let candidates = [
        (folders.data.join("krita"), "Krita", false),
        (folders.home.join(".var/app/org.kde.krita/data/krita"), "Krita (Flatpak)", true),
    ];
    let existing = candidates.into_iter().filter(|(folder, ..)| folder.is_dir());
    existing
        .map(|(folder, name, sandboxed)| Installation {
            name: name.to_owned(),
            shim: "krita",
            parts: PARTS,
            folder,
            sandboxed,
        })
        .collect()
}
