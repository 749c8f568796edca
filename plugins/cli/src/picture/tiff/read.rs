//! Reading TIFF: strip by strip, or by rows of tiles.
//!
//! The main picture is found among pages, reduced copies and masks. The file's numbers are
//! checked before anything is decoded.

use std::io::{Seek, SeekFrom};

use enlarger::Result;

use super::bands::BandReader;
use super::chunks::ChunkReader;
use super::colours::Colours;
use super::directory::Directory;
use super::jpeg::JpegTables;
use super::layout::Layout;
use super::{metadata, pages, tag};
use crate::metadata::ifd::DirectoryReader;
use crate::picture::decode_error::cut_short;
use crate::picture::file_format::FileFormat;
use crate::picture::open::OpenOptions;
use crate::picture::source::{InputFile, Picture};

/// Opens a TIFF file.
pub fn open(mut input: InputFile, options: &OpenOptions) -> Result<Picture> {
    let limits = &options.limits;
    let length = input.seek(SeekFrom::End(0))?;
    let mut reader = DirectoryReader::new(&mut input).map_err(|_| cut_short(FileFormat::Tiff))?;
    let directories = pages::directories(&mut reader).map_err(|_| cut_short(FileFormat::Tiff))?;
    let found = pages::find(&directories)?;
    let main = Directory::read(&mut reader, found.main, |_| true).map_err(|_| cut_short(FileFormat::Tiff))?;

    let layout = Layout::new(&main, length, limits)?;
    let colours = Colours::new(&main, &layout, options.ignore_profile)?;
    let mut notes = Vec::new();
    if found.count > 1 {
        let which = if found.number == 1 { "the first".to_owned() } else { format!("number {}", found.number) };
        notes.push(format!("the file has {} pages; only {which} is enlarged", found.count));
    }
    notes.extend(colours.notes.iter().cloned());
    let mut metadata = metadata::read(&mut input, &main, &layout, colours.keeps_profile);
    if found.has_masks {
        metadata.left_out.push("a transparency mask of the TIFF".to_owned());
    }
    let format = colours.format;
    let jpeg = JpegTables::new(&main, &layout, length)?;
    let size = layout.size;
    let chunks = ChunkReader::new(layout, input, *limits, main.number(tag::FAX_OPTIONS).unwrap_or(0), jpeg);
    let rows = BandReader::new(chunks, colours, limits)?;
    Ok(Picture::new(FileFormat::Tiff, size, format, metadata, rows).with_notes(notes))
}
