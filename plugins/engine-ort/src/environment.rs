//! The one environment of ONNX Runtime that a process may have.
//!
//! It is made when it is first needed and lives as long as the process; a start that failed may be tried again.
//! It must never send telemetry and never write to the host's terminal: what ONNX Runtime warns of is kept for `doctor`.

use std::collections::VecDeque;
use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Error, ErrorKind, Location, Result};
use once_cell::sync::OnceCell;
use ort::environment::Environment;
use ort::logging::LogLevel;

use crate::library::{self, Library};

static RUNTIME: OnceCell<Runtime> = OnceCell::new();
static WARNINGS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// Warnings that are kept; older ones are forgotten.
const KEPT: usize = 16;

/// ONNX Runtime, started.
pub(crate) struct Runtime {
    pub(crate) environment: Environment,
    pub(crate) library: Library,
}

/// ONNX Runtime, which is found and started if it is not yet.
pub(crate) fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_try_init(|| library::search().library.and_then(start))
}

/// What ONNX Runtime warned of lately.
pub(crate) fn warnings() -> Vec<String> {
    WARNINGS.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

fn start(library: Library) -> Result<Runtime> {
    let failed = |reason: String| {
        let sentence = format!("ONNX Runtime {} does not start: {reason}; install it again", library.version);
        Error::new(ErrorKind::EngineVersion, sentence).at(Location::File(library.path.clone()))
    };
    // Asking the environment not to send telemetry comes too late: what its start notes for sending, and an id of this
    // machine, are in the user's cache folder by then (seen in 1.31).
    // SAFETY: it is set once, before ONNX Runtime is opened, and nothing that Enlarger runs changes the environment.
    unsafe { env::set_var("ORT_DISABLE_TELEMETRY", "1") };
    let environment = ort::init_from(&library.path)
        .map_err(|e| failed(e.to_string()))?
        .with_name("enlarger")
        .with_telemetry(false)
        .with_logger(Arc::new(|level, _, _, _, message: &str| {
            if level >= LogLevel::Warning {
                keep(message);
            }
        }))
        .build()
        .map_err(|e| failed(e.to_string()))?;
    // The wrapper asks for every message there is; without this line each of them is written out only to be dropped.
    environment.set_log_level(LogLevel::Warning);
    Ok(Runtime { environment, library })
}

fn keep(message: &str) {
    let mut warnings = WARNINGS.lock().unwrap_or_else(PoisonError::into_inner);
    warnings.truncate(KEPT - 1);
    warnings.push_front(message.trim().to_owned());
}
