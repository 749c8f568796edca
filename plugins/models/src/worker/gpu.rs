//! A worker that lists GPUs and tries networks on them, so that a driver that crashes or hangs does no harm to the program.
//!
//! The library's path, the network and the results to compare with come from the program; the worker believes them.

use std::env;
use std::path::Path;

use enlarger::{Cancel, Device, Error, ErrorKind, Precision, Result};
use enlarger_engines::{GpuList, GpuMeasurement, GpuProcess, GpuTrial};
use serde_json::{Value, json};

use super::deadline::Deadline;
use super::task::Task;
use super::worker::{Ending, Worker};
use crate::watch::Watch;

/// The seconds that drivers may take to answer.
const SECONDS: u64 = 30;

/// The environment variable with other seconds, for software that imitates a GPU and for slow machines.
const VARIABLE: &str = "ENLARGER_GPU_SECONDS";

impl GpuProcess for Worker {
    fn list(&self, library: &Path) -> Result<GpuList> {
        let answer = ask_drivers(self, Task::ListGpus { library: library.to_owned() }, &[])?;
        let (version, devices): (String, Vec<(String, String)>) =
            serde_json::from_value(answer).map_err(|error| unreadable(&error.to_string()))?;
        let devices = devices.into_iter().map(|(id, name)| Device { id, name }).collect();
        Ok(GpuList { version, devices })
    }

    fn try_out(&self, trial: &GpuTrial<'_>) -> Result<GpuMeasurement> {
        let task = Task::TryGpu {
            library: trial.library.to_owned(),
            device: trial.device.to_owned(),
            precision: format!("{:?}", trial.precision),
            manifest: trial.manifest.to_owned(),
            expected: trial.expected.len(),
        };
        let mut data: Vec<u8> = trial.expected.iter().flat_map(|value| value.to_le_bytes()).collect();
        data.extend(trial.network);
        let answer = ask_drivers(self, task, &data)?;
        answer.as_str().and_then(GpuMeasurement::read).ok_or_else(|| unreadable(&answer.to_string()))
    }
}

fn ask_drivers(worker: &Worker, task: Task, data: &[u8]) -> Result<Value> {
    let seconds = env::var(VARIABLE).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(SECONDS);
    let (cancel, mut report) = (Cancel::new(), |_: crate::watch::Report<'_>| ());
    let mut watch = Watch::new(&cancel, &mut report);
    let failed = |what: String| Err(Error::new(ErrorKind::Limit, what));
    match worker.converse(task, data, Deadline::after(seconds), &mut watch)? {
        Ending::Answered(value) => Ok(value),
        Ending::Failed(error) => Err(error),
        Ending::Late => failed(format!(
            "its driver did not answer within {seconds} s; update the driver, or set {VARIABLE} to more seconds"
        )),
        Ending::Died(status) => failed(format!("its driver crashed ({status}); update the driver")),
    }
}

/// The worker's side: lists the GPUs.
pub(super) fn list(library: &Path) -> Result<Value> {
    let GpuList { version, devices } = GpuList::of(library)?;
    let devices: Vec<(String, String)> = devices.into_iter().map(|device| (device.id, device.name)).collect();
    Ok(json!((version, devices)))
}

/// The worker's side: tries a network in a precision on a device. `data` are `expected` values, little-endian, and the network.
pub(super) fn try_out(
    library: &Path,
    (device, precision): (&str, &str),
    manifest: &str,
    expected: usize,
    data: &[u8],
) -> Result<Value> {
    let unknown = || Error::new(ErrorKind::Io, "the question of the program cannot be read; please report this");
    let end = expected.checked_mul(size_of::<f32>()).filter(|end| *end <= data.len()).ok_or_else(unknown)?;
    let (values, network) = data.split_at(end);
    let value = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let expected: Vec<f32> = values.chunks_exact(size_of::<f32>()).map(value).collect();
    let precisions = [Precision::Auto, Precision::Exact, Precision::Fast];
    let precision = precisions.into_iter().find(|known| format!("{known:?}") == precision).ok_or_else(unknown)?;
    let trial = GpuTrial { library, device, precision, manifest, network, expected: &expected };
    Ok(json!(trial.run()?.text()))
}

fn unreadable(why: &str) -> Error {
    Error::new(
        ErrorKind::Internal,
        format!("the answer of the process for GPUs cannot be read ({why}); please report this"),
    )
}
