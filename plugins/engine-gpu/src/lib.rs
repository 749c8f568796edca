//! Enlarger's own inference engine for GPUs of all vendors, by Vulkan and Metal: an engine library.
//!
//! It runs the graphs that `enlarger-compiler` makes of networks, as kernels in WGSL that it writes as text. Nothing of Vulkan or
//! Metal is touched until devices are listed or a network is opened.
//!
//! Each room (a folder, or a file beside this one) may use only those above it in this list; `rooms.rs` checks that:
//!
//! | room | purpose |
//! |---|---|
//! | `arithmetic` | how values are stored and products are summed |
//! | `kernels` | the WGSL text of each kernel |
//! | `plan` | the steps of a tile, and the buffers that they share; pure data |
//! | `device` | devices, and all that knows wgpu |
//! | `execute` | running a plan on a device, in parts |
//! | `session`, `engine` | the core's traits |
#![deny(missing_docs)]

mod arithmetic;
mod device;
mod engine;
mod execute;
mod kernels;
mod plan;
#[cfg(test)]
mod rooms;
mod session;
#[cfg(test)]
mod testing;

pub use engine::GpuEngine;

enlarger_engine_api::export_engine!(GpuEngine::new());
