//! Raw photographs and HEIC: other programs develop them to a file that a reader here reads.
//!
//! A developer gets an empty folder, a path that cannot be taken for an option, a time limit and no shell. Nothing here
//! decodes such a file, and nothing is ever developed by guess: without a program the file is refused.

mod program;
mod run;

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use enlarger::{Cancel, Error, ErrorKind, Result};
use tempfile::TempDir;

use crate::picture::{Family, Foreign};
use program::{FoundProgram, found_programs, names};
pub use program::{Program, all_programs};
pub use run::abandon;

/// The programs that may develop files.
#[derive(Debug, Default)]
pub struct Developers {
    programs: Vec<FoundProgram>,
    /// Whether the user turned them off.
    off: bool,
}

/// A developed file, in a folder that disappears with it.
#[derive(Debug)]
pub struct Developed {
    path: PathBuf,
    program: &'static Program,
    notes: Vec<String>,
    _folder: TempDir,
}

impl Developed {
    /// The developed file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The program that made it.
    pub fn program(&self) -> &str {
        self.program.name
    }

    /// What it was.
    pub fn family(&self) -> Family {
        self.program.family
    }

    /// Warnings for the user.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Developers {
    /// The programs that are found, or the one that the user names: `auto`, `off`, or a program's name.
    ///
    /// # Errors
    /// `Argument` for a name that is not in the table or not found.
    pub fn find(choice: &str) -> Result<Self> {
        match choice {
            "off" => Ok(Developers { programs: Vec::new(), off: true }),
            "auto" => Ok(Developers { programs: found_programs(), off: false }),
            name => {
                let mut programs = found_programs();
                programs.retain(|found| found.program.name == name);
                if !programs.is_empty() {
                    return Ok(Developers { programs, off: false });
                }
                let sentence = format!(
                    "the program {name} was not found; give auto, off, or one of {} and install it",
                    names(None).join(", ")
                );
                Err(Error::new(ErrorKind::Argument, sentence))
            }
        }
    }

    /// Why a file would not be developed; `None` if there is a program for it.
    pub fn refusal(&self, foreign: &Foreign) -> Option<String> {
        if self.programs.iter().any(|found| found.program.family == foreign.family) {
            return None;
        }
        let names = alternatives(&names(Some(foreign.family)));
        Some(if self.off {
            format!(
                "this is {foreign}, and --develop is off; leave the option out, or convert the file to a 16-bit TIFF"
            )
        } else {
            format!(
                "this is {foreign}, which another program must develop; install {names}, or convert the file to a 16-bit TIFF"
            )
        })
    }

    /// Has the file at `path` developed.
    ///
    /// # Errors
    /// `Format` if there is no program for it, or none that can.
    pub fn develop(&self, path: &Path, foreign: &Foreign, cancel: &Cancel) -> Result<Developed> {
        // A copy: darktable follows links to the name that they hide, and nothing can change the user's file.
        self.develop_with(foreign, cancel, |input| fs::copy(path, input).map(|_| ()))
    }

    /// Has an open file developed.
    ///
    /// # Errors
    /// As [`Developers::develop`].
    pub fn develop_file(&self, file: &mut File, foreign: &Foreign, cancel: &Cancel) -> Result<Developed> {
        self.develop_with(foreign, cancel, |input| {
            file.seek(SeekFrom::Start(0))?;
            io::copy(file, &mut File::create(input)?).map(|_| ())
        })
    }

    fn develop_with(
        &self,
        foreign: &Foreign,
        cancel: &Cancel,
        mut place: impl FnMut(&Path) -> io::Result<()>,
    ) -> Result<Developed> {
        if let Some(sentence) = self.refusal(foreign) {
            return Err(Error::new(ErrorKind::Format, sentence));
        }
        let mut failures = Vec::new();
        let mut doubtful = None;
        for found in self.programs.iter().filter(|found| found.program.family == foreign.family) {
            // A folder of its own for each, so that nothing is taken for the work of another.
            let folder = tempfile::Builder::new().prefix("enlarge-develop-").tempdir()?;
            // The name says nothing that the user wrote, and every program knows the ending.
            let input = format!("picture.{}", foreign.ending);
            place(&folder.path().join(&input))?;
            match run::run(found, folder.path(), &input, cancel) {
                Ok(made) => {
                    let developed =
                        Developed { path: made.path, program: found.program, notes: made.notes, _folder: folder };
                    if !made.doubtful {
                        return Ok(developed);
                    }
                    doubtful.get_or_insert(developed);
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => failures.push(format!("{}: {}", found.program.name, error.message())),
            }
        }
        doubtful.ok_or_else(|| {
            let sentence = format!(
                "this is {foreign}, and it could not be developed ({}); convert the file to a 16-bit TIFF",
                failures.join("; ")
            );
            Error::new(ErrorKind::Format, sentence)
        })
    }
}

/// Names, joined for a sentence.
fn alternatives(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What a family is called.
pub fn family_name(family: Family) -> &'static str {
    match family {
        Family::Raw => "raw photographs",
        Family::Heif => "HEIC and AVIF",
    }
}

// They write shell scripts.
#[cfg(all(test, unix))]
mod tests;
