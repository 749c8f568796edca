//! BMP, PNM and TGA in. They are small and old; the whole picture is held.
//!
//! None of them carries a profile that is read, so their colours are taken for sRGB.

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use enlarger::{Channels, Colour, Error, ErrorKind, Format, Result, Sample};
use image::codecs::{bmp::BmpDecoder, pnm::PnmDecoder, tga::TgaDecoder};
use image::{ColorType, ImageDecoder, ImageError};

use super::held::Held;
use super::{Input, Kind, Metadata, Picture, cut_short, damaged};
use crate::limits::Limits;

/// Opens a BMP, PNM or TGA file.
pub fn open(kind: Kind, mut input: Input, limits: &Limits) -> Result<Picture> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    match kind {
        Kind::Bmp => {
            let mut head = [0; 6];
            input.read_exact(&mut head).map_err(|_| cut_short(kind))?;
            let [_, _, a, b, c, d] = head;
            // Where the header states the file's size; some writers leave 0 there.
            if u64::from(u32::from_le_bytes([a, b, c, d])) > length {
                return Err(cut_short(kind));
            }
            input.seek(SeekFrom::Start(0))?;
            held(kind, BmpDecoder::new(input).map_err(|e| error(kind, e))?, limits)
        }
        Kind::Pnm => held(kind, PnmDecoder::new(input).map_err(|e| error(kind, e))?, limits),
        _ => held(kind, TgaDecoder::new(input).map_err(|e| error(kind, e))?, limits),
    }
}

fn held(kind: Kind, decoder: impl ImageDecoder + 'static, limits: &Limits) -> Result<Picture> {
    let (width, height) = decoder.dimensions();
    let size = limits.size(width.into(), height.into())?;
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
            let name = kind.name();
            let message = format!("this {name} has samples of a kind that is not read; convert it to PNG first");
            return Err(Error::new(ErrorKind::Format, message));
        }
    };
    let format = Format::new(sample, channels);
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    let what = format!("a {}", kind.name());
    limits.hold(bytes, &what)?;
    let limits = *limits;
    let rows = Box::new(Held::new(stride, move || {
        let mut data = limits.buffer(bytes, &what)?;
        decoder.read_image(&mut data).map_err(|e| error(kind, e))?;
        Ok(data)
    }));
    let metadata = Metadata::default();
    Ok(Picture { kind, metadata, notes: Vec::new(), size, format, colour: Colour::Srgb, rows, path: PathBuf::new() })
}

fn error(kind: Kind, error: ImageError) -> Error {
    match error {
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => cut_short(kind),
        ImageError::IoError(e) => e.into(),
        e => damaged(kind, e),
    }
}
