//! The process in which drivers of GPUs are asked and tried.
//!
//! A driver that crashes or hangs takes its process along. Programs that have a process to spare give one to
//! [`Engines::with_gpu_process`](crate::Engines::with_gpu_process).

use std::path::Path;

use enlarger::Result;

use super::list::GpuList;
use super::measurement::GpuMeasurement;
use super::trial::GpuTrial;

/// A process that may crash.
pub trait GpuProcess: Send + Sync {
    /// The devices of an engine library, as [`GpuList::of`] finds them.
    ///
    /// # Errors
    /// As [`GpuProcess::try_out`].
    fn list(&self, library: &Path) -> Result<GpuList>;

    /// Runs a trial, as [`GpuTrial::run`] does.
    ///
    /// # Errors
    /// `Limit` if the process crashed or did not answer in time; `Io` if it could not be started; otherwise those of the trial.
    fn try_out(&self, trial: &GpuTrial<'_>) -> Result<GpuMeasurement>;
}

/// This process, where there is no other one.
pub(crate) struct ThisProcess;

impl GpuProcess for ThisProcess {
    fn list(&self, library: &Path) -> Result<GpuList> {
        GpuList::of(library)
    }

    fn try_out(&self, trial: &GpuTrial<'_>) -> Result<GpuMeasurement> {
        trial.run()
    }
}
