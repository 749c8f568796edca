//! The programs that develop raw photographs and HEIC, and how each is called.
//!
//! Every one writes a file that keeps more than 8 bits where the source has them. None is ever installed or fetched.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::picture::Family;

/// A program of the table.
#[derive(Debug)]
pub struct Program {
    /// The name of its file on the path.
    pub name: &'static str,
    /// What it develops.
    pub family: Family,
    /// The package of Debian that holds it.
    pub package: &'static str,
    /// Its arguments, for an input in the current folder.
    pub arguments: fn(&str) -> Vec<OsString>,
    /// The names that its result can have, for such an input; the first that exists is taken.
    pub results: fn(&str) -> Vec<String>,
    /// What it prints if it ended well but the colours cannot be trusted.
    pub doubt: Option<&'static str>,
}

/// A program that was found.
#[derive(Clone, Debug)]
pub struct FoundProgram {
    /// The program.
    pub program: &'static Program,
    /// Where it is.
    pub path: PathBuf,
}

fn strings(arguments: &[&str]) -> Vec<OsString> {
    arguments.iter().map(OsString::from).collect()
}

/// The name that programs are asked to write, where they can be asked.
const TIFF: &str = "developed.tif";
const PNG: &str = "developed.png";

fn darktable(input: &str) -> Vec<OsString> {
    strings(&[
        input,
        TIFF,
        "--core",
        "--configdir",
        "config",
        "--cachedir",
        "cache",
        "--library",
        ":memory:",
        "--conf",
        "plugins/imageio/format/tiff/bpp=16",
    ])
}

fn heif(input: &str) -> Vec<OsString> {
    strings(&[input, PNG])
}

fn heif_results(_input: &str) -> Vec<String> {
    // Several pictures in one file are numbered.
    vec![PNG.to_owned(), "developed-1.png".to_owned()]
}

/// All programs: for each family, the best first.
const TABLE: &[Program] = &[
    Program {
        name: "darktable-cli",
        family: Family::Raw,
        package: "darktable",
        arguments: darktable,
        results: |_| vec![TIFF.to_owned()],
        doubt: Some("failed to read camera white balance"),
    },
    Program {
        name: "rawtherapee-cli",
        family: Family::Raw,
        package: "rawtherapee",
        // The input comes last.
        arguments: |input| strings(&["-o", TIFF, "-t", "-b16", "-Y", "-c", input]),
        results: |_| vec![TIFF.to_owned()],
        doubt: None,
    },
    Program {
        name: "dcraw_emu",
        family: Family::Raw,
        package: "libraw-bin",
        // 16 bits, the camera's white balance, sRGB with its own curve.
        arguments: |input| strings(&["-6", "-T", "-w", "-o", "1", "-g", "2.4", "12.92", input]),
        results: |input| vec![format!("{input}.tiff")],
        doubt: None,
    },
    Program {
        name: "dcraw",
        family: Family::Raw,
        package: "dcraw",
        arguments: |input| strings(&["-6", "-T", "-w", "-o", "1", "-g", "2.4", "12.92", input]),
        results: |input| vec![Path::new(input).with_extension("tiff").to_string_lossy().into_owned()],
        doubt: None,
    },
    Program {
        name: "heif-dec",
        family: Family::Heif,
        package: "libheif-examples",
        arguments: heif,
        results: heif_results,
        doubt: None,
    },
    Program {
        name: "heif-convert",
        family: Family::Heif,
        package: "libheif-examples",
        arguments: heif,
        results: heif_results,
        doubt: None,
    },
];

/// The names of the programs for a family, or of all.
pub fn names(family: Option<Family>) -> Vec<&'static str> {
    let matches = |program: &&Program| family.is_none_or(|family| family == program.family);
    TABLE.iter().filter(matches).map(|program| program.name).collect()
}

/// All programs of the table, with where each was found.
pub fn all_programs() -> Vec<(&'static Program, Option<PathBuf>)> {
    TABLE.iter().map(|program| (program, search(program.name))).collect()
}

/// The programs that are found on the path, in the table's order.
pub fn found_programs() -> Vec<FoundProgram> {
    let all = all_programs().into_iter();
    all.filter_map(|(program, path)| Some(FoundProgram { program, path: path? })).collect()
}

/// A program on the path. Entries that are not absolute are ignored: they would depend on the current folder.
fn search(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|f| is_program(f))
}

fn is_program(path: &Path) -> bool {
    let Ok(found) = path.metadata() else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        found.is_file() && found.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    found.is_file()
}
