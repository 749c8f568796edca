//! Writing JPEG: rows stream through a baseline encoder, and no picture is held.

use std::cell::{Cell, RefCell};
use std::io::Write;

use enlarger::{Error, ErrorKind, Result};
use jpeg_encoder::{
    Encoder, EncodingError, ImageBuffer, JpegColorType, PixelDensity, PixelDensityUnit, SamplingFactor, rgb_to_ycbcr,
};

use super::segments;
use crate::picture::encoder::{IncomingRows, JPEG_QUALITY, OutputFile, WriteSpec};

/// Where the encoder's first segment ends: the file's mark and JFIF.
const JFIF_END: usize = 20;

/// Writes a JPEG file from rows as they come.
pub fn write(incoming: IncomingRows, output: OutputFile, spec: &WriteSpec) -> Result<()> {
    let failure = RefCell::new(None);
    let output = StoppableOutput {
        output,
        before_insertion: JFIF_END,
        inserted: segments::of(&spec.metadata),
        failure: &failure,
    };
    let quality = spec.quality.unwrap_or(JPEG_QUALITY);
    let mut encoder = Encoder::new(output, quality);
    // Artefacts of subsampled chroma are the first to be seen in an enlarged picture.
    encoder.set_sampling_factor(if quality >= 90 { SamplingFactor::F_1_1 } else { SamplingFactor::F_2_2 });
    let metadata = &spec.metadata;
    if let Some(density) = metadata.density {
        let whole = |n: f64| n.round().clamp(1.0, 65535.0) as u16;
        let unit = if density.absolute { PixelDensityUnit::Inches } else { PixelDensityUnit::PixelAspectRatio };
        encoder.set_density(PixelDensity { density: (whole(density.x), whole(density.y)), unit });
    }
    let image = StreamedImage {
        incoming: RefCell::new(incoming),
        row: RefCell::new(Vec::new()),
        next: Cell::new(0),
        failure: &failure,
        spec,
    };
    let result = encoder.encode_image(image).map_err(error);
    match failure.into_inner() {
        Some(error) => Err(error),
        None => result,
    }
}

/// A picture whose rows arrive while it is encoded. The encoder asks for them in order, and for the last one repeatedly.
struct StreamedImage<'a> {
    incoming: RefCell<IncomingRows>,
    row: RefCell<Vec<u8>>,
    next: Cell<u32>,
    failure: &'a RefCell<Option<Error>>,
    spec: &'a WriteSpec,
}

impl ImageBuffer for StreamedImage<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.spec.format.channels.is_gray() { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        self.spec.size.width as u16
    }

    fn height(&self) -> u16 {
        self.spec.size.height as u16
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let mut row = self.row.borrow_mut();
        while self.next.get() <= u32::from(y) {
            match self.incoming.borrow_mut().next() {
                Ok(next) => *row = next,
                // This function cannot return an error; `StoppableOutput` stops the encoder at its next byte.
                Err(error) => {
                    row.resize(self.spec.format.row_size(self.spec.size.width), 0);
                    self.failure.borrow_mut().get_or_insert(error);
                }
            }
            self.next.set(self.next.get() + 1);
        }
        if self.spec.format.channels.is_gray() {
            buffers[0].extend_from_slice(&row);
            return;
        }
        for pixel in row.chunks_exact(3) {
            let (y, cb, cr) = rgb_to_ycbcr(pixel[0], pixel[1], pixel[2]);
            buffers[0].push(y);
            buffers[1].push(cb);
            buffers[2].push(cr);
        }
    }
}

/// The file. It inserts the segments with metadata, and fails as soon as a row is missing, which stops the encoder.
struct StoppableOutput<'a> {
    output: OutputFile,
    /// Bytes to come before the insertion.
    before_insertion: usize,
    inserted: Vec<u8>,
    failure: &'a RefCell<Option<Error>>,
}

impl Write for StoppableOutput<'_> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        if self.failure.borrow().is_some() {
            return Err(std::io::Error::other("stopped"));
        }
        if self.before_insertion == 0 {
            self.output.write_all(&std::mem::take(&mut self.inserted))?;
            return self.output.write(data);
        }
        let written = self.output.write(&data[..data.len().min(self.before_insertion)])?;
        self.before_insertion -= written;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.output.flush()
    }
}

impl Drop for StoppableOutput<'_> {
    fn drop(&mut self) {
        // A full disk must not look like a finished picture.
        if let Err(e) = self.output.flush() {
            self.failure.borrow_mut().get_or_insert(e.into());
        }
    }
}

fn error(error: EncodingError) -> Error {
    match error {
        EncodingError::IoError(e) => e.into(),
        e => Error::new(ErrorKind::Format, format!("the JPEG cannot be written ({e}); write a PNG or TIFF instead")),
    }
}
