//! `scripts/install`: which files it installs where, and that they work.

use std::fs;
use std::path::Path;

use enlarger_capi::ENL_ABI_VERSION;
use enlarger_tests::installed::{Installed, root};

/// All files and links below a folder.
fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The installed files, without those of the Python package.
fn expected() -> Vec<String> {
    let mut files: Vec<String> = [
        "include/enlarger.h",
        "include/enlarger.hpp",
        "include/enlarger_engine.h",
        "lib/cmake/Enlarger/EnlargerConfig.cmake",
        "lib/cmake/Enlarger/EnlargerConfigVersion.cmake",
        "lib/libenlarger.a",
        "lib/libenlarger.so",
        "lib/pkgconfig/enlarger-static.pc",
        "lib/pkgconfig/enlarger.pc",
        "libexec/enlarger/enlarger-worker",
        "share/doc/enlarger/LICENSE-APACHE",
        "share/doc/enlarger/LICENSE-MIT",
        "share/doc/enlarger/THIRD-PARTY-LICENCES.txt",
        "share/doc/enlarger/THIRD-PARTY.md",
        "share/doc/enlarger/models/blazeface-full-range/LICENSE",
        "share/doc/enlarger/models/blazeface-full-range/NOTICE.md",
        "share/doc/enlarger/models/realesr-general-x4v3/LICENSE",
        "share/doc/enlarger/models/realesr-general-x4v3/NOTICE.md",
    ]
    .map(str::to_owned)
    .into();
    for model in ["", "-n0", "-n1", "-n2", "-n3"] {
        files.extend(
            ["LICENSE", "NOTICE.md"].map(|file| format!("share/doc/enlarger/models/waifu2x-photo-x2{model}/{file}")),
        );
    }
    let name = format!("lib/libenlarger.so.{ENL_ABI_VERSION}");
    files.extend([format!("{name}.{}", env!("CARGO_PKG_VERSION")), name]);
    files.sort();
    files
}

#[test]
fn everything_is_in_its_place() {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), "installed");
    let (python, rest): (Vec<String>, Vec<String>) =
        tree(&here.prefix).into_iter().partition(|name| name.starts_with("share/enlarger/python/"));
    assert_eq!(rest, expected());
    assert_eq!(!python.is_empty(), root().join("plugins/python/enlarger").is_dir(), "the Python package");
    let path = here.shell(&format!(
        "PYTHONPATH='{}/share/enlarger/python' python3 -c 'import enlarger; print(enlarger.library_path())'",
        here.prefix.display()
    ));
    assert!(Path::new(path.trim()).starts_with(here.prefix.join("lib")), "the Python package loads {path}");

    // No file contains the folder that it was installed into, or a placeholder.
    for name in rest.iter().filter(|name| name.contains("/pkgconfig/") || name.contains("/cmake/")) {
        let text = fs::read_to_string(here.prefix.join(name)).unwrap();
        assert!(!text.contains('@') && !text.contains("tests"), "{name}: {text}");
    }
    let licences = fs::read_to_string(here.prefix.join("share/doc/enlarger/THIRD-PARTY-LICENCES.txt")).unwrap();
    for word in ["\nrten v", "\nort v", "\nmoxcms v", "Permission is hereby granted", "Redistributions in"] {
        assert!(licences.contains(word), "no '{word}' among the licences");
    }
    here.shell("pkg-config --validate enlarger enlarger-static");
    assert_eq!(here.shell("pkg-config --modversion enlarger").trim(), env!("CARGO_PKG_VERSION"));
}

#[test]
fn relative_folders_and_destdir() {
    let here = Installed::nowhere(env!("CARGO_TARGET_TMPDIR"), "destdir");
    here.shell("\"$REPOSITORY/scripts/install\" --prefix 'a folder' && DESTDIR='./stage d' \"$REPOSITORY/scripts/install\" --prefix /usr/local");
    let places = ["a folder", "stage d/usr/local"].map(|place| tree(&here.work.join(place)));
    assert_eq!(places[0], places[1]);
    assert!(expected().iter().all(|name| places[0].contains(name)), "{places:?}");
    assert_eq!(fs::read_dir(&here.work).unwrap().count(), 2);

    for wrong in ["", "--prefix", "--prefix ''", "--somewhere else"] {
        let output = here.bash(&format!("\"$REPOSITORY/scripts/install\" {wrong}")).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

/// CMake accepts this version for requests of the same major version up to this one, and no others.
#[test]
fn cmake_looks_at_the_version() {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), "cmake version");
    let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
    let next = format!("{major}.{}", minor.parse::<u32>().unwrap() + 1);
    for (version, found) in [
        ("", true),
        (&*format!("{major}.{minor}"), true),
        (&*format!("{} EXACT", env!("CARGO_PKG_VERSION")), true),
        (&next, false),
        ("77", false),
    ] {
        let project = "cmake_minimum_required(VERSION 3.16)\nproject(p LANGUAGES C)\nfind_package(Enlarger";
        fs::write(here.work.join("CMakeLists.txt"), format!("{project} {version} REQUIRED)\n")).unwrap();
        let output = here.bash("rm -rf build && cmake -S . -B build").output().unwrap();
        assert_eq!(output.status.success(), found, "version '{version}'");
    }
}
