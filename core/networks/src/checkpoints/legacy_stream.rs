//! Checkpoints of PyTorch 0.1.10 to 1.5, and of newer ones that are told to: pickles one after another, then the storages.
//!
//! Lengths of storages are believed only as far as the file goes.

use enlarger::Result;

use super::limits::{self, exceeded};
use super::pickle::{self, Pickle, Value};
use super::pickled_checkpoint::{self, Storages};
use super::{Checkpoint, refusals};
use crate::errors::invalid;

/// The number at the beginning, as bytes and as digits.
const MAGIC: &[u8] = &[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const MAGIC_DIGITS: &[u8] = b"119547037146038801333356";
/// The most bytes of the pickles that say what the format is.
const SHORT: usize = 64 << 10;
/// The most bytes of the list of storages.
const KEYS: usize = 4 << 20;
/// The version of the format. There has been no other.
const PROTOCOL: i64 = 1001;

/// Whether a file begins as such a checkpoint does.
pub(super) fn recognises(file: &[u8]) -> bool {
    let start = &file[..file.len().min(SHORT)];
    pickle::read(start).is_ok_and(|first| matches!(first.big_int(first.root), Some(MAGIC | MAGIC_DIGITS)))
}

/// Reads a checkpoint.
///
/// # Errors
/// `ModelInvalid`, `Limit`.
pub(super) fn read(file: &[u8]) -> Result<Checkpoint<'_>> {
    let mut rest = file;
    next_pickle(&mut rest, SHORT)?;
    let protocol = next_pickle(&mut rest, SHORT)?;
    if !matches!(protocol.root, Value::Int(PROTOCOL)) {
        return Err(invalid(
            "the checkpoint has an unknown version of PyTorch's old format; save it again with a current PyTorch",
        ));
    }
    let system = next_pickle(&mut rest, SHORT)?;
    if matches!(system.get(system.root, "little_endian"), Some(Value::Bool(false))) {
        return Err(refusals::big_endian());
    }
    let pickle = next_pickle(&mut rest, usize::MAX)?;
    let keys = next_pickle(&mut rest, KEYS)?;
    let storages = storages(&pickle, &keys, rest)?;
    pickled_checkpoint::assemble(&pickle, &storages, file.len())
}

/// Reads the next pickle, which has at most `longest` bytes.
fn next_pickle<'a>(rest: &mut &'a [u8], longest: usize) -> Result<Pickle<'a>> {
    let pickle = pickle::read(&rest[..rest.len().min(longest)])?;
    *rest = rest.get(pickle.length..).unwrap_or_default();
    Ok(pickle)
}

/// The storages, which follow each other in the order of the keys, each after its number of values.
fn storages<'a>(pickle: &Pickle<'_>, keys: &Pickle<'_>, mut rest: &'a [u8]) -> Result<Storages<'a>> {
    let damaged = || invalid("the checkpoint is damaged: its list of storages is invalid; fetch it again");
    let known = pickled_checkpoint::kinds_by_key(pickle);
    let list = keys.sequence(keys.root).ok_or_else(damaged)?;
    if list.len() > limits::TENSORS {
        return Err(exceeded(format_args!("more than {} storages", limits::TENSORS)));
    }
    let mut storages = Storages::new();
    for key in list {
        let key = keys.name(*key).ok_or_else(damaged)?;
        let width = pickled_checkpoint::width(pickle, *known.get(key).ok_or_else(damaged)?)?;
        let (count, after) = rest.split_first_chunk::<8>().ok_or_else(refusals::incomplete)?;
        let size = usize::try_from(i64::from_le_bytes(*count)).ok().and_then(|count| count.checked_mul(width));
        let (bytes, after) = after.split_at_checked(size.ok_or_else(damaged)?).ok_or_else(refusals::incomplete)?;
        if storages.insert(key.into(), bytes).is_some() {
            return Err(damaged());
        }
        rest = after;
    }
    Ok(storages)
}
