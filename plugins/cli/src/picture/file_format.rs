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
    Pfm,
    Tga,
    Qoi,
    Gif,
    Psd,
    Jxl,
    Avif,
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
            "pfm" => FileFormat::Pfm,
            "tga" | "icb" | "vda" | "vst" => FileFormat::Tga,
            "qoi" => FileFormat::Qoi,
            "gif" => FileFormat::Gif,
            "psd" | "psb" => FileFormat::Psd,
            "jxl" => FileFormat::Jxl,
            "avif" => FileFormat::Avif,
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
            [b'P', b'1'..=b'7', b, ..] if b.is_ascii_whitespace() || *b == b'#' => Some(FileFormat::Pnm),
            [b'P', b'F' | b'f', b, ..] if b.is_ascii_whitespace() => Some(FileFormat::Pfm),
            [b'q', b'o', b'i', b'f', ..] => Some(FileFormat::Qoi),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(FileFormat::Gif),
            [b'8', b'B', b'P', b'S', ..] => Some(FileFormat::Psd),
            [0xFF, 0x0A, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some(FileFormat::Jxl),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] if is_avif(head) => Some(FileFormat::Avif),
            _ => Self::from_name(path).filter(|named| *named == FileFormat::Tga),
        }
    }

    /// The format of a result whose format the user does not choose.
    pub fn for_result(self) -> Self {
        match self {
            FileFormat::Bmp
            | FileFormat::Pnm
            | FileFormat::Tga
            | FileFormat::Qoi
            | FileFormat::Gif
            | FileFormat::Psd
            | FileFormat::Jxl
            | FileFormat::Avif => FileFormat::Png,
            // Floating point in linear light.
            FileFormat::Pfm => FileFormat::Exr,
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
            FileFormat::Pfm => "PFM",
            FileFormat::Tga => "TGA",
            FileFormat::Qoi => "QOI",
            FileFormat::Gif => "GIF",
            FileFormat::Psd => "PSD",
            FileFormat::Jxl => "JPEG XL",
            FileFormat::Avif => "AVIF",
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
            FileFormat::Pfm => "pfm",
            FileFormat::Tga => "tga",
            FileFormat::Qoi => "qoi",
            FileFormat::Gif => "gif",
            FileFormat::Psd => "psd",
            FileFormat::Jxl => "jxl",
            FileFormat::Avif => "avif",
        }
    }
}

/// Whether one of the brands of a file in ISO's container is AVIF's.
fn is_avif(head: &[u8]) -> bool {
    let size = head.first_chunk().map_or(0, |b| u32::from_be_bytes(*b)) as usize;
    let brands = head.get(8..size.min(head.len())).unwrap_or_default();
    // The second of these numbers is a version.
    brands.chunks_exact(4).enumerate().any(|(at, brand)| at != 1 && matches!(brand, b"avif" | b"avis"))
}
