//! Generates the C headers from the sources of `capi` and from the interface of engine libraries.
//!
//! It is a separate program, so that building the library does not require building a Rust parser.

mod options;
mod polish;

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use cbindgen::{Builder, Config};

fn main() -> ExitCode {
    let (Some(library), Some(engine)) = (env::args_os().nth(1), env::args_os().nth(2)) else {
        eprintln!("usage: enlarger-header LIBRARY.h ENGINE.h");
        return ExitCode::from(2);
    };
    let write = || -> Result<(), Box<dyn Error>> {
        fs::write(library, self::library()?)?;
        Ok(fs::write(engine, self::engine()?)?)
    };
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot generate the headers: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The header for programs that use the library.
fn library() -> Result<String, Box<dyn Error>> {
    let mut config = Config::from_file(here().join("cbindgen.toml"))?;
    config.header = Some(options::insert(include_str!("../manual.h")).trim_end().to_owned());
    config.after_includes = Some(include_str!("../linkage.h").trim_end().to_owned());
    Ok(polish::polish(&generate(config, "../src/lib.rs")?))
}

/// The header for engine libraries.
fn engine() -> Result<String, Box<dyn Error>> {
    let config = Config::from_file(here().join("engine.toml"))?;
    Ok(polish::polish(&generate(config, "../../plugins/engine-api/src/table.rs")?))
}

fn generate(config: Config, source: &str) -> Result<String, Box<dyn Error>> {
    let mut text = Vec::new();
    Builder::new().with_config(config).with_src(here().join(source)).generate()?.write(&mut text);
    Ok(String::from_utf8(text)?)
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
