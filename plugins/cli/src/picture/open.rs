//! Opening a picture: the reader is chosen by the file's first bytes.
//!
//! A reader checks the picture's size and the file's completeness before the work starts, and holds a whole picture in
//! memory only where the format leaves no choice.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use enlarger::{Colour, Error, ErrorKind, Location, Result, Source};

use super::colour_profile::unusable;
use super::file_format::FileFormat;
use super::foreign::{self, Foreign};
use super::limits::Limits;
use super::source::{InputFile, Picture};
use super::{avif, bmp, exr, gif, jpeg, jxl, orientation, pfm, png, pnm, psd, qoi, tga, tiff, webp};

/// How to open a picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// The limits on its size.
    pub limits: Limits,
    /// Whether its ICC profile is ignored.
    pub ignore_profile: bool,
    /// Whether the pixels are upright already, whatever the file says.
    pub is_upright: bool,
    /// Whether only size, format and metadata are wanted. A reader may then leave out a check of the pixels that takes
    /// time, so its rows must not be used.
    pub only_header: bool,
}

/// What a file is.
#[derive(Debug)]
pub enum Kind {
    /// A picture that a reader here reads.
    Picture(FileFormat),
    /// A picture that another program must develop.
    Foreign(Foreign),
    /// Another file; in words that follow "this is", if they are known.
    Other(Option<&'static str>),
}

/// What the file at `path` is, by its content.
pub fn kind(path: &Path) -> Result<Kind> {
    kind_of_file(File::open(path)?, path)
}

/// What an open file is, by its content from the beginning.
pub fn kind_of_file(file: File, path: &Path) -> Result<Kind> {
    kind_of(&mut input_file(file)?, path)
}

/// The sentence that refuses a file which is no picture for any reader.
pub fn refusal(kind: Option<&str>) -> String {
    let what = match kind {
        Some(kind) if foreign::is_never_a_picture(kind) => return format!("this is {kind}, not a picture"),
        Some(kind) => format!("this is {kind}, not a picture"),
        None => "this file is not a picture".to_owned(),
    };
    format!(
        "{what} in a supported format; convert it to PNG, JPEG, TIFF, WebP, AVIF, JPEG XL, EXR, PSD, GIF, BMP, PNM, PFM, TGA or QOI"
    )
}

/// Opens a picture and turns it upright.
pub fn open(path: &Path, options: &OpenOptions) -> Result<Picture> {
    open_file(File::open(path).map_err(|e| Error::from(e).at(Location::File(path.to_owned())))?, path, options)
}

/// Opens a picture in an open file, which is read from its beginning, and turns it upright. Errors name `path`.
pub fn open_file(file: File, path: &Path, options: &OpenOptions) -> Result<Picture> {
    let picture = read_file(file, path, options).map_err(|e| e.at(Location::File(path.to_owned())))?;
    Ok(check_profile(picture, options.ignore_profile).at(path))
}

/// Leaves a profile out that the user wants to ignore or that cannot be used. The picture itself is sound, so it is taken
/// as sRGB.
fn check_profile(mut picture: Picture, ignore: bool) -> Picture {
    if picture.metadata.icc.is_none() {
        return picture;
    }
    let problem = match unusable(&picture.colour(), picture.format().channels.is_gray()) {
        None if !ignore => return picture,
        None => "as you asked".to_owned(),
        Some(why) => format!("because {why}"),
    };
    picture.metadata.icc = None;
    picture.notes.push(format!("the ICC profile is left out, {problem}; the colours are taken as sRGB"));
    let linear = picture.metadata.linear.take().is_some();
    picture.with_colour(if linear { Colour::LinearSrgb } else { Colour::Srgb })
}

fn input_file(file: File) -> Result<InputFile> {
    if file.metadata()?.is_dir() {
        return Err(Error::new(ErrorKind::Io, "this is a folder; name a picture"));
    }
    Ok(BufReader::with_capacity(1 << 16, file))
}

fn kind_of(input: &mut InputFile, path: &Path) -> Result<Kind> {
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.by_ref().take(64).read_to_end(&mut head)?;
    let file_format = FileFormat::from_content(&head, path);
    let foreign = match file_format {
        None | Some(FileFormat::Tiff) => foreign::recognise(input),
        Some(_) => None,
    };
    input.seek(SeekFrom::Start(0))?;
    Ok(match (foreign, file_format) {
        (Some(foreign), _) => Kind::Foreign(foreign),
        (None, Some(file_format)) => Kind::Picture(file_format),
        (None, None) => Kind::Other(foreign::other_kind(&head)),
    })
}

fn read_file(file: File, path: &Path, options: &OpenOptions) -> Result<Picture> {
    let limits = &options.limits;
    let mut input = input_file(file)?;
    let refuse = |message: String| Err(Error::new(ErrorKind::Format, message));
    let file_format = match kind_of(&mut input, path)? {
        Kind::Picture(file_format) => file_format,
        Kind::Foreign(foreign) => return refuse(format!("this is {foreign}; develop it to a 16-bit TIFF first")),
        Kind::Other(kind) => return refuse(refusal(kind)),
    };
    let mut picture = match file_format {
        FileFormat::Png => png::read::open(input, limits),
        FileFormat::Jpeg => jpeg::read::open(input, options),
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
        FileFormat::Avif => avif::read::open(input, limits),
        FileFormat::Tga => tga::open(input, limits),
    }?;
    if options.is_upright {
        picture.metadata.orientation = 1;
    }
    orientation::upright(picture, limits)
}
