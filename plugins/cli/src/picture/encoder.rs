//! What an encoder receives: what to write, the rows as they come, and the file.
//!
//! Every format's `write` takes these three and returns when the file is complete.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use enlarger::{Colour, Error, Format, Result, Size};

use super::file_format::FileFormat;
use crate::metadata::Metadata;

/// Rows that may wait for the encoder.
const WAITING_ROWS: usize = 16;

/// The quality of a JPEG, if the user asks for none.
pub const JPEG_QUALITY: u8 = 92;

/// The file that an encoder writes.
pub type OutputFile = BufWriter<File>;

/// What to write.
#[derive(Clone, Debug)]
pub struct WriteSpec {
    /// The file's format.
    pub file_format: FileFormat,
    /// The picture's size.
    pub size: Size,
    /// The format of the rows.
    pub format: Format,
    /// The colour space of the rows; `None` for the source's.
    pub colour: Option<Colour>,
    /// What the file carries besides pixels.
    pub metadata: Metadata,
    /// The quality of a JPEG or of a lossy WebP, 1 to 100, if the user asks for one.
    pub quality: Option<u8>,
    /// Bytes that a picture held in memory may take.
    pub memory: u64,
}

/// The encoder's end of the channel of rows.
pub struct IncomingRows(Receiver<Vec<u8>>);

impl IncomingRows {
    /// A channel that holds a few rows.
    pub fn channel() -> (SyncSender<Vec<u8>>, Self) {
        let (sender, receiver) = sync_channel(WAITING_ROWS);
        (sender, IncomingRows(receiver))
    }

    /// Waits for the next row.
    ///
    /// # Errors
    /// `Cancelled` if the work was given up.
    pub fn next(&mut self) -> Result<Vec<u8>> {
        self.0.recv().map_err(|_| Error::cancelled())
    }
}

/// Writes out what is buffered. Dropping the buffer would hide an error.
pub fn flush(mut output: OutputFile) -> Result<()> {
    output.flush()?;
    Ok(())
}
