//! Opening a picture: the reader is chosen by the file's first bytes.
//!
//! A reader checks the picture's size and the file's completeness before the work starts, and holds a whole picture in
//! memory only where the format leaves no choice.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use enlarger::{Error, ErrorKind, Location, Result};

use super::file_format::FileFormat;
use super::limits::Limits;
use super::source::Picture;
use super::{bmp, exr, jpeg, orientation, png, pnm, tga, tiff, webp};

/// Opens a picture and turns it upright.
pub fn open(path: &Path, limits: &Limits) -> Result<Picture> {
    let picture = open_file(path, limits).map_err(|e| e.at(Location::File(path.to_owned())))?;
    Ok(picture.at(path))
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
    let file_format = FileFormat::from_content(&head, path).ok_or_else(|| {
        Error::new(
            ErrorKind::Format,
            "this file is not a picture in a supported format; convert it to PNG, JPEG, TIFF, WebP, BMP, PNM, TGA or EXR",
        )
    })?;
    let picture = match file_format {
        FileFormat::Png => png::read::open(input, limits),
        FileFormat::Jpeg => jpeg::read::open(input, limits),
        FileFormat::Tiff => tiff::read::open(input, limits),
        FileFormat::WebP => webp::read::open(input, limits),
        FileFormat::Exr => exr::read::open(input, limits),
        FileFormat::Bmp => bmp::open(input, limits),
        FileFormat::Pnm => pnm::open(input, limits),
        FileFormat::Tga => tga::open(input, limits),
    }?;
    orientation::upright(picture, limits)
}
