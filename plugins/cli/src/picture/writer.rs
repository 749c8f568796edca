//! A picture being written: a sink of rows, and a thread that encodes them.
//!
//! The encoders of PNG, TIFF, JPEG and EXR run their own loops, so rows reach them through a channel; this also lets them
//! compress while the network computes. A writer that is dropped before `finish` writes nothing more. Drop it before
//! removing its file.

use std::fs::File;
use std::io::BufWriter;
use std::sync::mpsc::SyncSender;
use std::thread::{Builder, JoinHandle};

use enlarger::{Colour, Error, ErrorKind, Format, Result, Sink, Size};

use super::encoder::{IncomingRows, WriteSpec};
use super::file_format::FileFormat;
use super::{exr, jpeg, png, tiff, webp};

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
    pub fn new(file: File, spec: WriteSpec) -> Result<Self> {
        let (rows, incoming) = IncomingRows::channel();
        let (size, format, colour) = (spec.size, spec.format, spec.colour.clone());
        let encode = move || {
            let output = BufWriter::with_capacity(1 << 18, file);
            match spec.file_format {
                FileFormat::Jpeg => jpeg::write::write(incoming, output, &spec),
                FileFormat::Tiff => tiff::write::write(incoming, output, &spec),
                FileFormat::WebP => webp::write::write(incoming, output, &spec),
                FileFormat::Exr => exr::write::write(incoming, output, &spec),
                // The others are only read.
                _ => png::write::write(incoming, output, &spec),
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
            Some(Err(_)) => Err(Error::new(ErrorKind::Internal, "the encoder crashed; please report this")),
            None => Err(Error::new(ErrorKind::Internal, "the file was finished twice; please report this")),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.rows = None;
        if let Some(thread) = self.thread.take() {
            // The file is given up, so its errors no longer matter.
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
            // The encoder has stopped; its thread returns the reason.
            _ => Err(match self.join() {
                Err(error) => error,
                Ok(()) => Error::new(ErrorKind::Internal, "the encoder stopped early; please report this"),
            }),
        }
    }
}
