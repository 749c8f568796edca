//! The tests of the command, in one program: each file beside this one is a module of it.
//!
//! One program, because each takes seconds to link. A single file: `scripts/test --test command download::`.
//! Some need programs that Wine, in which these tests run for Windows, does not have: curl, Python with packages, a shell.

mod adapted_networks;
mod advice;
mod catalogue;
mod command;
mod common;
mod developers;
#[cfg(unix)]
mod download;
mod folders;
#[cfg(unix)]
mod gpu;
mod import;
mod info;
mod mask;
#[cfg(unix)]
mod matrix;
mod old_photo;
mod pipes;
mod preview;
mod provenance;
#[cfg(unix)]
mod public_database;
mod sizes;
#[cfg(windows)]
mod windows;

/// Cargo does not look for tests here by itself, so a file that nobody lists would never run.
#[test]
fn every_file_is_a_module() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let module = format!("\nmod {};\n", file.trim_end_matches(".rs"));
        assert!(file == "main.rs" || include_str!("main.rs").contains(&module), "{file} is not a module of main.rs");
    }
}
