//! Finds the engine library for GPUs.
//!
//! It lies beside our own file, so that both are of the same release. It must never be looked for in a folder that others write to.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Result};
use enlarger_system::own_file;

/// The environment variable that names the engine library for GPUs by its absolute path.
pub const GPU_LIBRARY_VARIABLE: &str = "ENLARGER_GPU_ENGINE";

/// The library's file: the one that the variable names, otherwise the first of those beside our own file.
///
/// # Errors
/// `EngineNotFound` with the places where it was looked for.
pub(super) fn find() -> Result<PathBuf> {
    let named = env::var_os(GPU_LIBRARY_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    let places = match named {
        Some(named) if named.is_absolute() => vec![named],
        Some(named) => {
            let message =
                format!("{GPU_LIBRARY_VARIABLE} is {}, which is not an absolute path; set it to one", named.display());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        None => places(own_file().as_deref()),
    };
    places.iter().find(|place| place.is_file()).cloned().ok_or_else(|| missing(&places))
}

/// Where the library is, seen from our own file: in the same folder, in `../lib`, or in a folder `enlarger` in one of these.
fn places(own: Option<&Path>) -> Vec<PathBuf> {
    let Some(beside) = own.and_then(Path::parent) else { return Vec::new() };
    let lib = beside.parent().map(|prefix| prefix.join("lib"));
    let folders = [Some(beside.to_owned()), lib].into_iter().flatten();
    let folders = folders.flat_map(|folder| [folder.clone(), folder.join("enlarger")]);
    let mut places: Vec<PathBuf> =
        folders.map(|folder| folder.join(format!("{DLL_PREFIX}enlarger_engine_gpu{DLL_SUFFIX}"))).collect();
    places.dedup();
    places
}

fn missing(places: &[PathBuf]) -> Error {
    let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    let message = format!(
        "the engine library for GPUs was not found at {}; install Enlarger with it, set {GPU_LIBRARY_VARIABLE} to its absolute path, or leave the device out to use the CPU",
        places.join(" or ")
    );
    Error::new(ErrorKind::EngineNotFound, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_beside_the_program_or_the_library() {
        let name = format!("{DLL_PREFIX}enlarger_engine_gpu{DLL_SUFFIX}");
        let from = |own: &str| -> Vec<PathBuf> {
            places(Some(Path::new(own))).iter().map(|place| place.strip_prefix("/usr").unwrap().to_owned()).collect()
        };
        let expected =
            |folders: &[&str]| -> Vec<PathBuf> { folders.iter().map(|f| Path::new(f).join(&name)).collect() };
        assert_eq!(from("/usr/bin/enlarge"), expected(&["bin", "bin/enlarger", "lib", "lib/enlarger"]));
        assert_eq!(from("/usr/lib/libenlarger.so.1")[..2], expected(&["lib", "lib/enlarger"]));
        assert!(places(None).is_empty());
        assert!(missing(&places(Some(Path::new("/usr/bin/enlarge")))).message().contains(GPU_LIBRARY_VARIABLE));
    }
}
