//! The file formats and how they are recognised.
//!
//! An input's format is recognised by its first bytes, an output's by its name. It is never guessed from anything else.
//! Only TGA, which has no signature, is recognised by its name on input too.

use std::path::Path;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileFormat {
    Png,
    Jpeg,
    Tiff,
    WebP,
    Exr,
    Bmp,
    Pnm,
    Tga,
}

impl FileFormat {
    /// The format that a file's name states.
    pub fn from_name(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "png" => FileFormat::Png,
            "jpg" | "jpeg" | "jpe" | "jfif" => FileFormat::Jpeg,
            "tif" | "tiff" => FileFormat::Tiff,
            "webp" => FileFormat::WebP,
            "exr" => FileFormat::Exr,
            "bmp" | "dib" => FileFormat::Bmp,
            "pnm" | "pbm" | "pgm" | "ppm" | "pam" => FileFormat::Pnm,
            "tga" => FileFormat::Tga,
            _ => return None,
        })
    }

    /// The format that a file's first bytes show.
    pub fn from_content(head: &[u8], path: &Path) -> Option<Self> {
        match head {
            [0x89, b'P', b'N', b'G', ..] => Some(FileFormat::Png),
            [0xFF, 0xD8, 0xFF, ..] => Some(FileFormat::Jpeg),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(FileFormat::Tiff),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileFormat::WebP),
            [0x76, 0x2F, 0x31, 0x01, ..] => Some(FileFormat::Exr),
            [b'B', b'M', ..] => Some(FileFormat::Bmp),
            [b'P', b'1'..=b'7', b, ..] if b.is_ascii_whitespace() => Some(FileFormat::Pnm),
            _ => Self::from_name(path).filter(|named| *named == FileFormat::Tga),
        }
    }

    /// The format of a result whose format the user does not choose.
    pub fn for_result(self) -> Self {
        match self {
            FileFormat::Bmp | FileFormat::Pnm | FileFormat::Tga => FileFormat::Png,
            other => other,
        }
    }

    /// Whether results can be written in this format.
    pub fn is_writable(self) -> bool {
        self.for_result() == self
    }

    /// The name to show.
    pub fn name(self) -> &'static str {
        match self {
            FileFormat::Png => "PNG",
            FileFormat::Jpeg => "JPEG",
            FileFormat::Tiff => "TIFF",
            FileFormat::WebP => "WebP",
            FileFormat::Exr => "EXR",
            FileFormat::Bmp => "BMP",
            FileFormat::Pnm => "PNM",
            FileFormat::Tga => "TGA",
        }
    }

    /// The usual file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            FileFormat::Png => "png",
            FileFormat::Jpeg => "jpg",
            FileFormat::Tiff => "tif",
            FileFormat::WebP => "webp",
            FileFormat::Exr => "exr",
            FileFormat::Bmp => "bmp",
            FileFormat::Pnm => "ppm",
            FileFormat::Tga => "tga",
        }
    }
}
