//! Opening a picture: the reader is chosen by the file's first bytes.
//!
//! A reader checks the picture's size and the file's completeness before the work starts, and holds a whole picture in
//! memory only where the format leaves no choice.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use enlarger::{Colour, Error, ErrorKind, Location, Result, Source};

use super::file_format::FileFormat;
use super::limits::Limits;
use super::source::Picture;
use super::{bmp, exr, gif, jpeg, jxl, orientation, pfm, png, pnm, psd, qoi, tga, tiff, webp};

/// How to open a picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// The limits on its size.
    pub limits: Limits,
    /// Whether its ICC profile is ignored.
    pub ignore_profile: bool,
}

/// Opens a picture and turns it upright.
pub fn open(path: &Path, options: &OpenOptions) -> Result<Picture> {
    let picture = open_file(path, options).map_err(|e| e.at(Location::File(path.to_owned())))?;
    Ok(check_profile(picture, options.ignore_profile).at(path))
}

/// Leaves a profile out that the user wants to ignore or that cannot be used. The picture itself is sound, so it is taken
/// as sRGB.
fn check_profile(mut picture: Picture, ignore: bool) -> Picture {
    if picture.metadata.icc.is_none() {
        return picture;
    }
    let problem = match picture.colour().check(picture.format().channels.is_gray()) {
        Ok(()) if !ignore => return picture,
        Ok(()) => "as you asked".to_owned(),
        Err(error) => error.message().to_owned(),
    };
    picture.metadata.icc = None;
    picture.notes.push(format!("the ICC profile is left out, {problem}; the colours are taken as sRGB"));
    let linear = picture.metadata.linear.take().is_some();
    picture.with_colour(if linear { Colour::LinearSrgb } else { Colour::Srgb })
}

fn open_file(path: &Path, options: &OpenOptions) -> Result<Picture> {
    let limits = &options.limits;
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
            "this file is not a picture in a supported format; convert it to PNG, JPEG, TIFF, WebP, JPEG XL, EXR, PSD, GIF, \
             BMP, PNM, PFM, TGA or QOI",
        )
    })?;
    let picture = match file_format {
        FileFormat::Png => png::read::open(input, limits),
        FileFormat::Jpeg => jpeg::read::open(input, limits),
        FileFormat::Tiff => tiff::read::open(input, options),
        FileFormat::WebP => webp::read::open(input, limits),
        FileFormat::Exr => exr::read::open(input, limits),
        FileFormat::Bmp => bmp::open(input, limits),
        FileFormat::Pnm => pnm::open(input, limits),
        FileFormat::Pfm => pfm::open(input, limits),
        FileFormat::Qoi => qoi::open(input, limits),
        FileFormat::Gif => gif::read::open(input, limits),
        FileFormat::Psd => psd::read::open(input, options),
        FileFormat::Jxl => jxl::read::open(input, options),
        FileFormat::Tga => tga::open(input, limits),
    }?;
    orientation::upright(picture, limits)
}
