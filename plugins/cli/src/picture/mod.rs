//! Pictures in files: opened as sources of rows, written as sinks of rows.
//!
//! One file a format. A reader checks a file's size and its completeness before the work starts, and holds the picture
//! only where the format leaves no choice. Nothing here may change a pixel except to undo the file's packing.

mod exif;
mod exr;
mod fit;
mod held;
mod ifd;
mod jpeg;
mod kind;
mod metadata;
mod oriented;
mod other;
mod png;
mod png_write;
mod tiff;
mod tiff_write;
mod webp;
mod write;
mod xmp;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use enlarger::{Colour, Error, ErrorKind, Format, Location, Result, Size, Source};

use crate::limits::Limits;
pub use fit::fit;
pub use kind::Kind;
pub use metadata::Metadata;
pub use write::{Spec, Writer};

/// Bytes of metadata (a profile, EXIF, XMP) that a file may carry.
const MAX_METADATA: u64 = 64 << 20;

type Input = BufReader<File>;

/// Decoded rows.
trait Rows {
    /// Row `y`. Asked for with growing `y`; rows may be skipped.
    fn row(&mut self, y: u32) -> Result<&[u8]>;
}

/// A picture in a file.
pub struct Picture {
    /// The file's format.
    pub kind: Kind,
    /// What the file carries besides pixels.
    pub metadata: Metadata,
    /// What deserves a warning: pages that are left out and the like.
    pub notes: Vec<String>,
    size: Size,
    format: Format,
    colour: Colour,
    rows: Box<dyn Rows>,
    /// The file, for errors.
    path: PathBuf,
}

/// Opens a picture.
pub fn open(path: &Path, limits: &Limits) -> Result<Picture> {
    let mut picture = open_file(path, limits).map_err(|e| e.at(Location::File(path.to_owned())))?;
    picture.path = path.to_owned();
    Ok(picture)
}

fn open_file(path: &Path, limits: &Limits) -> Result<Picture> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(Error::new(ErrorKind::Io, "this is a folder; name a picture"));
    }
    let mut input = BufReader::with_capacity(1 << 16, file);
    let mut head = Vec::new();
    input.by_ref().take(16).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    let kind = Kind::from_content(&head, path).ok_or_else(|| {
        Error::new(
            ErrorKind::Format,
            "this is no picture of a known format; convert it to PNG, JPEG, TIFF, WebP, BMP, PNM, TGA or EXR",
        )
    })?;
    let picture = match kind {
        Kind::Png => png::open(input, limits),
        Kind::Jpeg => jpeg::open(input, limits),
        Kind::Tiff => tiff::open(input, limits),
        Kind::WebP => webp::open(input, limits),
        Kind::Exr => exr::open(input, limits),
        Kind::Bmp | Kind::Pnm | Kind::Tga => other::open(kind, input, limits),
    }?;
    oriented::upright(picture, limits)
}

/// The error of a file that is not what it should be.
fn damaged(kind: Kind, why: impl std::fmt::Display) -> Error {
    let why = why.to_string();
    let why = why.trim_end_matches('.');
    let name = kind.name();
    Error::new(
        ErrorKind::Format,
        format!(
            "this {name} file is damaged or cut short ({why}); take another copy, or open it in an image editor and save it again"
        ),
    )
}

/// The error of a file that ends too soon.
fn cut_short(kind: Kind) -> Error {
    damaged(kind, "it ends before the picture does")
}

impl Source for Picture {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        self.format
    }

    fn colour(&self) -> Colour {
        self.colour.clone()
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
        let start = self.format.row_size(x);
        let whole = self.rows.row(y).map_err(|e| e.at(Location::File(self.path.clone())))?;
        row.copy_from_slice(&whole[start..start + row.len()]);
        Ok(())
    }
}
