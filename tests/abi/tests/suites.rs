//! Runs each test suite of the program, which reports failures itself. `scripts/sanitize` runs it under sanitizers and
//! valgrind.

use std::process::Command;

fn run(suite: &str) {
    let status = Command::new(env!("CARGO_BIN_EXE_abi")).arg(suite).status().expect("the program");
    assert!(status.success(), "{suite}: {status}");
}

#[test]
fn misuse() {
    run("misuse");
}

/// Runs alone, because leftovers of earlier suites would change it.
#[test]
fn memory() {
    run("memory");
}

#[test]
fn race() {
    run("race");
}

/// The inaccessible pages crash the program when a byte beyond a buffer is accessed, in every build.
#[test]
fn a_planted_overrun_ends_the_program() {
    let status = Command::new(env!("CARGO_BIN_EXE_abi")).arg("plant-guard").status().expect("the program");
    // On Windows, a program that crashes ends with a status like any other: that of an access violation.
    let crashed = if cfg!(windows) { Some(0xC000_0005_u32.cast_signed()) } else { None };
    assert_eq!(status.code(), crashed, "the program ended by itself: {status}");
}
