//! Pictures that the `image` crate decodes whole, so they are held in memory: BMP and PNM.
//!
//! It knows pixels only. What else such a file says is read by the format's own reader.

use enlarger::{Channels, Error, ErrorKind, Format, Result, Sample, Size};
use image::{ColorType, ImageDecoder, ImageError, ImageResult};

use super::decode_error::{cut_short, damaged};
use super::file_format::FileFormat;
use super::limits::Limits;

/// A picture whose header has been read and checked.
pub struct Undecoded<D> {
    decoder: D,
    file_format: FileFormat,
    pub size: Size,
    pub format: Format,
    bytes: u64,
    limits: Limits,
}

impl<D: ImageDecoder> Undecoded<D> {
    /// Checks the header that a decoder has read.
    pub fn new(file_format: FileFormat, decoder: ImageResult<D>, limits: &Limits) -> Result<Self> {
        let decoder = decoder.map_err(|e| error(file_format, e))?;
        let (width, height) = decoder.dimensions();
        let size = limits.check_size(width.into(), height.into())?;
        let (sample, channels) = match decoder.color_type() {
            ColorType::L8 => (Sample::U8, Channels::Gray),
            ColorType::La8 => (Sample::U8, Channels::GrayAlpha),
            ColorType::Rgb8 => (Sample::U8, Channels::Rgb),
            ColorType::Rgba8 => (Sample::U8, Channels::Rgba),
            ColorType::L16 => (Sample::U16, Channels::Gray),
            ColorType::La16 => (Sample::U16, Channels::GrayAlpha),
            ColorType::Rgb16 => (Sample::U16, Channels::Rgb),
            ColorType::Rgba16 => (Sample::U16, Channels::Rgba),
            _ => {
                let name = file_format.name();
                let message = format!("this {name} has samples of an unsupported type; convert it to PNG first");
                return Err(Error::new(ErrorKind::Format, message));
            }
        };
        let format = Format::new(sample, channels);
        let bytes = format.row_size(size.width) as u64 * u64::from(size.height);
        limits.check_memory(bytes, &format!("a {}", file_format.name()))?;
        Ok(Undecoded { decoder, file_format, size, format, bytes, limits: *limits })
    }

    /// The pixels.
    pub fn decode(self) -> Result<Vec<u8>> {
        let mut data = self.limits.allocate(self.bytes, &format!("a {}", self.file_format.name()))?;
        self.decoder.read_image(&mut data).map_err(|e| error(self.file_format, e))?;
        Ok(data)
    }
}

fn error(file_format: FileFormat, error: ImageError) -> Error {
    match error {
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(file_format),
        ImageError::IoError(e) => e.into(),
        ImageError::Unsupported(e) => {
            let name = file_format.name();
            Error::new(
                ErrorKind::Format,
                format!("this {name} has something that is not supported ({e}); convert it to PNG first"),
            )
        }
        e => damaged(file_format, e),
    }
}
