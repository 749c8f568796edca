//! The modules of this crate form layers: each may use only the layers below it. `lib.rs` says what each of them is for.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first.
const LAYERS: [&str; 11] = [
    "kernels",
    "graph",
    "compiled_graph",
    "compile",
    "operations",
    "schedule",
    "execute",
    "precision",
    "session",
    "engine",
    "testing",
];

/// The index of a layer; `None` if it is not listed.
fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == name)
}

/// The modules of this crate that a source text names, comments included.
fn modules_named(source: &str) -> impl Iterator<Item = &str> {
    let named = source.split("crate::").skip(1);
    named.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
}

/// What is wrong with the imports of a file that belongs to the layer `name`.
fn violations(name: &str, source: &str) -> Vec<String> {
    let Some(own) = layer(name) else { return vec![format!("the module {name} is not in the list of layers")] };
    let mut violations: Vec<String> = modules_named(source)
        .filter(|used| layer(used).is_none_or(|used| used > own))
        .map(|used| format!("{name} must not use crate::{used}"))
        .collect();
    if source.contains("super::super") {
        violations.push(format!("{name}: write crate:: instead of super::super"));
    }
    violations
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_module_uses_a_higher_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut files) = (Vec::new(), 0);
    for path in rust_files(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let name = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        // `lib.rs` only declares the modules. This file names them in texts.
        if name == "lib" || inside.ends_with("module_layers.rs") {
            continue;
        }
        files += 1;
        let source = fs::read_to_string(&path).unwrap();
        found.extend(violations(name, &source).into_iter().map(|text| format!("{}: {text}", inside.display())));
    }
    assert!(files > 30, "only {files} files were found");
    assert!(found.is_empty(), "{found:#?}");
}

/// The check itself is checked: it must find what it is for.
#[test]
fn upward_uses_are_found() {
    assert_eq!(violations("schedule", "use crate::execute::threads::Threads;").len(), 1);
    assert_eq!(violations("kernels", "fn f() { crate::graph::Graph::default() }").len(), 1);
    assert_eq!(violations("kernels", "use crate::{graph, execute};").len(), 1, "grouped imports are not readable");
    assert_eq!(violations("graph", "use super::super::compile;").len(), 1);
    assert_eq!(violations("cellar", "").len(), 1, "every module must be listed");
    assert!(violations("execute", "use crate::schedule::RowTask;\nuse crate::kernels::plane::Size;").is_empty());
}
