//! Gives the shared library its SONAME, which carries the major version of the ABI: programs find the library that they
//! were linked with, or none.

use std::env;

/// Checked against `ENL_ABI_VERSION` by a test.
const ABI_VERSION: u32 = 1;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux" | "android" | "freebsd" | "netbsd" | "openbsd") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libenlarger.so.{ABI_VERSION}");
        }
        Ok("macos") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libenlarger.{ABI_VERSION}.dylib");
        }
        _ => {}
    }
}
