//! A probe in a process of its own: a network that takes too much takes nothing with it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use enlarger::{Error, ErrorKind, Model, Precision, Result, Session, SessionOptions};
use enlarger_engines::Engines;
use enlarger_import::Findings;
use serde_json::{Value, json};

use crate::batch::{DONE, FAILED};
use crate::voice::Voice;

/// Bytes that a network under examination may take, all in all.
const MEMORY: u64 = 12 << 30;

/// How long a child is let go on after a look.
const LOOK: Duration = Duration::from_millis(20);

/// Finds out what a network does, in another process.
///
/// # Errors
/// What the probe says; `Limit` where it took too long or too much memory.
pub fn in_child(network: &[u8], seconds: u64, voice: Voice) -> Result<Findings> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("network.onnx");
    fs::write(&file, network)?;
    let mut child = Command::new(env::current_exe()?)
        .args(["models", "probe"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(fs::File::create(folder.path().join("findings"))?)
        .stderr(fs::File::create(folder.path().join("words"))?)
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
                    "the network was not understood within {seconds} s; it may be too large for this machine, --seconds allows more"
                ),
            ));
        }
        thread::sleep(LOOK);
    };
    let words = fs::read(folder.path().join("words"))?;
    voice.detail(format_args!("{}", String::from_utf8_lossy(&words).trim_end()));
    let found: Option<Value> = serde_json::from_slice(&fs::read(folder.path().join("findings"))?).ok();
    match found {
        Some(Value::String(sentence)) => Err(Error::new(ErrorKind::ModelInvalid, sentence)),
        Some(found) if status.success() => serde_json::from_value(found).map_err(|e| {
            Error::new(ErrorKind::Internal, format!("the probe said something else ({e}); please report this"))
        }),
        _ => Err(Error::new(
            ErrorKind::Limit,
            format!(
                "the network took more than {} GiB of memory or broke its engine ({status}); it cannot be used here",
                MEMORY >> 30
            ),
        )),
    }
}

/// Runs `enlarge models probe FILE`: the other process.
pub fn run(file: &Path) -> u8 {
    limit_memory();
    let found = fs::read(file).map_err(Error::from).and_then(|network| {
        let engines = Engines::discover();
        // A faster arithmetic would hide in its rounding what the far end of the halo adds.
        let mut options = SessionOptions::default();
        options.precision = Precision::Exact;
        let open = |model: &Model| -> Result<std::sync::Arc<dyn Session>> {
            Ok(engines.open(None, model, &options)?.upscaler.session().clone())
        };
        enlarger_import::probe(network, &open)
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
    // Where even that is not allowed, the time is still limited.
    let _ = setrlimit(Resource::As, limit);
}

#[cfg(not(unix))]
fn limit_memory() {}
