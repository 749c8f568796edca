//! Where the bytes of a result go: into a file that gets its name when it is complete, or through a pipe.
//!
//! Nothing goes through a pipe before the picture is complete, so that its reader never takes a part for the whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use enlarger::{Cancel, Error, ErrorKind, Result};

use super::destination::stream_name;
use super::unfinished_file::UnfinishedFile;
use crate::input::is_dash;

/// Bytes that are copied at once.
const PIECE: usize = 1 << 16;

/// A result that is being written. Dropping it leaves nothing behind.
pub enum Output {
    File(UnfinishedFile),
    /// A temporary file without a name, and the stream that gets it.
    Stream(File, PathBuf),
}

impl Output {
    /// A result that becomes the file `path`.
    pub fn file(path: &Path, replace: bool) -> Result<Self> {
        Ok(Output::File(UnfinishedFile::create(path, replace)?))
    }

    /// A result that goes through the stream `path`.
    pub fn stream(path: &Path) -> Result<Self> {
        Ok(Output::Stream(tempfile::tempfile()?, path.to_owned()))
    }

    /// The file to write.
    pub fn to_write(&self) -> Result<File> {
        match self {
            Output::File(file) => file.file(),
            Output::Stream(file, _) => Ok(file.try_clone()?),
        }
    }

    /// Gives the complete result its name, or sends it through the stream. Returns its size in bytes.
    pub fn keep(self, cancel: &Cancel) -> Result<u64> {
        match self {
            Output::File(file) => file.keep(),
            Output::Stream(file, path) => {
                let sent = if is_dash(&path) {
                    send(file, &mut io::stdout().lock(), cancel)
                } else {
                    OpenOptions::new()
                        .write(true)
                        .open(&path)
                        .map_err(Error::from)
                        .and_then(|mut to| send(file, &mut to, cancel))
                };
                sent.map_err(|error| match error.kind() {
                    ErrorKind::Cancelled => error,
                    kind => {
                        let sentence = format!(
                            "the picture did not get through {} ({}); check the program that reads it",
                            stream_name(&path),
                            error.message()
                        );
                        Error::new(kind, sentence).caused_by(error)
                    }
                })
            }
        }
    }
}

fn send(mut from: File, to: &mut dyn Write, cancel: &Cancel) -> Result<u64> {
    use io::Read;
    from.seek(SeekFrom::Start(0))?;
    let (mut piece, mut total) = (vec![0; PIECE], 0);
    loop {
        cancel.check()?;
        let count = from.read(&mut piece)?;
        if count == 0 {
            break;
        }
        to.write_all(&piece[..count])?;
        total += count as u64;
    }
    to.flush()?;
    Ok(total)
}
