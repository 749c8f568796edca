//! A file from a URL, by the user's own curl: with their proxies and certificates, and no TLS of ours to keep safe.
//!
//! What comes is a stranger's until its SHA-256 is the one that was given: it goes to a file that nobody else reads, counted
//! and hashed on its way, never run, and never longer than was said. What was cut off is gone on with the next time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind as Io, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_import::{RemoteFile, Sha256Writer};
use enlarger_networks::onnx::MAX_NETWORK;

use crate::voice::Voice;

/// How often a connection that was cut is made again, as long as each brings something.
const ATTEMPTS: usize = 10;

/// What curl says of a server that cannot go on in the middle.
const NO_RANGES: i32 = 33;

/// Whether a name is a URL, and no file's.
pub fn is_url(name: &str) -> bool {
    name.contains("://")
}

/// Fetches it into `folder`, under the name that it has there.
///
/// # Errors
/// `Argument` for what is not asked for in the right way, `Io` for a transfer that failed or is under way in another program,
/// `ModelHash` for another file.
pub fn fetch(remote: &RemoteFile<'_>, folder: &Path, voice: Voice) -> Result<PathBuf> {
    let name = remote.check()?;
    let mut part = Part::open(remote)?;
    let most = remote.size.unwrap_or(MAX_NETWORK);
    voice.say(format_args!("fetching {}", remote.url));
    // All of it may be there already, and only the program was stopped.
    let whole = part.sum.matches(remote.sha256);
    for attempt in 1..=if whole { 0 } else { ATTEMPTS } {
        let before = part.length;
        match transfer(remote.url, &mut part, most) {
            Ok(()) => break,
            Err(error) if error.kind() != ErrorKind::Io || attempt == ATTEMPTS || part.length <= before => {
                return Err(error);
            }
            Err(error) => voice.detail(format_args!("{error}; going on at byte {}", part.length)),
        }
    }
    part.verify(remote)?;
    let path = folder.join(name);
    fs::copy(&part.path, &path)?;
    part.forget()?;
    Ok(path)
}

/// What is there of a file so far. While it is open no other program adds to it.
struct Part {
    path: PathBuf,
    file: File,
    length: u64,
    sum: Sha256Writer,
}

impl Part {
    /// Its name is what it is to become, so that two that differ never meet.
    fn open(remote: &RemoteFile<'_>) -> Result<Self> {
        let folder = Registry::user_folder()
            .ok_or_else(|| Error::new(ErrorKind::Io, "there is no home folder to keep it in; set HOME"))?
            .join(".downloads");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.part", remote.sha256.to_lowercase()));
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    ErrorKind::Io,
                    format!("another program is fetching {} right now; wait until it is done", remote.url),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut sum = Sha256Writer::default();
        let length = std::io::copy(&mut file, &mut sum)?;
        Ok(Part { path, file, length, sum })
    }

    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes)?;
        self.sum.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Begins again.
    fn clear(&mut self) -> Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.length, self.sum) = (0, Sha256Writer::default());
        Ok(())
    }

    /// Takes it away.
    fn forget(&self) -> Result<()> {
        fs::remove_file(&self.path)?;
        // Others may still be on their way.
        let _ = self.path.parent().map(fs::remove_dir);
        Ok(())
    }

    /// Compares the whole with what was said of it; another one is thrown away.
    fn verify(&self, remote: &RemoteFile<'_>) -> Result<()> {
        if remote.size.is_none_or(|expected| expected == self.length) && self.sum.matches(remote.sha256) {
            return Ok(());
        }
        self.forget()?;
        Err(Error::new(
            ErrorKind::ModelHash,
            format!(
                "{} has {} bytes and the SHA-256 {}; it is another file than the one that was named, and was deleted",
                remote.url, self.length, self.sum
            ),
        ))
    }
}

/// Adds to the file what it lacks, as one connection brings it.
fn transfer(url: &str, part: &mut Part, most: u64) -> Result<()> {
    let have = part.length;
    let mut command = Command::new("curl");
    // The user's settings in a file could ask for anything.
    command.args(["--disable", "--silent", "--show-error", "--fail", "--location", "--max-redirs", "5"]);
    command.args(["--proto", if url.starts_with("https:") { "=https" } else { "=http" }, "--proto-redir", "=https"]);
    command.args(["--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "60"]);
    command.args(["--continue-at", &have.to_string(), "--url", url]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| match error.kind() {
        Io::NotFound => Error::new(
            ErrorKind::Io,
            "curl is not installed here; install it, or fetch the file by hand and import that",
        ),
        _ => error.into(),
    })?;
    let mut rest = most.saturating_sub(have);
    let mut buffer = vec![0; 1 << 16];
    let mut output = child.stdout.take().expect("a pipe");
    let copied = loop {
        match output.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(count) if count as u64 > rest => break Err(too_long(url, most)),
            Ok(count) => {
                rest -= count as u64;
                if let Err(error) = part.add(&buffer[..count]) {
                    break Err(error);
                }
            }
            Err(error) => break Err(error.into()),
        }
    };
    if let Err(error) = copied {
        // Whatever else it has is not wanted.
        let _ = child.kill();
        let _ = child.wait();
        if error.kind() != ErrorKind::Io {
            part.forget()?;
        }
        return Err(error);
    }
    let done = child.wait_with_output()?;
    match done.status.code() {
        Some(0) => Ok(()),
        Some(NO_RANGES) if have > 0 => {
            part.clear()?;
            transfer(url, part, most)
        }
        _ => {
            let said = String::from_utf8_lossy(&done.stderr);
            let said = said.trim().lines().last().unwrap_or("curl said no more").to_owned();
            Err(Error::new(
                ErrorKind::Io,
                format!("{url} could not be fetched: {said}; try again, it goes on where it stopped"),
            ))
        }
    }
}

fn too_long(url: &str, most: u64) -> Error {
    Error::new(
        ErrorKind::ModelHash,
        format!("{url} gives more than the {most} bytes that it should have; it is another file"),
    )
}
