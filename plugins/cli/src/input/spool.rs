//! What can be read only once, copied to a temporary file without a name, which disappears with the program.
//!
//! It must never take more than the limit, whatever the other end of the pipe sends.

use std::fs::File;
use std::io::{Read, Write, stdin};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::Duration;

use enlarger::{Cancel, Error, ErrorKind, Result};

use super::is_dash;
use crate::picture::Limits;

/// The time between two looks whether the user gave up.
const INTERVAL: Duration = Duration::from_millis(50);

/// Bytes that are copied at once.
const PIECE: usize = 1 << 16;

/// Copies standard input, or the pipe at `path`. The copying has a thread of its own, because nothing can interrupt a read
/// from a pipe into which nobody writes.
///
/// # Errors
/// `Limit` if it is longer than a picture in memory may be, `Io` if it is empty.
pub fn spool(path: &Path, limits: &Limits, cancel: &Cancel) -> Result<File> {
    let (sender, receiver) = channel();
    let (path, limits, stop) = (path.to_owned(), *limits, cancel.clone());
    let copy_all = move || {
        let copied = if is_dash(&path) {
            copy(&mut stdin().lock(), &limits, &stop)
        } else {
            File::open(&path).map_err(Error::from).and_then(|mut from| copy(&mut from, &limits, &stop))
        };
        // Nobody waits for the answer after a cancel.
        let _ = sender.send(copied);
    };
    Builder::new().name("pipe".to_owned()).spawn(copy_all)?;
    let file = loop {
        match receiver.recv_timeout(INTERVAL) {
            Ok(copied) => break copied?,
            Err(RecvTimeoutError::Timeout) => cancel.check()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::new(ErrorKind::Internal, "the copying of a pipe crashed; please report this"));
            }
        }
    };
    if file.metadata()?.len() == 0 {
        return Err(Error::new(ErrorKind::Io, "nothing came through this pipe; check the program that writes to it"));
    }
    Ok(file)
}

fn copy(from: &mut dyn Read, limits: &Limits, cancel: &Cancel) -> Result<File> {
    let mut file = tempfile::tempfile()?;
    let (mut piece, mut total) = (vec![0; PIECE], 0u64);
    loop {
        cancel.check()?;
        let count = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        total += count as u64;
        if total > limits.memory {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "more than {} bytes came through this pipe; allow more with --max-memory, or write them to a file first",
                    limits.memory
                ),
            ));
        }
        file.write_all(&piece[..count])?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Seek, repeat};

    #[test]
    fn a_stream_is_copied_up_to_the_limit() {
        let limits = Limits { memory: 200_000, ..Limits::default() };
        let mut file = copy(&mut Cursor::new(vec![7; 200_000]), &limits, &Cancel::new()).unwrap();
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, vec![7; 200_000]);
        let error = copy(&mut repeat(7), &limits, &Cancel::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        let cancel = Cancel::new();
        cancel.cancel();
        assert_eq!(copy(&mut repeat(7), &limits, &cancel).unwrap_err().kind(), ErrorKind::Cancelled);
    }
}
