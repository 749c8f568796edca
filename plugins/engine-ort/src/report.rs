//! Reports why ONNX Runtime is used or not, for `enlarge doctor`.
//!
//! The report starts ONNX Runtime if possible, and never fails.

use std::path::PathBuf;

use enlarger::Device;

use crate::discovery::{self, SearchedPlace};
use crate::{devices, environment};

/// The state of ONNX Runtime in this process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrtReport {
    /// The places that were searched, in this order.
    pub places: Vec<SearchedPlace>,
    /// The path of the library that is used.
    pub library: Option<PathBuf>,
    /// Its version.
    pub version: Option<String>,
    /// The devices that it supports.
    pub devices: Vec<Device>,
    /// If it is not used: the reason, and what to do.
    pub problem: Option<String>,
    /// The latest warnings of ONNX Runtime, newest first.
    pub warnings: Vec<String>,
}

/// Searches for ONNX Runtime, starts it, and reports the result.
pub fn ort_report() -> OrtReport {
    let places = discovery::search().places;
    let runtime = environment::runtime();
    let library = runtime.as_ref().ok().map(|runtime| runtime.library.clone());
    OrtReport {
        places,
        devices: if library.is_some() { devices::list() } else { Vec::new() },
        version: library.as_ref().map(|library| library.version.clone()),
        library: library.map(|library| library.path),
        problem: runtime.err().map(|error| error.to_string()),
        warnings: environment::warnings(),
    }
}
