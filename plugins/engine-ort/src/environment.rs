//! Starts ONNX Runtime: the one environment that a process may have.
//!
//! The environment is made when it is first needed and lives as long as the process; a failed start can be repeated.
//! It must never send telemetry and never write to the host's terminal. Warnings are kept for `enlarge doctor`.

use std::collections::VecDeque;
use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Error, ErrorKind, Location, Result};
use once_cell::sync::OnceCell;
use ort::environment::Environment;
use ort::logging::LogLevel;

use crate::discovery::{self, Library};

static RUNTIME: OnceCell<Runtime> = OnceCell::new();
static WARNINGS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The number of warnings that are kept. Older ones are dropped.
const MAX_WARNINGS: usize = 16;

/// ONNX Runtime, started.
pub(crate) struct Runtime {
    pub(crate) environment: Environment,
    pub(crate) library: Library,
}

/// Finds and starts ONNX Runtime, unless it is running already.
pub(crate) fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_try_init(|| discovery::search().library.and_then(start))
}

/// The latest warnings of ONNX Runtime, newest first.
pub(crate) fn warnings() -> Vec<String> {
    WARNINGS.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

fn start(library: Library) -> Result<Runtime> {
    let failed = |reason: String| {
        let message = format!("ONNX Runtime {} does not start: {reason}; install it again", library.version);
        Error::new(ErrorKind::EngineVersion, message).at(Location::File(library.path.clone()))
    };
    // Disabling telemetry in the environment alone is too late: by then the start has written events and an id of this machine
    // to the user's cache folder (seen in 1.31).
    // SAFETY: set once, before ONNX Runtime is loaded; nothing in Enlarger changes environment variables at the same time.
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
    // The wrapper requests all messages; without this line each one would be formatted and then dropped.
    environment.set_log_level(LogLevel::Warning);
    Ok(Runtime { environment, library })
}

fn keep(message: &str) {
    let mut warnings = WARNINGS.lock().unwrap_or_else(PoisonError::into_inner);
    warnings.truncate(MAX_WARNINGS - 1);
    warnings.push_front(message.trim().to_owned());
}
