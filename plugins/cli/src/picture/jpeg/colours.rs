//! What the components of a JPEG mean.
//!
//! The rules are those of libjpeg, which browsers and most programs follow.

use enlarger::{Error, ErrorKind, Result};

use super::structure::{Frame, Structure};

/// The colours of a JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    Gray,
    YCbCr,
    /// Red, green and blue as they are.
    Rgb,
    /// Inks. Programs store them inverted: 255 is no ink.
    Cmyk,
    /// Inks whose first three are stored as YCbCr.
    Ycck,
}

impl Colours {
    /// The colours that the file states.
    pub fn of(structure: &Structure) -> Result<Self> {
        let ids: Vec<u8> = structure.frame.components.iter().map(|c| c.id).collect();
        Ok(match (ids.as_slice(), structure.adobe_transform) {
            ([_], _) => Colours::Gray,
            ([_, _, _], _) if structure.jfif => Colours::YCbCr,
            ([_, _, _], Some(0)) | ([b'R', b'G', b'B'], None) => Colours::Rgb,
            ([_, _, _], _) => Colours::YCbCr,
            ([_, _, _, _], Some(transform)) if transform != 0 => Colours::Ycck,
            ([_, _, _, _], _) => Colours::Cmyk,
            (components, _) => return Err(unsupported(&format!("a JPEG of {} components", components.len()))),
        })
    }
}

/// Refuses what the decoder does not know, by name.
pub fn check_coding(frame: &Frame) -> Result<()> {
    let kind = match (frame.kind, frame.precision) {
        (0xC0..=0xC2, 8) => return Ok(()),
        (0xC0..=0xC2, 12) if frame.components.len() <= 3 => return Ok(()),
        (0xC0..=0xC2, 12) => "a 12-bit JPEG in inks".to_owned(),
        (0xC0..=0xC2, bits) => format!("a {bits}-bit JPEG"),
        (0xC3, _) => "a lossless JPEG".to_owned(),
        (0xC5..=0xC7 | 0xCD..=0xCF, _) => "a hierarchical JPEG".to_owned(),
        (_, _) => "an arithmetic-coded JPEG".to_owned(),
    };
    Err(unsupported(&kind))
}

fn unsupported(kind: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("this is {kind}, which is not supported; convert it to PNG or TIFF with another program first"),
    )
}
