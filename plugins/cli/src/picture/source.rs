//! An open picture: the properties that its file states, and a decoder for its rows.
//!
//! Every reader returns one, and the pipeline reads it as a source. No row is decoded before the first one is asked for, so
//! that a picture can be refused before the work starts.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use enlarger::{Colour, Error, Format, Location, Result, Size, Source};

use super::file_format::FileFormat;
use crate::metadata::Metadata;

/// The file that a reader reads.
pub type InputFile = BufReader<File>;

/// Gives the decoded rows of a picture.
pub trait RowReader {
    /// Row `y`. Calls come with increasing `y` and may skip rows.
    fn row(&mut self, y: u32) -> Result<&[u8]>;
}

/// A picture in a file.
pub struct Picture {
    /// The file's format.
    pub file_format: FileFormat,
    /// What the file carries besides pixels.
    pub metadata: Metadata,
    /// Warnings for the user, such as pages that are left out.
    pub notes: Vec<String>,
    /// The orientation that was applied: 1 to 8, as in EXIF.
    pub turned: u8,
    /// The quality of a JPEG, 1 to 100.
    pub quality: Option<u8>,
    pub(super) size: Size,
    pub(super) format: Format,
    pub(super) rows: Box<dyn RowReader>,
    colour: Colour,
    /// The file, for error messages.
    path: PathBuf,
}

impl Picture {
    /// A picture in sRGB, or in the colour space of the metadata's ICC profile.
    pub fn new(
        file_format: FileFormat,
        size: Size,
        format: Format,
        metadata: Metadata,
        rows: impl RowReader + 'static,
    ) -> Self {
        let colour = metadata.icc.as_ref().map_or(Colour::Srgb, |icc| Colour::Icc(icc.as_slice().into()));
        let (notes, path) = (Vec::new(), PathBuf::new());
        Picture {
            file_format,
            metadata,
            notes,
            turned: 1,
            quality: None,
            size,
            format,
            rows: Box::new(rows),
            colour,
            path,
        }
    }

    /// The same picture with warnings for the user.
    pub fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// The same picture with the quality of its JPEG.
    pub fn with_quality(mut self, quality: Option<u8>) -> Self {
        self.quality = quality;
        self
    }

    /// The same picture in another colour space.
    pub fn with_colour(mut self, colour: Colour) -> Self {
        self.colour = colour;
        self
    }

    /// The same picture with the file that errors name.
    pub fn at(mut self, path: &Path) -> Self {
        self.path = path.to_owned();
        self
    }
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
        let whole = self.rows.row(y).map_err(|e: Error| e.at(Location::File(self.path.clone())))?;
        row.copy_from_slice(&whole[start..start + row.len()]);
        Ok(())
    }
}
