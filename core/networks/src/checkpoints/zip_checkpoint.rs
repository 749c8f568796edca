//! Checkpoints of PyTorch 1.6 and newer: a ZIP file with a pickle and an entry for each storage.
//!
//! The name of the folder inside says nothing, so the pickle is looked for. A ZIP file without one is refused by what it is.

use enlarger::Result;

use super::pickle;
use super::pickled_checkpoint::{self, Storages};
use super::zip_file::{ZipFile, shown};
use super::{Checkpoint, refusals};
use crate::errors::invalid;

/// The name of the pickle.
const PICKLE: &[u8] = b"data.pkl";

/// Reads a checkpoint.
///
/// # Errors
/// `ModelInvalid`, `Limit`.
pub(super) fn read(file: &[u8]) -> Result<Checkpoint<'_>> {
    let zip = ZipFile::read(file)?;
    let folders: Vec<&[u8]> = zip
        .entries
        .iter()
        .filter_map(|entry| {
            entry.name.strip_suffix(PICKLE).filter(|folder| folder.is_empty() || folder.ends_with(b"/"))
        })
        .collect();
    let folder = match folders[..] {
        [] => return Err(refusals::zip_without_checkpoint(&zip)),
        [folder] => folder,
        [first, second, ..] => {
            return Err(invalid(format!(
                "this ZIP file holds several checkpoints (in the folders `{}` and `{}`); import each of them as a file of its own",
                shown(first),
                shown(second)
            )));
        }
    };
    if zip.has(&[folder, b"constants.pkl"].concat()) {
        return Err(refusals::torchscript());
    }
    let mut data = None;
    let mut storages = Storages::new();
    for (name, bytes) in zip.contents()? {
        match name.strip_prefix(folder) {
            Some(PICKLE) => data = Some(bytes),
            Some(b"byteorder") if bytes.trim_ascii() != b"little" => return Err(refusals::big_endian()),
            Some(name) => {
                if let Some(Ok(key)) = name.strip_prefix(b"data/").map(str::from_utf8) {
                    storages.insert(key.into(), bytes);
                }
            }
            None => {}
        }
    }
    let pickle = pickle::read(data.unwrap_or_default())?;
    pickled_checkpoint::assemble(&pickle, &storages, file.len())
}
