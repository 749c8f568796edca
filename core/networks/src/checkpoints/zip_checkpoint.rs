//! Checkpoints of PyTorch 1.6 and newer: a ZIP file with a pickle and an entry for each storage.
//!
//! The name of the folder inside says nothing, so the pickle is looked for. A ZIP file without one is refused by what it is.

use enlarger::Result;

use super::pickle;
use super::pickled_checkpoint::{self, Storages};
use super::zip_file::ZipFile;
use super::{Checkpoint, refusals};
use crate::errors::invalid;

/// The name of the pickle.
const PICKLE: &str = "data.pkl";

/// Reads a checkpoint.
///
/// # Errors
/// `ModelInvalid`, `Limit`.
pub(super) fn read(file: &[u8]) -> Result<Checkpoint<'_>> {
    let zip = ZipFile::read(file)?;
    let folders: Vec<&str> = zip
        .entries
        .iter()
        .filter_map(|entry| entry.name.strip_suffix(PICKLE).filter(|folder| folder.is_empty() || folder.ends_with('/')))
        .collect();
    let folder = match folders[..] {
        [] => return Err(refusals::zip_without_checkpoint(&zip)),
        [folder] => folder,
        [first, second, ..] => {
            return Err(invalid(format!(
                "this ZIP file holds several checkpoints (`{first}{PICKLE}`, `{second}{PICKLE}`); import each of them as a file of its own"
            )));
        }
    };
    if zip.has(&format!("{folder}constants.pkl")) || zip.has(&format!("{folder}version.pkl")) {
        return Err(refusals::torchscript());
    }
    let mut data = None;
    let mut storages = Storages::new();
    for (name, bytes) in zip.contents()? {
        match name.strip_prefix(folder) {
            Some(PICKLE) => data = Some(bytes),
            Some("byteorder") if bytes.trim_ascii() != b"little" => return Err(refusals::big_endian()),
            Some(name) => {
                if let Some(key) = name.strip_prefix("data/") {
                    storages.insert(key.into(), bytes);
                }
            }
            None => {}
        }
    }
    let pickle = pickle::read(data.unwrap_or_default())?;
    pickled_checkpoint::assemble(&pickle, &storages, file.len())
}
