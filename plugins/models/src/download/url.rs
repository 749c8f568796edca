//! A file from a URL, fetched by the user's own curl.
//!
//! The file is not trusted until its SHA-256 is the expected one. Until then it has a temporary name; it is counted and
//! hashed as it arrives, never run, and never larger than stated. An interrupted download is continued the next time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_import::{RemoteFile, Sha256Writer};
use enlarger_networks::onnx::MAX_NETWORK;

use super::curl::{End, curl};
use crate::watch::Watch;

/// Connections that are tried, as long as each brings some bytes.
const ATTEMPTS: usize = 10;

/// Whether a name is a URL rather than a file's.
pub fn is_url(name: &str) -> bool {
    name.contains("://")
}

/// Fetches a file into `folder`, under its name in the URL.
///
/// # Errors
/// `Argument` for a URL or hash that is not acceptable, `Io` for a transfer that fails or that another program is running,
/// `ModelHash` for a file with another hash or size; `Cancelled`.
pub fn fetch(remote: &RemoteFile<'_>, folder: &Path, watch: &mut Watch<'_>) -> Result<PathBuf> {
    fetch_as(remote, remote.check()?, folder, watch)
}

/// Fetches a file into `folder`, under a name of the caller's.
///
/// # Errors
/// As [`fetch`].
pub fn fetch_as(remote: &RemoteFile<'_>, name: &str, folder: &Path, watch: &mut Watch<'_>) -> Result<PathBuf> {
    remote.check_source()?;
    let mut partial = PartialDownload::open(remote)?;
    let fetched = partial.complete(remote, name, watch);
    if let Err(error) = fetched {
        let stopped = error.kind() == ErrorKind::Cancelled && !watch.keeps_downloads();
        if stopped || partial.length == 0 {
            // It may be gone already.
            let _ = partial.remove();
        }
        return Err(error);
    }
    let path = folder.join(name);
    watch.during(|| Ok(fs::copy(&partial.path, &path)?))?;
    partial.remove()?;
    Ok(path)
}

/// The bytes of a file that have arrived so far. While it is open, it is locked against other programs.
struct PartialDownload {
    path: PathBuf,
    file: File,
    length: u64,
    digest: Sha256Writer,
}

impl PartialDownload {
    /// The file's name is its expected hash, so that downloads of different files never collide.
    fn open(remote: &RemoteFile<'_>) -> Result<Self> {
        let folder = Registry::user_folder()
            .ok_or_else(|| {
                Error::new(ErrorKind::Io, "there is no home folder for the download; set the environment variable HOME")
            })?
            .join(".downloads");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.part", remote.sha256.to_lowercase()));
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    ErrorKind::Io,
                    format!("another program is fetching {} now; try again when it has finished", remote.url),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(PartialDownload { path, file, length: 0, digest: Sha256Writer::default() })
    }

    /// Fetches what is missing, and checks the whole.
    fn complete(&mut self, remote: &RemoteFile<'_>, name: &str, watch: &mut Watch<'_>) -> Result<()> {
        watch.info(format!("fetching {}", remote.url));
        watch.begin(format!("fetching {name}"))?;
        self.read(watch)?;
        // The program may have been stopped after the last byte arrived.
        if self.length > 0 && self.digest.matches(remote.sha256) {
            return self.verify(remote);
        }
        if remote.size.is_some_and(|size| self.length >= size) {
            self.clear()?;
        }
        for attempt in 1..=ATTEMPTS {
            let before = self.length;
            match transfer(remote, self, remote.size.unwrap_or(MAX_NETWORK), watch) {
                Ok(()) => break,
                Err(error) if error.kind() != ErrorKind::Io || attempt == ATTEMPTS || self.length <= before => {
                    return Err(error);
                }
                Err(error) => watch.detail(format!("{error}; continuing at byte {}", self.length)),
            }
        }
        self.verify(remote)
    }

    /// Reads what has arrived before, piece by piece, so that a cancel is noticed.
    fn read(&mut self, watch: &mut Watch<'_>) -> Result<()> {
        let all = self.file.metadata()?.len();
        let mut piece = vec![0; 1 << 20];
        loop {
            let count = self.file.read(&mut piece)?;
            if count == 0 {
                return Ok(());
            }
            self.digest.write_all(&piece[..count])?;
            self.length += count as u64;
            watch.go_on(Some(self.length as f64 / all.max(1) as f64))?;
        }
    }

    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes)?;
        self.digest.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Starts again from the first byte.
    fn clear(&mut self) -> Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.length, self.digest) = (0, Sha256Writer::default());
        Ok(())
    }

    /// Removes the file, and its folder if that is empty.
    fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path)?;
        // The folder is not empty while other downloads are unfinished.
        let _ = self.path.parent().map(fs::remove_dir);
        Ok(())
    }

    /// Compares the complete file with the expected size and hash. Removes a file that differs.
    fn verify(&self, remote: &RemoteFile<'_>) -> Result<()> {
        if remote.size.is_none_or(|expected| expected == self.length) && self.digest.matches(remote.sha256) {
            return Ok(());
        }
        self.remove()?;
        Err(Error::new(
            ErrorKind::ModelHash,
            format!(
                "{} has {} bytes and the SHA-256 {}, so it is not the expected file and was deleted; check the URL and its SHA-256",
                remote.url, self.length, self.digest
            ),
        ))
    }
}

/// Adds the missing bytes to the file, as far as one connection brings them.
fn transfer(remote: &RemoteFile<'_>, partial: &mut PartialDownload, most: u64, watch: &mut Watch<'_>) -> Result<()> {
    let (url, have) = (remote.url, partial.length);
    let end = curl(url, have, watch, &mut |piece, watch| {
        if piece.len() as u64 > most.saturating_sub(partial.length) {
            return Err(too_large(url, most));
        }
        partial.add(piece)?;
        watch.go_on(remote.size.map(|size| partial.length as f64 / size.max(1) as f64))
    });
    match end {
        Ok(End::Whole) => Ok(()),
        Ok(End::NoRanges) => {
            partial.clear()?;
            transfer(remote, partial, most, watch)
        }
        Ok(End::Failed(reason)) => {
            let advice = match partial.length {
                0 => "check the URL and the connection, and try again",
                _ => "try again, and the download continues where it stopped",
            };
            Err(Error::new(ErrorKind::Io, format!("{url} could not be fetched ({reason}); {advice}")))
        }
        Err(error) => {
            if !matches!(error.kind(), ErrorKind::Io | ErrorKind::Cancelled) {
                partial.remove()?;
            }
            Err(error)
        }
    }
}

fn too_large(url: &str, most: u64) -> Error {
    Error::new(
        ErrorKind::ModelHash,
        format!(
            "{url} gives more than the expected {most} bytes, so it is not the expected file; check the URL and its size"
        ),
    )
}
