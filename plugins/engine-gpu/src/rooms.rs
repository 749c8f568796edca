//! The rooms of this crate: which of them may use which.
//!
//! A room is a folder of `src`, or a file beside `lib.rs`, which says what each is for. Each room uses only rooms below it,
//! so that it can be read without those above. The test fails on every path `crate::ROOM` that points upwards, also in
//! tests and comments. `core/src/rooms.rs` does the same for the core.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from bottom to top.
const ROOMS: [&str; 8] = ["arithmetic", "kernels", "plan", "device", "execute", "session", "engine", "testing"];

/// Files that are not rooms: the crate's root, which declares every room, and this file.
const NO_ROOMS: [&str; 2] = ["lib", "rooms"];

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|other| *other == room)
}

/// What is wrong with the paths in a file of `room`.
fn violations(room: &str, text: &str) -> Vec<String> {
    let Some(own) = level(room) else { return vec![format!("the room '{room}' is not in ROOMS; add it there")] };
    // A path may be broken after any `::`.
    let text: String = text.split_whitespace().collect();
    let used = text.split("crate::").skip(1).map(|path| {
        let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
        &path[..end]
    });
    let upward = used.filter(|used| level(used).is_none_or(|level| level > own));
    let mut violations: Vec<String> = upward.map(|used| format!("'{room}' must not use 'crate::{used}'")).collect();
    if text.contains("super::super") {
        violations.push(format!("'{room}' must write 'crate::' instead of 'super::super'"));
    }
    violations
}

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { source_files(&path) } else { vec![path] }).collect()
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut files) = (Vec::new(), 0);
    for path in source_files(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if NO_ROOMS.contains(&room) {
            continue;
        }
        files += 1;
        let text = fs::read_to_string(&path).unwrap();
        found.extend(violations(room, &text).into_iter().map(|violation| format!("{}: {violation}", inside.display())));
    }
    assert!(files > 10, "only {files} files were found");
    assert!(found.is_empty(), "{found:#?}");
}

/// A test of the test: it must find what it is for.
#[test]
fn upward_paths_are_found() {
    assert_eq!(violations("plan", "use crate::device::Gpu;").len(), 1);
    assert_eq!(violations("kernels", "fn f() { crate::\n    plan::Step::default() }").len(), 1);
    assert_eq!(violations("cellar", "").len(), 1, "every room must be listed");
    assert!(violations("execute", "use crate::device::Gpu; use crate::plan::Step;").is_empty());
}
