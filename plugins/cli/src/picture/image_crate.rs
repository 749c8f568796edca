//! Pictures that the `image` crate decodes whole, so they are held in memory: BMP, PNM and TGA.
//!
//! It reads no colour profile of these formats, so their colours are taken as sRGB.

use enlarger::{Channels, Error, ErrorKind, Format, Result, Sample};
use image::{ColorType, ImageDecoder, ImageError, ImageResult};

use super::decode_error::{cut_short, damaged};
use super::file_format::FileFormat;
use super::in_memory::InMemory;
use super::limits::Limits;
use super::source::Picture;
use crate::metadata::Metadata;

/// Opens a picture with a decoder that has read the file's header.
pub fn open(
    file_format: FileFormat,
    decoder: ImageResult<impl ImageDecoder + 'static>,
    limits: &Limits,
) -> Result<Picture> {
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
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    let what = format!("a {}", file_format.name());
    limits.check_memory(bytes, &what)?;
    let limits = *limits;
    let rows = InMemory::new(stride, move || {
        let mut data = limits.allocate(bytes, &what)?;
        decoder.read_image(&mut data).map_err(|e| error(file_format, e))?;
        Ok(data)
    });
    Ok(Picture::new(file_format, size, format, Metadata::default(), rows))
}

fn error(file_format: FileFormat, error: ImageError) -> Error {
    match error {
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(file_format),
        ImageError::IoError(e) => e.into(),
        e => damaged(file_format, e),
    }
}
