//! A checkpoint from its pickle and its storages, which both of PyTorch's formats have.
//!
//! Only the tensors of the network are looked at. Whatever else a training program has put beside them may be of any kind.

use std::borrow::Cow;
use std::collections::HashMap;

use enlarger::{Error, Result};

use super::kinds::{self, Kind};
use super::pickle::{Pickle, PickledStorage, PickledTensor, Value};
use super::tensor::{Layout, StoredTensor};
use super::{Checkpoint, names, refusals, unwrap};
use crate::errors::{invalid, shown};

/// The bytes of the storages by their keys.
pub(super) type Storages<'a> = HashMap<Box<str>, &'a [u8]>;

/// Makes the checkpoint. `size` is that of the file.
///
/// # Errors
/// `ModelInvalid`, `Limit`.
pub(super) fn assemble<'a>(pickle: &Pickle<'_>, storages: &Storages<'a>, size: usize) -> Result<Checkpoint<'a>> {
    let unwrapped = unwrap::unwrap(pickle)?;
    let mut tensors = Vec::with_capacity(unwrapped.tensors.len());
    for (name, tensor) in unwrapped.tensors {
        let described = pickle.tensor(tensor).ok_or_else(|| damaged(name))?;
        tensors.push((name.to_owned(), stored(pickle, storages, name, described)?));
    }
    names::finish(Checkpoint { tensors, hyperparameters: unwrapped.hyperparameters, notes: unwrapped.notes }, size)
}

/// The storages' classes by the storages' keys.
pub(super) fn kinds_by_key<'p>(pickle: &'p Pickle<'_>) -> HashMap<&'p str, u32> {
    pickle.storages.iter().filter_map(|storage| Some((pickle.name(storage.key)?, storage.kind))).collect()
}

/// Bytes of one value in storages of this class.
pub(super) fn width(pickle: &Pickle<'_>, class: u32) -> Result<usize> {
    kind(pickle, class).map(Kind::width)
}

/// The type of values in storages of this class.
fn kind(pickle: &Pickle<'_>, class: u32) -> Result<Kind> {
    let global = pickle.global(class);
    let name = global.filter(|global| matches!(global.module.as_str(), "torch" | "torch.cuda" | "torch.storage"));
    name.and_then(|global| kinds::of_storage(&global.name)).ok_or_else(|| {
        let name = global.map(ToString::to_string).unwrap_or_default();
        invalid(format!(
            "the checkpoint keeps its weights in `{name}`, a type that is unknown here; save it again as 32-bit floats"
        ))
    })
}

/// The tensor with its bytes.
fn stored<'a>(
    pickle: &Pickle<'_>,
    storages: &Storages<'a>,
    name: &str,
    tensor: &PickledTensor,
) -> Result<StoredTensor<'a>> {
    let storage = pickle.storage(tensor.storage).ok_or_else(|| damaged(name))?;
    let of_storage = kind(pickle, storage.kind)?;
    let kind = match tensor.kind.and_then(|kind| pickle.global(kind)) {
        None => of_storage,
        Some(dtype) => kinds::of_dtype(&dtype.name).filter(|_| dtype.module == "torch").ok_or_else(|| {
            let name = shown(name);
            invalid(format!("the tensor `{name}` holds values of the type `{dtype}`, which is unknown here; save the checkpoint again as 32-bit floats"))
        })?,
    };
    let element = match kind {
        Kind::Read(element) => element,
        Kind::Refused(_, what) => return Err(refusals::values(name, what)),
        Kind::Untyped => return Err(damaged(name)),
    };
    let bytes = bytes_of(pickle, storages, storage, of_storage).ok_or_else(|| damaged(name))?;
    let numbers = |value| -> Option<Vec<usize>> {
        let number = |value: &Value| if let Value::Int(n) = value { usize::try_from(*n).ok() } else { None };
        pickle.sequence(value).filter(|items| items.len() <= 64)?.iter().map(number).collect()
    };
    let layout = match (numbers(tensor.shape), numbers(tensor.strides), usize::try_from(tensor.offset)) {
        (Some(shape), Some(strides), Ok(offset)) => Layout { shape, strides, offset },
        _ => return Err(damaged(name)),
    };
    StoredTensor::new(name, element, layout, Cow::Borrowed(bytes))
}

/// The bytes of a storage, if the file has as many as the pickle says.
fn bytes_of<'a>(
    pickle: &Pickle<'_>,
    storages: &Storages<'a>,
    storage: &PickledStorage,
    kind: Kind,
) -> Option<&'a [u8]> {
    let bytes = *storages.get(pickle.name(storage.key)?)?;
    let size = |values: u64| usize::try_from(values).ok()?.checked_mul(kind.width());
    if size(storage.elements)? != bytes.len() {
        return None;
    }
    let Some((start, length)) = storage.view else { return Some(bytes) };
    bytes.get(size(start)?..)?.get(..size(length)?)
}

fn damaged(name: &str) -> Error {
    let name = shown(name);
    invalid(format!(
        "the checkpoint does not hold the values of the tensor `{name}`, or not all of them; fetch it again"
    ))
}
