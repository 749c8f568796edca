//! A picture being written: a sink of rows, and a thread that encodes them.
//!
//! The encoders of PNG, TIFF, JPEG and EXR want to be in charge of their loops; a channel of a few rows between them and
//! the work turns that round, and lets them compress while the network computes. A writer that is dropped before
//! `finish` writes nothing more; it must be dropped before its file is removed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use enlarger::{Colour, Error, ErrorKind, Format, Result, Sink, Size};

use super::{Kind, Metadata, exr, jpeg, png_write, tiff_write, webp};

/// Rows on their way to the encoder.
const ROWS: usize = 16;

/// The file that an encoder writes.
pub type Output = BufWriter<File>;

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The file's format.
    pub kind: Kind,
    /// The picture's size.
    pub size: Size,
    /// The format of the rows.
    pub format: Format,
    /// What their numbers mean as colour; `None` for what the source's mean.
    pub colour: Option<Colour>,
    /// What goes with the pixels.
    pub metadata: Metadata,
    /// Of a JPEG, 1 to 100.
    pub quality: u8,
    /// Bytes that may be held.
    pub memory: u64,
}

/// Rows for an encoder.
pub struct Incoming(Receiver<Vec<u8>>);

impl Incoming {
    /// The next row; an error if the work was given up.
    pub fn next(&mut self) -> Result<Vec<u8>> {
        self.0.recv().map_err(|_| Error::cancelled())
    }
}

/// A picture being written.
pub struct Writer {
    size: Size,
    format: Format,
    colour: Option<Colour>,
    rows: Option<SyncSender<Vec<u8>>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Writer {
    /// Starts writing.
    pub fn new(file: File, spec: Spec) -> Result<Self> {
        let (rows, incoming) = sync_channel(ROWS);
        let (size, format, colour) = (spec.size, spec.format, spec.colour.clone());
        let encode = move || {
            let (incoming, output) = (Incoming(incoming), BufWriter::with_capacity(1 << 18, file));
            match spec.kind {
                Kind::Jpeg => jpeg::write(incoming, output, &spec),
                Kind::Tiff => tiff_write::write(incoming, output, &spec),
                Kind::WebP => webp::write(incoming, output, &spec),
                Kind::Exr => exr::write(incoming, output, &spec),
                _ => png_write::write(incoming, output, &spec),
            }
        };
        let thread = Builder::new().name("encoder".to_owned()).spawn(encode)?;
        Ok(Writer { size, format, colour, rows: Some(rows), thread: Some(thread) })
    }

    /// Waits until everything is in the file.
    pub fn finish(mut self) -> Result<()> {
        self.join()
    }

    fn join(&mut self) -> Result<()> {
        self.rows = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(Error::new(ErrorKind::Internal, "an encoder broke down; please report this")),
            None => Err(Error::new(ErrorKind::Internal, "a writer was finished twice; please report this")),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.rows = None;
        if let Some(thread) = self.thread.take() {
            // Whatever it says, the file is given up.
            let _ = thread.join();
        }
    }
}

impl Sink for Writer {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        self.format
    }

    fn colour(&self) -> Option<Colour> {
        self.colour.clone()
    }

    fn write(&mut self, _y: u32, row: &[u8]) -> Result<()> {
        match self.rows.as_ref().map(|rows| rows.send(row.to_vec())) {
            Some(Ok(())) => Ok(()),
            // The encoder has stopped; it knows why.
            _ => Err(match self.join() {
                Err(error) => error,
                Ok(()) => Error::new(ErrorKind::Internal, "an encoder stopped early; please report this"),
            }),
        }
    }
}

/// Writes out what is buffered, and says if that fails.
pub fn close(mut output: Output) -> Result<()> {
    output.flush()?;
    Ok(())
}
