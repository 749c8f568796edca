//! Where Krita looks for plug-ins: in its data folder.

use super::{Home, Place};

const PARTS: &[&str] =
    &["pykrita/enlarge_with_ai.desktop", "pykrita/enlarge_with_ai", "actions/enlarge_with_ai.action"];

pub fn places(home: &Home) -> Vec<Place> {
    let folders = [
        (home.data.join("krita"), "Krita", false),
        (home.home.join(".var/app/org.kde.krita/data/krita"), "Krita (Flatpak)", true),
    ];
    let there = folders.into_iter().filter(|(folder, ..)| folder.is_dir());
    there
        .map(|(folder, name, boxed)| Place { name: name.to_owned(), shim: "krita", parts: PARTS, folder, boxed })
        .collect()
}
