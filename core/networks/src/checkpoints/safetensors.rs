//! Checkpoints in the safetensors format: the length of a header, the header as JSON, then the values.
//!
//! The header is hostile until its offsets have been compared with the file. Tensors come in the header's order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use enlarger::{Error, Result};

use super::kinds::{self, Kind};
use super::limits::{self, exceeded};
use super::safetensors_header::{Entry, Header};
use super::tensor::{Layout, StoredTensor};
use super::{Checkpoint, metadata, names, refusals};
use crate::errors::{invalid, shown};

/// The most bytes of a header that is worth the name; a larger number is no length.
const LONGEST: u64 = 1 << 32;

/// Whether a file begins as such a checkpoint does.
pub(super) fn recognises(file: &[u8]) -> bool {
    matches!(file.split_first_chunk::<8>(), Some((length, [b'{', ..])) if u64::from_le_bytes(*length) < LONGEST)
}

/// Reads a checkpoint.
///
/// # Errors
/// `ModelInvalid`, `Limit`.
pub(super) fn read(file: &[u8]) -> Result<Checkpoint<'_>> {
    let (length, rest) = file.split_first_chunk::<8>().ok_or_else(refusals::incomplete)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > limits::HEADER {
        return Err(exceeded(format_args!("a header of more than {} MiB", limits::HEADER >> 20)));
    }
    let (header, data) = rest.split_at_checked(length).ok_or_else(refusals::incomplete)?;
    let header: Header = serde_json::from_slice(header).map_err(|error| {
        let reason = shown(&error.to_string());
        invalid(format!("the header of the safetensors file is invalid ({reason}); fetch the file again"))
    })?;
    if let Some(refusal) = refusals::other_metadata(&header.metadata) {
        return Err(refusal);
    }
    check_ranges(&header.tensors, data.len() as u64)?;
    let mut hyperparameters = BTreeMap::new();
    if let Some(text) = header.metadata.get("metadata") {
        metadata::of_text(text, &mut hyperparameters)?;
    }
    if let Some(refusal) = refusals::other_model(header.tensors.iter().map(|(name, _)| name.as_str())) {
        return Err(refusal);
    }
    let mut tensors = Vec::with_capacity(header.tensors.len());
    for (name, entry) in header.tensors {
        if !names::droppable(&name) {
            let tensor = stored(&name, entry, data)?;
            tensors.push((name, tensor));
        }
    }
    names::finish(Checkpoint { tensors, hyperparameters, notes: Vec::new() }, file.len())
}

/// Checks that all tensors lie in the data, and that none share bytes: the format does not know shared storages.
fn check_ranges(tensors: &[(String, Entry)], size: u64) -> Result<()> {
    let mut ranges: Vec<[u64; 2]> = tensors.iter().map(|(_, entry)| entry.data_offsets).collect();
    if ranges.iter().any(|[start, end]| start > end) {
        return Err(invalid(
            "the header of the safetensors file is damaged: a tensor ends before it starts; fetch the file again",
        ));
    }
    if ranges.iter().any(|[_, end]| *end > size) {
        return Err(refusals::incomplete());
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0][1] > pair[1][0]) {
        return Err(invalid(
            "the tensors of the safetensors file overlap, which no program writes; get the model from a source that you trust",
        ));
    }
    Ok(())
}

/// The tensor with its bytes.
fn stored<'a>(name: &str, entry: Entry, data: &'a [u8]) -> Result<StoredTensor<'a>> {
    let element = match kinds::of_safetensors(&entry.dtype) {
        Some(Kind::Read(element)) => element,
        Some(Kind::Refused(_, what)) => return Err(refusals::values(name, what)),
        Some(Kind::Untyped) | None => {
            return Err(invalid(format!(
                "the tensor `{}` holds values of the type `{}`, which is unknown here; save the checkpoint again as 32-bit floats",
                shown(name),
                shown(&entry.dtype)
            )));
        }
    };
    let [start, end] = entry.data_offsets;
    let bytes = data.get(start as usize..end as usize).ok_or_else(refusals::incomplete)?;
    let layout = Layout::contiguous(entry.shape.0).map_err(|reason| damaged(name, reason))?;
    let tensor = StoredTensor::new(name, element, layout, Cow::Borrowed(bytes))?;
    if tensor.values().checked_mul(element.width()) != Some(bytes.len()) {
        return Err(damaged(name, "its size is not that of its shape"));
    }
    Ok(tensor)
}

fn damaged(name: &str, reason: &str) -> Error {
    invalid(format!("the tensor `{}` of the checkpoint is damaged ({reason}); fetch the file again", shown(name)))
}
