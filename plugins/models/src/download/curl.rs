//! The user's own curl, with their proxies and certificates, so that Enlarger needs no TLS.
//!
//! What arrives is given to the caller piece by piece; how much of it is taken, the caller decides. Only https is spoken, except
//! with this machine.

use std::io::{ErrorKind as Io, Read, Seek};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;

use enlarger::{Error, ErrorKind, Result};

use super::client::client;
use crate::watch::{INTERVAL, Watch};
use crate::worker::Child;

/// The exit status of curl for a server that cannot continue a download.
const NO_RANGES: i32 = 33;

/// The bytes that are read of curl's messages.
const MESSAGES: u64 = 1 << 16;

/// How a transfer ended.
pub(super) enum End {
    /// Everything arrived.
    Whole,
    /// The server cannot begin elsewhere than at the first byte.
    NoRanges,
    /// It failed, for this reason.
    Failed(String),
}

/// Takes what arrives; or nothing, from time to time. An error ends the transfer.
pub(super) type Take<'a> = &'a mut dyn FnMut(&[u8], &mut Watch<'_>) -> Result<()>;

/// Fetches what is behind a URL, from byte `from` on.
///
/// # Errors
/// `Io` if curl cannot be run, or those of `take`; `Cancelled`.
pub(super) fn curl(url: &str, from: u64, watch: &mut Watch<'_>, take: Take<'_>) -> Result<End> {
    let mut command = client("curl");
    // --disable: the user's curlrc could contain any option.
    command.args(["--disable", "--silent", "--show-error", "--fail", "--location", "--max-redirs", "5"]);
    command.args(["--proto", if url.starts_with("https:") { "=https" } else { "=http" }, "--proto-redir", "=https"]);
    command.args(["--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "60", "--globoff"]);
    if from > 0 {
        command.args(["--continue-at", &from.to_string()]);
    }
    command.args(["--url", url]);
    let mut said = tempfile::tempfile()?;
    command.stdout(Stdio::piped()).stderr(said.try_clone()?);
    let mut child = Child::start(&mut command).map_err(|error| match error.kind() {
        Io::NotFound => Error::new(
            ErrorKind::Io,
            "curl is not installed here; install it, or fetch the file yourself and import that",
        ),
        _ => error.into(),
    })?;
    let mut output = child.process().stdout.take();
    let status = thread::scope(|scope| {
        let (sender, pieces) = sync_channel::<std::io::Result<Vec<u8>>>(4);
        scope.spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let read = output.as_mut().map_or(Ok(0), |output| output.read(&mut buffer));
                let piece = read.map(|count| buffer[..count].to_vec());
                let is_last = piece.as_ref().map_or(true, Vec::is_empty);
                // Nobody listens after a failure.
                if sender.send(piece).is_err() || is_last {
                    return;
                }
            }
        });
        // Dropped in here: after a failure this ends the transfer, for whose end the thread waits.
        let mut child = child;
        receive(&pieces, watch, take).and_then(|()| child.wait(None, watch))
    })?;
    match status.and_then(|status| status.code()) {
        Some(0) => Ok(End::Whole),
        Some(NO_RANGES) if from > 0 => Ok(End::NoRanges),
        _ => {
            let mut messages = Vec::new();
            said.rewind()?;
            said.take(MESSAGES).read_to_end(&mut messages)?;
            let messages = String::from_utf8_lossy(&messages);
            Ok(End::Failed(messages.trim().lines().last().unwrap_or("curl gave no reason").to_owned()))
        }
    }
}

/// Passes the pieces on as they arrive, up to an empty one.
fn receive(pieces: &Receiver<std::io::Result<Vec<u8>>>, watch: &mut Watch<'_>, take: Take<'_>) -> Result<()> {
    loop {
        match pieces.recv_timeout(INTERVAL) {
            Ok(piece) => {
                let piece = piece?;
                if piece.is_empty() {
                    return Ok(());
                }
                take(&piece, watch)?;
            }
            Err(RecvTimeoutError::Timeout) => take(&[], watch)?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}
