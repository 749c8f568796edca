//! Where GIMP looks for plug-ins: a folder for each version, which GIMP creates when it first starts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folders::HostFolders;
use super::installation::Installation;

/// GIMP finds a plug-in only if the folder and the file in it have the same name.
const PARTS: &[&str] = &["enlarge-with-ai"];

/// The versions of GIMP that have a folder or are installed.
pub fn installations(folders: &HostFolders) -> Vec<Installation> {
    let own = folders.config.join("GIMP");
    let mut versions = versions(&own);
    let Some(windows) = &folders.windows else {
        let python = || (!folders.macos).then(|| "python3".into());
        if !folders.macos {
            versions.extend(programs());
        }
        let mut installations: Vec<Installation> =
            versions.into_iter().filter_map(|version| installation(&own, version, "", python())).collect();
        // The shim for GIMP 2.10 is not built for macOS.
        installations.retain(|installation| !folders.macos || installation.shim == "gimp");
        let sandboxes = [
            (folders.home.join(".var/app/org.gimp.GIMP/config/GIMP"), " (Flatpak)"),
            (folders.home.join("snap/gimp/current/.config/GIMP"), " (Snap)"),
        ];
        for (base, label) in sandboxes {
            let found = self::versions(&base).into_iter();
            installations.extend(found.filter_map(|version| installation(&base, version, label, None)));
        }
        return installations;
    };
    let installed: Vec<(PathBuf, (u32, u32))> =
        windows.of_program("GIMP 3").into_iter().flat_map(|folder| installed(&folder.join("bin"))).collect();
    versions.extend(installed.iter().map(|(_, version)| *version));
    // The Python of the same version, which is part of GIMP.
    let python = |version: (u32, u32)| {
        let of_version = installed.iter().filter(|(_, other)| *other == version);
        of_version.map(|(bin, _)| bin.join("python.exe")).find(|python| python.is_file())
    };
    let mut found: Vec<Installation> =
        versions.into_iter().filter_map(|version| installation(&own, version, "", python(version))).collect();
    for base in windows.of_store("gimp").into_iter().map(|roaming| roaming.join("GIMP")) {
        let versions = self::versions(&base).into_iter();
        found.extend(versions.filter_map(|version| installation(&base, version, " (Microsoft Store)", None)));
    }
    // The shim for GIMP 2.10 is not built for Windows.
    found.retain(|installation| installation.shim == "gimp");
    found
}

fn installation(base: &Path, version: (u32, u32), label: &str, python: Option<PathBuf>) -> Option<Installation> {
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
        python,
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

/// The versions whose programs are in a folder of GIMP for Windows, by the names of their files, such as gimp-3.0.exe. GIMP for
/// Windows is on no path, so it cannot be asked by name.
fn installed(bin: &Path) -> Vec<(PathBuf, (u32, u32))> {
    let names = bin.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name());
    let version_of = |name: String| parse(name.to_lowercase().strip_prefix("gimp-")?.strip_suffix(".exe")?);
    names.filter_map(|name| Some((bin.to_owned(), version_of(name.into_string().ok()?)?))).collect()
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
    use super::super::folders::WindowsFolders;
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
            versions(&base).into_iter().filter_map(|version| installation(&base, version, "", None)).collect();
        let shims: Vec<_> = found.iter().map(|found| (found.name.as_str(), found.shim)).collect();
        assert_eq!(shims, [("GIMP 2.10", "gimp-2.10"), ("GIMP 3.0", "gimp"), ("GIMP 3.2", "gimp")]);
        assert!(found[1].folder.ends_with("GIMP/3.0/plug-ins"));
    }

    #[test]
    fn on_macos_no_python_is_asked() {
        let home = tempfile::tempdir().unwrap();
        for version in ["2.10", "3.0"] {
            fs::create_dir_all(home.path().join("GIMP").join(version)).unwrap();
        }
        let folders = HostFolders { config: home.path().to_owned(), macos: true, ..HostFolders::default() };
        let found = installations(&folders);
        let found: Vec<_> = found.iter().map(|found| (found.name.as_str(), found.python.as_deref())).collect();
        assert_eq!(found, [("GIMP 3.0", None)]);
    }

    #[test]
    fn gimp_of_windows_is_found_before_it_was_started() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| path.split('/').fold(home.path().to_owned(), |folder, name| folder.join(name));
        let put = |path: &str| {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), "").unwrap();
        };
        for file in
            ["gimp-3.0.exe", "gimp-console-3.0.exe", "gimp-3.exe", "gimp.exe", "python.exe", "GIMP-3.0.exe.manifest"]
        {
            put(&format!("all/GIMP 3/bin/{file}"));
        }
        put("local/Programs/GIMP 3/bin/gimp-3.2.exe");
        put("roaming/GIMP/2.10/gimprc");
        put("local/Packages/GIMP.43237F745C6D2_x/LocalCache/Roaming/GIMP/3.2/gimprc");
        let windows = WindowsFolders { local: Some(at("local")), programs: vec![at("all")] };
        let folders = HostFolders { config: at("roaming"), windows: Some(windows), ..HostFolders::default() };
        let found = installations(&folders);
        let names: Vec<_> = found.iter().map(|found| (found.name.as_str(), found.sandboxed)).collect();
        assert_eq!(names, [("GIMP 3.0", false), ("GIMP 3.2", false), ("GIMP 3.2 (Microsoft Store)", true)]);
        assert_eq!(found[0].folder, at("roaming/GIMP/3.0/plug-ins"));
        assert_eq!(found[0].python, Some(at("all/GIMP 3/bin/python.exe")));
        assert_eq!(found[1].python, None);
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(
            (parse("3.0.4"), parse("2.10"), parse("3"), parse("x.y")),
            (Some((3, 0)), Some((2, 10)), None, None)
        );
    }
}
