//! Probing a network in a process of its own, so that one that takes too much memory or crashes does no harm.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use enlarger::{Error, ErrorKind, Model, Precision, Result, Session, SessionOptions};
use enlarger_engines::Engines;
use enlarger_import::Findings;
use serde_json::{Value, json};

use crate::exit_status::{DONE, FAILED};
use crate::terminal::Terminal;

/// Bytes that the probing process may take in all.
const MEMORY: u64 = 12 << 30;

/// The time between two checks of the child process.
const INTERVAL: Duration = Duration::from_millis(20);

/// Finds out what a network does, in another process.
///
/// # Errors
/// The probe's error, or `Limit` if it took too much time or memory.
fn in_child(network: &[u8], seconds: u64, terminal: Terminal) -> Result<Findings> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("network.onnx");
    fs::write(&file, network)?;
    let mut child = Command::new(env::current_exe()?)
        .args(["models", "probe"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(fs::File::create(folder.path().join("findings"))?)
        .stderr(fs::File::create(folder.path().join("messages"))?)
        .spawn()?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > Duration::from_secs(seconds) {
            child.kill()?;
            child.wait()?;
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "probing the network did not finish within {seconds} s; it may be too large for this machine, or allow more time with --seconds"
                ),
            ));
        }
        thread::sleep(INTERVAL);
    };
    let messages = fs::read(folder.path().join("messages"))?;
    terminal.detail(format_args!("{}", String::from_utf8_lossy(&messages).trim_end()));
    let found: Option<Value> = serde_json::from_slice(&fs::read(folder.path().join("findings"))?).ok();
    match found {
        Some(Value::String(message)) => Err(Error::new(ErrorKind::ModelInvalid, message)),
        Some(found) if status.success() => serde_json::from_value(found).map_err(|e| {
            Error::new(ErrorKind::Internal, format!("the probe's answer cannot be read ({e}); please report this"))
        }),
        _ => Err(Error::new(
            ErrorKind::Limit,
            format!(
                "the network took more than {} GiB of memory or crashed the engine ({status}); it cannot be used on this machine",
                MEMORY >> 30
            ),
        )),
    }
}

/// Probes a network. Returns what it does, and the network with the operations that it needs around it.
///
/// # Errors
/// As [`in_child`].
pub fn probe_and_pad(network: Vec<u8>, seconds: u64, terminal: Terminal) -> Result<(Vec<u8>, Findings)> {
    let findings = in_child(&network, seconds, terminal)?;
    let network = findings.wrapping().applied(&network)?.into_owned();
    Ok((network, findings))
}

/// Runs `enlarge models probe FILE`, the child process.
pub fn run(file: &Path) -> u8 {
    limit_memory();
    let found = fs::read(file).map_err(Error::from).and_then(|network| {
        let engines = Engines::discover();
        // The rounding of a faster arithmetic would hide the small contribution of the halo's far end.
        let mut options = SessionOptions::default();
        options.precision = Precision::Exact;
        let open = |model: &Model| -> Result<std::sync::Arc<dyn Session>> {
            Ok(engines.open(None, model, &options)?.session()?.clone())
        };
        enlarger_import::probe(network, None, &open)
    });
    let (status, line) = match found {
        Ok((_, findings)) => (DONE, json!(findings)),
        Err(error) => (FAILED, json!(error.to_string())),
    };
    if writeln!(std::io::stdout(), "{line}").is_err() { FAILED } else { status }
}

#[cfg(unix)]
fn limit_memory() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::As);
    limit.current = Some(limit.maximum.map_or(MEMORY, |most| most.min(MEMORY)));
    // If the limit cannot be set, the time is still limited.
    let _ = setrlimit(Resource::As, limit);
}

#[cfg(not(unix))]
fn limit_memory() {}
