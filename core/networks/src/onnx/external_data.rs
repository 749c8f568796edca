//! Brings weights that are in other files ("external data") into the network's file.
//!
//! A model is one file with one SHA-256. The names of the other files come from the network and are not trusted: nothing
//! outside the network's own folder is ever opened.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};

use super::field_numbers::{graph, tensor as number};
use super::limits::damaged;
use super::rewrite::with_graph;
use super::tensor::{Data, Tensor};
use super::{Attribute, MAX_NETWORK, Network};
use crate::errors::{invalid, shown};
use crate::protobuf::{Message, fields};

/// Returns the same network with all tensors in one file. `folder` is the folder of the network's file.
///
/// # Errors
/// As [`Network::read`]; `ModelInvalid` for a name that leads out of the folder or a file that is too short; `Limit` if the
/// result would be too large; `Io`.
pub fn inline<'a>(file: &'a [u8], folder: &Path) -> Result<Cow<'a, [u8]>> {
    let network = Network::read(file)?;
    let outside = |tensor: &Tensor<'_>| matches!(tensor.data, Data::External { .. });
    let in_nodes = network.nodes.iter().flat_map(|node| &node.attributes);
    if in_nodes.into_iter().any(|(_, a)| matches!(a, Attribute::Tensor(tensor) if outside(tensor))) {
        return Err(invalid(
            "an attribute of the network has its values in another file, which is not supported; export the network as one file",
        ));
    }
    let mut size = file.len() as u64;
    for tensor in network.tensors.iter().filter(|tensor| outside(tensor)) {
        size = size.saturating_add(tensor.size().unwrap_or(u64::MAX));
    }
    if size > MAX_NETWORK {
        return Err(Error::new(
            ErrorKind::Limit,
            format!(
                "with its weights the network has {} MiB, more than the limit of {} MiB; use a smaller model",
                size >> 20,
                MAX_NETWORK >> 20
            ),
        ));
    }
    if !network.tensors.iter().any(outside) {
        return Ok(Cow::Borrowed(file));
    }
    let mut tensors = network.tensors.iter();
    let whole = with_graph(file, |field, _| {
        let tensor = if field == graph::TENSOR { tensors.next() } else { None };
        tensor.filter(|tensor| outside(tensor)).map(|tensor| with_values(tensor, folder)).transpose()
    })?;
    Ok(Cow::Owned(whole))
}

/// The tensor's message, with its values inside.
fn with_values(tensor: &Tensor<'_>, folder: &Path) -> Result<Message> {
    let Data::External { location, offset } = tensor.data else { return Err(damaged()) };
    let path = inside(folder, location)?;
    let size = tensor.size().ok_or_else(damaged)?;
    let read = || -> Result<Vec<u8>> {
        let mut file = File::open(&path)?;
        let there = file.metadata()?;
        if !there.is_file() || offset.checked_add(size).is_none_or(|end| end > there.len()) {
            return Err(invalid(format!(
                "the tensor '{}' should have {size} bytes at offset {offset}, but the file has {} bytes; fetch it again",
                shown(tensor.name),
                there.len()
            )));
        }
        file.seek(SeekFrom::Start(offset))?;
        let mut values = Vec::new();
        values.try_reserve_exact(size as usize).map_err(|_| {
            Error::new(
                ErrorKind::Memory,
                format!(
                    "{} MiB of weights do not fit into memory; close other programs, or use a smaller model",
                    size >> 20
                ),
            )
        })?;
        file.take(size).read_to_end(&mut values)?;
        Ok(values)
    };
    let values = read().map_err(|e| e.at(Location::File(path.clone())))?;
    let mut message = Message::new();
    for field in fields(tensor.message()) {
        let (field, value) = field.ok_or_else(damaged)?;
        if ![number::EXTERNAL, number::LOCATION, number::RAW].contains(&field) {
            message.value(field, value);
        }
    }
    message.field(number::RAW, &values);
    Ok(message)
}

/// The path of the file of this name in the folder. Names and links that lead out of the folder are refused.
fn inside(folder: &Path, location: &str) -> Result<PathBuf> {
    let escapes = || {
        invalid(format!(
            "the network takes weights from '{}', which is not a file beside it; do not use it unless you know why",
            shown(location)
        ))
    };
    let plain = Path::new(location).components().all(|part| matches!(part, Component::Normal(_)));
    if location.is_empty() || location.contains(['\\', ':', '\0']) || !plain {
        return Err(escapes());
    }
    let path = folder.join(location);
    let missing = |e: std::io::Error| Error::from(e).at(Location::File(path.clone()));
    let (real, home) = (path.canonicalize().map_err(missing)?, folder.canonicalize().map_err(missing)?);
    if real.starts_with(home) { Ok(real) } else { Err(escapes()) }
}
