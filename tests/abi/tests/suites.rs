//! Runs each suite of the program, which says itself what failed. Under sanitizers and valgrind: `scripts/sanitize`.

use std::process::Command;

fn run(suite: &str) {
    let status = Command::new(env!("CARGO_BIN_EXE_abi")).arg(suite).status().expect("the program");
    assert!(status.success(), "{suite}: {status}");
}

#[test]
fn misuse() {
    run("misuse");
}

/// Alone: it counts on what earlier suites would leave behind not being there.
#[test]
fn memory() {
    run("memory");
}

#[test]
fn race() {
    run("race");
}

/// The inaccessible pages end the program where a byte beyond a buffer is touched, in every build.
#[test]
fn a_planted_overrun_ends_the_program() {
    let status = Command::new(env!("CARGO_BIN_EXE_abi")).arg("plant-guard").status().expect("the program");
    assert_eq!(status.code(), None, "the program ended by itself: {status}");
}
