//! Inputs: what a name on the command line or in a folder stands for, ready to be opened as a picture.
//!
//! A file is read where it lies. What can be read only once (standard input, a pipe) is copied to a temporary file without
//! a name, and what other programs must develop is developed first. Nothing here decodes a picture.

mod spool;
mod wildcards;

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use enlarger::{Cancel, Error, ErrorKind, Location, Result};

use crate::develop::{Developed, Developers};
use crate::picture::{self, Family, FileFormat, Kind, OpenOptions, Picture};

pub use wildcards::expanded;

/// The name that stands for standard input and standard output.
pub const DASH: &str = "-";

/// An input that can be opened as often as needed, one picture at a time.
pub struct Input {
    path: PathBuf,
    content: Content,
}

enum Content {
    File,
    /// A temporary file without a name.
    Spooled(File),
    Developed(Developed),
}

/// Whether a name stands for standard input or standard output.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == DASH
}

/// Whether a name stands for something that can be read only once, and that has no place for a result beside it.
pub fn is_stream(path: &Path) -> bool {
    is_dash(path) || path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

impl Input {
    /// The input that `path` names. Reads it if it can be read only once, and has it developed if other programs must.
    ///
    /// # Errors
    /// `Format` if no program is found that can develop it.
    pub fn new(path: &Path, options: &OpenOptions, developers: &Developers, cancel: &Cancel) -> Result<Self> {
        let at = |error: Error| error.at(Location::File(path.to_owned()));
        let content = if is_stream(path) {
            Content::Spooled(spool::spool(path, &options.limits, cancel).map_err(at)?)
        } else {
            Content::File
        };
        let mut input = Input { path: path.to_owned(), content };
        if let Kind::Foreign(foreign) = input.kind().map_err(at)? {
            let developed = match &mut input.content {
                Content::Spooled(file) => developers.develop_file(file, &foreign, cancel),
                _ => developers.develop(path, &foreign, cancel),
            };
            input.content = Content::Developed(developed.map_err(at)?);
        }
        Ok(input)
    }

    /// What the input is.
    fn kind(&mut self) -> Result<Kind> {
        match &mut self.content {
            Content::Spooled(file) => picture::kind_of_file(again(file)?, &self.path),
            _ => picture::kind(&self.path),
        }
    }

    /// Opens the picture from its beginning. Only one picture of an input may be open.
    pub fn open(&mut self, options: &OpenOptions) -> Result<Picture> {
        match &mut self.content {
            Content::File => picture::open(&self.path, options),
            Content::Spooled(file) => picture::open_file(again(file)?, &self.path, options),
            Content::Developed(developed) => {
                let file = File::open(developed.path())?;
                // HEIF turns pictures by a property of its own. libheif applies it and hands on EXIF's orientation, which
                // says the same a second time; the developers of raw photographs leave none.
                let options = OpenOptions { is_upright: developed.family() == Family::Heif, ..*options };
                let mut opened = picture::open_file(file, developed.path(), &options).map_err(|error| {
                    let sentence =
                        format!("what {} made of it cannot be read: {}", developed.program(), error.message());
                    Error::new(error.kind(), sentence).at(Location::File(self.path.clone()))
                })?;
                opened.notes.extend(developed.notes().iter().cloned());
                if developed.family() == Family::Raw {
                    // A raw photograph has no density; the programs write one that nobody chose.
                    opened.metadata.density = None;
                }
                Ok(opened.at(&self.path))
            }
        }
    }

    /// The program that developed the input.
    pub fn developed_by(&self) -> Option<&str> {
        match &self.content {
            Content::Developed(developed) => Some(developed.program()),
            _ => None,
        }
    }

    /// The bytes of the file that the picture is in.
    pub fn bytes(&self) -> Option<u64> {
        let found = match &self.content {
            Content::File => self.path.metadata(),
            Content::Spooled(file) => file.metadata(),
            Content::Developed(developed) => developed.path().metadata(),
        };
        Some(found.ok()?.len())
    }
}

/// The same open file, at its beginning.
fn again(file: &mut File) -> Result<File> {
    file.seek(SeekFrom::Start(0))?;
    Ok(file.try_clone()?)
}

/// Whether an input must be read or developed before anything can be told of it.
pub fn needs_work(path: &Path) -> bool {
    is_stream(path) || matches!(picture::kind(path), Ok(Kind::Foreign(_)))
}

/// The format in which the picture of a file is, or will be when it is developed. `None` for what can be read only once.
///
/// # Errors
/// `Format` if the file is no picture.
pub fn format_of(path: &Path) -> Result<Option<FileFormat>> {
    if is_stream(path) {
        return Ok(None);
    }
    match picture::kind(path).map_err(|error| error.at(Location::File(path.to_owned())))? {
        Kind::Picture(file_format) => Ok(Some(file_format)),
        Kind::Foreign(foreign) => Ok(Some(match foreign.family {
            Family::Raw => FileFormat::Tiff,
            Family::Heif => FileFormat::Png,
        })),
        Kind::Other(kind) => {
            Err(Error::new(ErrorKind::Format, picture::refusal(kind)).at(Location::File(path.to_owned())))
        }
    }
}
