//! GPUs, through an engine library of ours that is looked for only when somebody names a GPU or asks for a list of them.
//!
//! Drivers of GPUs crash, hang and compute wrongly. So they are asked and tried in a process of their own where there is one
//! ([`GpuProcess`]), and a network is used on a GPU only after it was compared with our own exact arithmetic there
//! ([`GpuTrial`]). What a GPU cannot do the CPU does, and a note says so. Nothing here may run for `auto`.

mod device;
mod engine;
mod gpus;
mod library;
mod list;
mod measurement;
mod process;
mod report;
mod trial;
mod verdicts;

pub(crate) use device::is_wanted;
pub(crate) use gpus::Gpus;
pub use library::GPU_LIBRARY_VARIABLE;
pub use list::GpuList;
pub use measurement::GpuMeasurement;
pub use process::GpuProcess;
pub(crate) use process::ThisProcess;
pub use report::{FoundGpu, GpuReport};
pub use trial::GpuTrial;
