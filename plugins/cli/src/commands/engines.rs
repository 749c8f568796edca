//! The engines as the command uses them: GPUs are tried in a process of its own, which is this program.

use enlarger_engines::Engines;
use enlarger_models::Worker;

/// The engines of this machine. A command that does not know its own file tries GPUs in its own process.
pub(super) fn engines() -> Engines {
    let engines = Engines::discover();
    match worker() {
        Ok(worker) => engines.with_gpu_process(worker),
        Err(_) => engines,
    }
}

/// The worker: this program as `enlarge models probe`.
///
/// # Errors
/// As [`Worker::of_this_program`].
pub(super) fn worker() -> enlarger::Result<Worker> {
    Worker::of_this_program(&["models", "probe"])
}
