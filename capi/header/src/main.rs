//! Makes the C header from the sources of `capi`.
//!
//! A program of its own, so that nobody who builds the library must build a parser of Rust first.

mod polish;

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use cbindgen::{Builder, Config};

fn main() -> ExitCode {
    let Some(out) = env::args_os().nth(1) else {
        eprintln!("usage: enlarger-header FILE");
        return ExitCode::from(2);
    };
    match header().and_then(|text| Ok(fs::write(out, text)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("no header: {error}");
            ExitCode::FAILURE
        }
    }
}

fn header() -> Result<String, Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = Config::from_file(here.join("cbindgen.toml"))?;
    config.header = Some(include_str!("../manual.h").trim_end().to_owned());
    config.after_includes = Some(include_str!("../linkage.h").trim_end().to_owned());
    let mut text = Vec::new();
    Builder::new().with_config(config).with_src(here.join("../src/lib.rs")).generate()?.write(&mut text);
    Ok(polish::polish(&String::from_utf8(text)?))
}
