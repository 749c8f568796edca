//! Compiles the C half of the program, with the sanitizer that the Rust half is built with.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=c");
    println!("cargo:rerun-if-changed=../../include");
    let mut build = cc::Build::new();
    build.files(
        std::fs::read_dir("c")
            .expect("the folder c")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "c")),
    );
    build.include("../../include").define("ENL_STATIC", None).define("_GNU_SOURCE", None);
    build.std("c11").extra_warnings(true).flag_if_supported("-Wpedantic");
    build.debug(true).flag("-fno-omit-frame-pointer");
    // Set by scripts/sanitized.
    println!("cargo:rerun-if-env-changed=ENLARGER_SANITIZER");
    match env::var("ENLARGER_SANITIZER").as_deref() {
        Ok("address") => {
            // The address sanitizer's runtime, which Rust links, has the other one inside.
            build.flag("-fsanitize=address,undefined").flag("-fno-sanitize-recover=undefined").define("ABI_ASAN", None);
        }
        Ok("thread") => {
            build.flag("-fsanitize=thread").define("ABI_TSAN", None);
            // Functions of Rust's standard library that `c/std_sync.c` stands before.
            for name in ["ABI_LOCK", "ABI_WAIT"] {
                println!("cargo:rerun-if-env-changed={name}");
                if let Ok(symbol) = env::var(name) {
                    println!("cargo:rustc-link-arg=-Wl,--wrap={symbol}");
                    build.define(name, symbol.as_str());
                }
            }
        }
        _ => {}
    }
    build.compile("abi_c");
    // Threads of mingw's C; part of the C library elsewhere.
    if env::var("CARGO_CFG_WINDOWS").is_ok() {
        println!("cargo:rustc-link-lib=static=winpthread");
    }
}
