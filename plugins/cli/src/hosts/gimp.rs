//! Where GIMP looks for plug-ins: a folder for each version, which GIMP creates when it first starts.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::folders::HostFolders;
use super::installation::Installation;

/// GIMP finds a plug-in only if the folder and the file in it have the same name.
const PARTS: &[&str] = &["enlarge-with-ai"];

/// The versions of GIMP that have a folder or are installed.
pub fn installations(folders: &HostFolders) -> Vec<Installation> {
    let own = folders.config.join("GIMP");
    let mut versions = versions(&own);
    versions.extend(programs());
    let mut installations: Vec<Installation> =
        versions.into_iter().filter_map(|version| installation(&own, version, "")).collect();
    let sandboxes = [
        (folders.home.join(".var/app/org.gimp.GIMP/config/GIMP"), " (Flatpak)"),
        (folders.home.join("snap/gimp/current/.config/GIMP"), " (Snap)"),
    ];
    for (base, label) in sandboxes {
        installations
            .extend(self::versions(&base).into_iter().filter_map(|version| installation(&base, version, label)));
    }
    installations
}

fn installation(base: &Path, version: (u32, u32), label: &str) -> Option<Installation> {
    let shim = match version {
        (2, 10) => "gimp-2.10",
        (3.., _) => "gimp",
        _ => return None,
    };
    let number = format!("{}.{}", version.0, version.1);
    Some(Installation {
        name: format!("GIMP {number}{label}"),
        shim,
        parts: PARTS,
        folder: base.join(&number).join("plug-ins"),
        sandboxed: !label.is_empty(),
    })
}

/// The versions that have a folder.
fn versions(base: &Path) -> BTreeSet<(u32, u32)> {
    let entries = base.read_dir().into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    entries.filter_map(|entry| parse(entry.file_name().to_str()?)).collect()
}

/// The versions of the programs that are installed. They may never have been started.
fn programs() -> Vec<(u32, u32)> {
    let version_of = |name: &&str| {
        let output = Command::new(name).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        parse(text.split_whitespace().last()?)
    };
    ["gimp-console", "gimp-console-2.10", "gimp-console-3.0", "gimp-console-3.2"]
        .iter()
        .filter_map(version_of)
        .collect()
}

/// Reads "3.0" or "3.0.4" as (3, 0).
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(str::parse);
    match (numbers.next()?, numbers.next()?) {
        (Ok(major), Ok(minor)) => Some((major, minor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_version_gets_its_shim() {
        let home = tempfile::tempdir().unwrap();
        for version in ["2.8", "2.10", "3.0", "3.2", "tmp"] {
            fs::create_dir_all(home.path().join("GIMP").join(version)).unwrap();
        }
        let base = home.path().join("GIMP");
        let found: Vec<_> =
            versions(&base).into_iter().filter_map(|version| installation(&base, version, "")).collect();
        let shims: Vec<_> = found.iter().map(|found| (found.name.as_str(), found.shim)).collect();
        assert_eq!(shims, [("GIMP 2.10", "gimp-2.10"), ("GIMP 3.0", "gimp"), ("GIMP 3.2", "gimp")]);
        assert!(found[1].folder.ends_with("GIMP/3.0/plug-ins"));
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(
            (parse("3.0.4"), parse("2.10"), parse("3"), parse("x.y")),
            (Some((3, 0)), Some((2, 10)), None, None)
        );
    }
}
