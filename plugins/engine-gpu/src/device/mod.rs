//! Devices: which there are, and what they are asked to do. Everything that knows wgpu is in this room.
//!
//! A device may stop answering at any time, so nothing here waits without a limit, and a device that is lost is neither waited for nor
//! dropped. Nothing of Vulkan or Metal may be touched before devices are listed or one is opened.

mod adapters;
mod failure;
mod gpu;
mod memory;
mod pipelines;
mod work;

pub(crate) use adapters::{Adapter, adapters};
pub(crate) use gpu::Gpu;
pub(crate) use memory::{Buffer, Download};
pub(crate) use work::{Submission, Task};
