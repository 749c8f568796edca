//! Engine libraries in Rust, which the examples of `plugins/engine-api` are.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installed::root;

/// Builds an example as an engine library. `tmp` is the test's `CARGO_TARGET_TMPDIR`.
pub fn engine_library(tmp: &str, example: &str) -> PathBuf {
    let target = Path::new(tmp).parent().expect("the target folder");
    // As the tests are built, so that cargo compiles nothing twice.
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--workspace", "--profile", profile, "--example", example]).current_dir(root());
    assert!(build.env("CARGO_TARGET_DIR", target).status().expect("cargo").success(), "{example} does not build");
    let folder = if profile == "dev" { "debug" } else { profile };
    target.join(folder).join("examples").join(format!("{DLL_PREFIX}{example}{DLL_SUFFIX}"))
}
