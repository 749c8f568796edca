//! Gives the shared library its SONAME, which carries the version of the interface: programs find the library that they
//! were linked with, or none.

use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/version.rs");
    let abi = abi_version();
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux" | "android" | "freebsd" | "netbsd" | "openbsd") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libenlarger.so.{abi}");
        }
        Ok("macos") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libenlarger.{abi}.dylib");
        }
        _ => {}
    }
}

/// The value of `ENL_ABI_VERSION`, read where it is written, so that there is only one.
fn abi_version() -> u32 {
    let source = fs::read_to_string("src/version.rs").expect("src/version.rs");
    let value =
        source.lines().find_map(|line| line.strip_prefix("pub const ENL_ABI_VERSION: u32 = ")?.strip_suffix(';'));
    value.and_then(|value| value.parse().ok()).expect("src/version.rs says: pub const ENL_ABI_VERSION: u32 = N;")
}
