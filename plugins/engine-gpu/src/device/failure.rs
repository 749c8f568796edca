//! What went wrong on a device, and the error that this becomes.
//!
//! wgpu reports most failures through callbacks, on any thread. The first one is kept. A device that has been lost stays lost.

use std::sync::{Mutex, PoisonError};

use enlarger::{Error, ErrorKind, Result};

/// What is known of failures of a device.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Why the device is lost, if it is.
    lost: Option<String>,
    /// The first other failure since the last check.
    other: Option<(ErrorKind, String)>,
}

impl Failures {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that the device is lost.
    pub(super) fn lose(&self, why: &str) {
        self.state().lost.get_or_insert_with(|| why.to_owned());
    }

    pub(super) fn is_lost(&self) -> bool {
        self.state().lost.is_some()
    }

    /// Records an error of wgpu.
    pub(super) fn record(&self, error: &wgpu::Error) {
        self.state().other.get_or_insert_with(|| (kind(error), error.to_string()));
    }

    /// # Errors
    /// `Device` if the device is lost or failed, `Memory` if its memory was too small, `Internal` for a defect of this engine.
    /// All but a loss are reported once.
    pub(super) fn check(&self, device: &str) -> Result<()> {
        let mut state = self.state();
        if let Some(why) = &state.lost {
            return Err(lost(device, why));
        }
        state.other.take().map_or(Ok(()), |(kind, why)| Err(failed(device, kind, &why)))
    }
}

/// The kind of an error of wgpu.
pub(super) fn kind(error: &wgpu::Error) -> ErrorKind {
    match error {
        wgpu::Error::OutOfMemory { .. } => ErrorKind::Memory,
        wgpu::Error::Validation { .. } => ErrorKind::Internal,
        wgpu::Error::Internal { .. } => ErrorKind::Device,
    }
}

/// The error of a lost device.
pub(super) fn lost(device: &str, why: &str) -> Error {
    let why = why.trim().trim_end_matches('.');
    let message =
        format!("the device was lost: {device}: {why}; try again, update the driver, or choose the device cpu");
    Error::new(ErrorKind::Device, message)
}

/// The error of a device that cannot go on.
pub(super) fn failed(device: &str, kind: ErrorKind, why: &str) -> Error {
    let why = why.trim().trim_end_matches('.');
    let message = match kind {
        ErrorKind::Memory => {
            format!("the memory of {device} is too small; choose smaller tiles or the device cpu")
        }
        ErrorKind::Internal => {
            format!("{device} was used wrongly: {why}; choose the device cpu, and please report this")
        }
        _ => format!("{device} failed: {why}; update its driver or choose the device cpu"),
    };
    Error::new(kind, message)
}
