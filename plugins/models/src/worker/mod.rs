//! The worker: a process of its own for networks and drivers of GPUs that are not trusted, so that one that takes too much memory,
//! crashes or hangs does no harm to the program.
//!
//! [`Worker`] is the side of the program, [`serve()`] the side of the process. A network goes over as an unnamed file, so
//! nothing is left behind however either of them ends. The process must never outlive the program.

mod child;
mod deadline;
mod gpu;
mod serve;
mod task;
#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
mod worker;

pub(crate) use child::Child;
pub(crate) use deadline::Deadline;
pub use serve::serve;
pub use worker::Worker;

/// The time that a worker may take for a network, in seconds, unless the user allows another.
pub const SECONDS: u64 = 300;

/// The bytes of memory that a worker may take in all.
const MEMORY: u64 = 12 << 30;
