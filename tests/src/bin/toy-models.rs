//! Installs toy networks into a registry's folder, for tests and benchmarks that are not in Rust.
//!
//!     toy-models FOLDER KIND [SCALE]    KIND: nearest or black; SCALE: 4 by default

use std::path::Path;
use std::process::ExitCode;

use enlarger_tests::onnx::{install_black, install_nearest};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let scale = arguments.get(2).map_or(Ok(4), |scale| scale.parse());
    let kind = arguments.get(1).map(String::as_str);
    match (kind, scale) {
        (Some("nearest"), Ok(scale)) => install_nearest(Path::new(&arguments[0]), scale),
        (Some("black"), Ok(scale)) => install_black(Path::new(&arguments[0]), scale),
        _ => {
            eprintln!("toy-models FOLDER nearest|black [SCALE]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
