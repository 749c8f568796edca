//! The mask that `--mask` names: a picture in any format that the command reads.
//!
//! Its pixels are data, so its colour profile is not used. A file is opened anew for each run and read row by row, where its format allows
//! that; what comes through a pipe or is developed is held in memory.

use std::path::Path;

use enlarger::{Cancel, Error, ErrorKind, Location, Mask, Result, Source};

use crate::develop::Developers;
use crate::input::{Input, needs_work};
use crate::picture::{self, OpenOptions};
use crate::terminal::Terminal;

/// What to say of `--mask-white` without `--mask`.
pub fn no_mask() -> Error {
    let sentence = "--mask-white says what white in a mask stands for, but there is no mask; give one with --mask FILE";
    Error::new(ErrorKind::Argument, sentence)
}

/// Opens the mask.
pub fn open_mask(
    path: &Path,
    options: OpenOptions,
    developers: &Developers,
    cancel: &Cancel,
    terminal: Terminal,
) -> Result<Mask> {
    let options = OpenOptions { ignore_profile: true, ..options };
    let mut source = Input::new(path, &options, developers, cancel)?.open(&options)?;
    let (size, format) = (source.size(), source.format());
    if format.has_alpha() {
        terminal
            .warn(format_args!("{}: the transparency of a mask is not used; its brightness counts", path.display()));
    }
    source.notes.iter().for_each(|note| terminal.warn(format_args!("{}: {note}", path.display())));
    if needs_work(path) {
        return Mask::read(size, format, |y, row| source.read(0, y, row))
            .map_err(|e| e.at(Location::File(path.to_owned())));
    }
    let path = path.to_owned();
    Ok(Mask::new(size, move || Ok(Box::new(picture::open(&path, &options)?))))
}
