//! The file formats, and how one is recognised.
//!
//! An input is what its first bytes say; an output is what its name says.
//! A format is never guessed from anything else (only TGA, which has no signature, goes by its name on input too).

use std::path::Path;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Png,
    Jpeg,
    Tiff,
    WebP,
    Exr,
    Bmp,
    Pnm,
    Tga,
}

impl Kind {
    /// The format that a file's name promises.
    pub fn from_name(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "png" => Kind::Png,
            "jpg" | "jpeg" | "jpe" | "jfif" => Kind::Jpeg,
            "tif" | "tiff" => Kind::Tiff,
            "webp" => Kind::WebP,
            "exr" => Kind::Exr,
            "bmp" | "dib" => Kind::Bmp,
            "pnm" | "pbm" | "pgm" | "ppm" | "pam" => Kind::Pnm,
            "tga" => Kind::Tga,
            _ => return None,
        })
    }

    /// The format that a file's first bytes show.
    pub fn from_content(head: &[u8], path: &Path) -> Option<Self> {
        match head {
            [0x89, b'P', b'N', b'G', ..] => Some(Kind::Png),
            [0xFF, 0xD8, 0xFF, ..] => Some(Kind::Jpeg),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Kind::Tiff),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::WebP),
            [0x76, 0x2F, 0x31, 0x01, ..] => Some(Kind::Exr),
            [b'B', b'M', ..] => Some(Kind::Bmp),
            [b'P', b'1'..=b'7', b, ..] if b.is_ascii_whitespace() => Some(Kind::Pnm),
            _ => Self::from_name(path).filter(|kind| *kind == Kind::Tga),
        }
    }

    /// The format that a result gets when nobody names one.
    pub fn for_result(self) -> Self {
        match self {
            Kind::Bmp | Kind::Pnm | Kind::Tga => Kind::Png,
            kind => kind,
        }
    }

    /// Whether results can be written in it.
    pub fn is_writable(self) -> bool {
        self.for_result() == self
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Png => "PNG",
            Kind::Jpeg => "JPEG",
            Kind::Tiff => "TIFF",
            Kind::WebP => "WebP",
            Kind::Exr => "EXR",
            Kind::Bmp => "BMP",
            Kind::Pnm => "PNM",
            Kind::Tga => "TGA",
        }
    }

    /// The usual ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Kind::Png => "png",
            Kind::Jpeg => "jpg",
            Kind::Tiff => "tif",
            Kind::WebP => "webp",
            Kind::Exr => "exr",
            Kind::Bmp => "bmp",
            Kind::Pnm => "ppm",
            Kind::Tga => "tga",
        }
    }
}
