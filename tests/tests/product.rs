//! What the product makes of pictures, with toy networks and real ones, called from Rust.
//!
//! The files beside this one are modules of a few test programs, because each program takes seconds to link. A single
//! file: `scripts/test --test product golden::`. What runs other programs belongs into `packaging.rs`, what measures time into
//! `deadlines.rs`, and what needs a process of its own becomes a program of its own in `tests/Cargo.toml`.

mod advice;
mod alpha;
mod colour;
mod creative;
mod depth;
mod edge_care_and_grain;
mod face_patches;
mod faces;
mod golden;
mod mask;
mod methods;
mod ncnn;
mod old_photo;
mod oracle;
mod portrait;
mod precision;
mod presets;
mod real_networks;
mod reduce_first;
mod registry;
mod restoration;
mod restorer;
mod seams;
mod sizes;
mod verified;
mod wrap;

/// Cargo does not look for tests in this folder by itself, so a file that no program names would never run.
#[test]
fn every_file_belongs_to_a_test_program() {
    let package = enlarger_tests::installed::root().join("tests");
    let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap();
    let programs = [include_str!("product.rs"), include_str!("deadlines.rs"), include_str!("packaging.rs")];
    for entry in std::fs::read_dir(package.join("tests")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let module = format!("\nmod {};\n", file.trim_end_matches(".rs"));
        let is_module = programs.iter().any(|program| program.contains(&module));
        assert!(is_module || manifest.contains(&format!("path = \"tests/{file}\"")), "no test program has {file}");
    }
}
