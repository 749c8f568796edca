//! What a person wants to know who asks why ONNX Runtime is or is not used.
//!
//! Facts only, for a program to print. Asking starts ONNX Runtime if it can be started, and never fails.

use std::path::PathBuf;

use enlarger::Device;

use crate::environment;
use crate::library::{self, Place};
use crate::provider;

/// The state of ONNX Runtime in this process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrtReport {
    /// The places that were looked at, in that order.
    pub places: Vec<Place>,
    /// The library that is used.
    pub library: Option<PathBuf>,
    /// Its version.
    pub version: Option<String>,
    /// The devices that it was built for.
    pub devices: Vec<Device>,
    /// Why it is not used, and what to do, if it is not.
    pub problem: Option<String>,
    /// What ONNX Runtime warned of lately, newest first.
    pub warnings: Vec<String>,
}

/// Looks for ONNX Runtime, starts it, and says what there is.
pub fn ort_report() -> OrtReport {
    let places = library::search().places;
    let runtime = environment::runtime();
    let library = runtime.as_ref().ok().map(|runtime| runtime.library.clone());
    OrtReport {
        places,
        devices: if library.is_some() { provider::devices() } else { Vec::new() },
        version: library.as_ref().map(|library| library.version.clone()),
        library: library.map(|library| library.path),
        problem: runtime.err().map(|error| error.to_string()),
        warnings: environment::warnings(),
    }
}
