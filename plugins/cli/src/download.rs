//! A network from a URL, by the user's own curl: with their proxies and certificates, and no TLS of ours to keep safe.
//!
//! What comes is a stranger's until its SHA-256 is the one that was given: it is counted and hashed on its way to a file
//! that nobody else reads, never run, and never longer than was said. What was cut off is gone on with the next time.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind as Io, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_import::sha256;
use enlarger_networks::onnx::MAX_NETWORK;

use crate::voice::Voice;

/// How often a connection that was cut is made again, as long as each brings something.
const ATTEMPTS: usize = 10;

/// What curl says of a server that cannot go on in the middle.
const NO_RANGES: i32 = 33;

/// What is to be fetched, and how it is known to be right.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Where it is.
    pub url: &'a str,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: &'a str,
    /// Its bytes, where they are known.
    pub size: Option<u64>,
}

/// Whether a name is a URL, and no file's.
pub fn is_url(name: &str) -> bool {
    name.contains("://")
}

/// Fetches it into `folder`, under the name that it has there.
///
/// # Errors
/// `Argument` for what is not asked for in the right way, `Io` for a transfer that failed, `ModelHash` for another file.
pub fn fetch(wanted: &Wanted<'_>, folder: &Path, voice: Voice) -> Result<PathBuf> {
    let name = check(wanted)?;
    let part = part(wanted)?;
    let most = wanted.size.unwrap_or(MAX_NETWORK);
    voice.say(format_args!("fetching {}", wanted.url));
    let mut before = length(&part);
    // All of it may be there already, and only the program was stopped.
    let whole = before > 0 && found(&part)?.1.eq_ignore_ascii_case(wanted.sha256);
    for attempt in 1..=if whole { 0 } else { ATTEMPTS } {
        let outcome = transfer(wanted.url, &part, most);
        let now = length(&part);
        match outcome {
            Ok(()) => break,
            Err(error) if error.kind() != ErrorKind::Io || attempt == ATTEMPTS || now <= before => return Err(error),
            Err(error) => voice.detail(format_args!("{error}; going on at byte {now}")),
        }
        before = now;
    }
    verify(wanted, &part)?;
    let path = folder.join(name);
    fs::copy(&part, &path)?;
    fs::remove_file(&part)?;
    // Others may still be on their way.
    let _ = part.parent().map(fs::remove_dir);
    Ok(path)
}

/// What can be refused before anything is fetched; the name that the file has at the URL's end.
fn check<'a>(wanted: &Wanted<'a>) -> Result<&'a str> {
    let refuse = |sentence: String| Err(Error::new(ErrorKind::Argument, sentence));
    let Wanted { url, sha256, .. } = wanted;
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    // With a user's name before it, a host is not where it seems to be.
    let server = rest.split(['/', '?', '#', '\\']).next().filter(|server| !server.contains('@')).unwrap_or_default();
    let host = server.split(':').next().unwrap_or_default();
    // A server on this machine may do without certificates; nobody is in between.
    if server.is_empty() || scheme != "https" && !(scheme == "http" && ["localhost", "127.0.0.1"].contains(&host)) {
        return refuse(format!("{url} is not https, and could be changed on its way; find it under https://"));
    }
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return refuse(format!("'{sha256}' is no SHA-256; give its 64 hexadecimal digits"));
    }
    let name = rest.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !rest.contains('/') || name.trim_matches('.').is_empty() || !name.chars().all(plain) {
        return refuse(format!("{url} does not end in a file's name; fetch it by hand and import the file"));
    }
    Ok(name)
}

/// Where it grows. Named by what it is to become, so that two that differ never meet.
fn part(wanted: &Wanted<'_>) -> Result<PathBuf> {
    let folder = Registry::user_folder()
        .ok_or_else(|| Error::new(ErrorKind::Io, "there is no home folder to keep it in; set HOME"))?
        .join(".downloads");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{}.part", wanted.sha256.to_lowercase())))
}

fn length(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |metadata| metadata.len())
}

/// Adds to the file what it lacks, as one connection brings it.
fn transfer(url: &str, part: &Path, most: u64) -> Result<()> {
    let have = length(part);
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
    let mut file = OpenOptions::new().create(true).append(true).open(part)?;
    let mut rest = most.saturating_sub(have);
    let mut buffer = vec![0; 1 << 16];
    let mut output = child.stdout.take().expect("a pipe");
    let copied = loop {
        match output.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(count) if count as u64 > rest => break Err(too_long(url, most)),
            Ok(count) => {
                rest -= count as u64;
                if let Err(error) = file.write_all(&buffer[..count]) {
                    break Err(error.into());
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
            fs::remove_file(part)?;
        }
        return Err(error);
    }
    let done = child.wait_with_output()?;
    match done.status.code() {
        Some(0) => Ok(()),
        Some(NO_RANGES) if have > 0 => {
            fs::remove_file(part)?;
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

/// The size and the SHA-256 of what is there.
fn found(part: &Path) -> Result<(u64, String)> {
    let bytes = fs::read(part)?;
    Ok((bytes.len() as u64, sha256(&bytes)))
}

/// Compares the whole file with what was said of it; another one is thrown away.
fn verify(wanted: &Wanted<'_>, part: &Path) -> Result<()> {
    let (size, found) = found(part)?;
    if wanted.size.is_none_or(|expected| expected == size) && found.eq_ignore_ascii_case(wanted.sha256) {
        return Ok(());
    }
    fs::remove_file(part)?;
    Err(Error::new(
        ErrorKind::ModelHash,
        format!(
            "{} has {size} bytes and the SHA-256 {found}; it is another file than the one that was named, and was deleted",
            wanted.url
        ),
    ))
}
