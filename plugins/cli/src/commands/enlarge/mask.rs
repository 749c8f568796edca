//! The mask that `--mask` names: a picture in any format that the command reads.
//!
//! Its pixels are data, so its colour profile is not used. A file is opened anew for each run and read row by row, where its format allows
//! that; what comes through a pipe or is developed is held in memory.

use std::path::Path;

use enlarger::{Cancel, Error, ErrorKind, Location, Mask, OptionKey, Result, Source};

use crate::args::OptionArgs;
use crate::develop::Developers;
use crate::input::{Input, is_dash, needs_work};
use crate::picture::{self, OpenOptions};
use crate::terminal::Terminal;

/// Opens the mask at `path`, if there is one. `given`: the options, which may need one.
pub fn mask_of(
    path: Option<&Path>,
    given: &OptionArgs,
    options: OpenOptions,
    developers: &Developers,
    cancel: &Cancel,
    terminal: Terminal,
) -> Result<Option<Mask>> {
    let wrong = |sentence: &str| Err(Error::new(ErrorKind::Argument, sentence));
    match path {
        Some(path) if is_dash(path) => wrong("a mask cannot come through standard input; name its file"),
        Some(path) => open(path, options, developers, cancel, terminal).map(Some),
        None if given.gives(OptionKey::MaskWhite) => {
            wrong("--mask-white says what white in a mask stands for, but there is no mask; give one with --mask FILE")
        }
        None => Ok(None),
    }
}

/// Opens the mask of scratches at `path`, if there is one.
pub fn scratch_mask_of(
    path: Option<&Path>,
    options: OpenOptions,
    developers: &Developers,
    cancel: &Cancel,
    terminal: Terminal,
) -> Result<Option<Mask>> {
    match path {
        Some(path) if is_dash(path) => {
            let sentence = "a mask of scratches cannot come through standard input; name its file";
            Err(Error::new(ErrorKind::Argument, sentence))
        }
        Some(path) => open(path, options, developers, cancel, terminal).map(Some),
        None => Ok(None),
    }
}

fn open(
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
