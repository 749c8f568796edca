//! The GPUs of this machine, for people who wonder whether they can be used.

use std::path::PathBuf;

use enlarger::Device;

/// The engine library for GPUs and what it finds.
#[derive(Clone, Debug)]
pub struct GpuReport {
    /// The engine library.
    pub library: PathBuf,
    /// Its version.
    pub version: String,
    /// The devices, best first.
    pub gpus: Vec<FoundGpu>,
}

/// A device of the engine library for GPUs.
#[derive(Clone, Debug)]
pub struct FoundGpu {
    /// Its id and its name, which contains its driver.
    pub device: Device,
    /// Whether it is software that imitates a GPU.
    pub is_software: bool,
    /// What earlier trials have shown, one sentence each.
    pub verdicts: Vec<String>,
}
