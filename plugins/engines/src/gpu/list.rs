//! The devices that the engine library for GPUs finds, and its version.
//!
//! Asking for them runs the drivers of all GPUs of this machine.

use std::path::Path;

use enlarger::{Device, Result};

/// The devices of an engine library.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuList {
    /// The library's version.
    pub version: String,
    /// The devices, best first. A name contains the driver and its version, and the word "software" if it is no real GPU.
    pub devices: Vec<Device>,
}

impl GpuList {
    /// Asks an engine library, in this process.
    ///
    /// # Errors
    /// As [`enlarger_engine_api::open`].
    pub fn of(library: &Path) -> Result<Self> {
        let engine = enlarger_engine_api::open(library)?;
        Ok(GpuList { version: engine.version(), devices: engine.devices() })
    }
}
