//! The engine ort: ONNX Runtime as an engine for Enlarger, found at run time.
//!
//! ONNX Runtime runs any network fast and on every kind of device, but it is too large to be built in.
//! Its library must never be loaded before its file has been checked, never be unloaded, and never change the device silently.
#![deny(missing_docs)]

mod cancellable_mutex;
mod devices;
mod discovery;
mod engine;
mod environment;
mod python_folders;
mod report;
mod search_folders;
mod session;
mod version;

pub use discovery::{LIBRARY_VARIABLE, SearchedPlace, Verdict};
pub use engine::Ort;
pub use report::{OrtReport, ort_report};
