//! The rooms of this crate: which of them may use which.
//!
//! A room is a folder of `src`, or a file beside `lib.rs`. Each room uses only rooms below it, so that it can be read
//! and changed without those above. The test here reads the source files and fails on every path `crate::ROOM` that
//! points upwards, also in tests and comments.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from bottom to top. Rooms on one line must not use each other, except that those on the first line may.
const ROOMS: &[&[&str]] = &[
    &["error", "geometry"], // errors; sizes and rectangles
    &["faces"],             // a face, which jobs name; the search for faces needs stages and belongs above them
    &["machine"],           // memory, the user's folders, the cache of measurements
    &["colour", "run"],     // colour spaces and tone curves; cancellation, progress and notes of a run
    &["pixels"],            // formats, views, sources and sinks
    &["models"],            // manifests, models, the registry, noise levels
    &["engine"],            // the interface of engines, the tensors that a manifest promises, sample pictures
    &["plan"],              // the job, and how the picture is divided: passes, bands, tiles
    &["stages"],            // the steps that make rows; `stages::tiles` runs networks
    &["finding"],           // the search for faces
    &["old"],               // damage of old photographs: fading, scratches
    &["restoration"],       // faces restored by a network: alignment, colours, the stage that puts them back
    &["presets"],           // recipes that people choose, and the wear of a picture
    &["advice"],            // what is wrong with a picture, and what to do about it
    &["options"],           // keyed settings, as the C interface and the command offer them
    &["layout"],            // a whole run computed in advance, with its memory
    &["provenance"],        // what made a result
    &["upscale"],           // the pipeline
];

/// Files that are no rooms: the crate's root, which names every room, and this file.
const NO_ROOMS: [&str; 2] = ["lib", "rooms"];

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|rooms| rooms.contains(&room))
}

/// What is wrong with a file of `room`.
fn complaints(room: &str, text: &str) -> Vec<String> {
    let Some(here) = level(room) else { return vec![format!("the room '{room}' is not in ROOMS; add it there")] };
    let is_upward = |name: &str| {
        let neighbour = name == room || here == 0 && level(name) == Some(0);
        !neighbour && level(name).is_some_and(|there| there >= here)
    };
    let mut found = Vec::new();
    // A path may be broken after any `::`, and a list of paths may span lines.
    let text: String = text.split_whitespace().collect();
    for path in text.split("crate::").skip(1) {
        let names: Vec<&str> = match path.strip_prefix('{') {
            Some(list) => top_level(list).into_iter().map(first_name).collect(),
            None => vec![first_name(path)],
        };
        let upward = names.into_iter().filter(|name| is_upward(name));
        found.extend(upward.map(|name| format!("'{room}' uses '{name}', which is not below it")));
    }
    found
}

/// The paths in a list such as `a::{b, c}, d}`, which ends at the brace that closes it.
fn top_level(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut paths) = (0, 0, Vec::new());
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                paths.push(&list[start..at]);
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    paths
}

fn first_name(path: &str) -> &str {
    path.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default()
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&source, &mut files);
    assert!(files.len() > 30, "only {} source files were found", files.len());
    let mut all = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if !NO_ROOMS.contains(&room) {
            let text = fs::read_to_string(&file).unwrap();
            all.extend(complaints(room, &text).into_iter().map(|what| format!("{}: {what}", inside.display())));
        }
    }
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[test]
fn an_upward_use_is_found() {
    for (room, text) in [
        ("models", "use crate::presets::preset::Preset;"),
        ("error", "use crate::machine::memory;"),
        ("colour", "use crate::run::run::Run;"),
        ("plan", "fn f() {\n    crate::layout::Layout::new()\n}"),
        ("engine", "use crate::{\n    error::{Error, Result},\n    stages::stage::Stage,\n};"),
        ("stages", "pub(in crate::presets) fn f() {}"),
        ("cellar", "use crate::error::Result;"),
    ] {
        assert_eq!(complaints(room, text).len(), 1, "{room}: {text}");
    }
}

#[test]
fn a_downward_use_is_allowed() {
    for (room, text) in [
        ("models", "use crate::error::Result;\nuse crate::models::manifest::Manifest;\npub(crate) fn f() {}"),
        ("error", "use crate::geometry::Rect;"),
        ("upscale", "use crate::{error::Result, stages::{stage::Stage, tee::Tee}};"),
        ("engine", "/// [`ErrorKind`](crate::ErrorKind)"),
    ] {
        assert_eq!(complaints(room, text), [""; 0], "{room}: {text}");
    }
}
