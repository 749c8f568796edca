//! Finds the network's tensors among everything that a training program saves.
//!
//! The search for the map that holds them is in `wrappers`. Whatever else is in that map is left out with a note, or refused if it
//! could be a part of the network.

use std::collections::{BTreeMap, HashSet};

use enlarger::Result;

use super::pickle::{Pickle, Value};
use super::wrappers::Search;
use super::{Hyperparameter, metadata, names, refusals};
use crate::errors::{invalid, shown};

/// How many wrappers may be inside each other.
const DEEPEST: usize = 8;

/// The most notes about what was left out.
const NOTES: usize = 10;

/// The network's part of a pickle.
pub(super) struct Unwrapped<'p> {
    /// The tensors' names and numbers.
    pub(super) tensors: Vec<(&'p str, u32)>,
    pub(super) hyperparameters: BTreeMap<String, Hyperparameter>,
    /// What was left out, in sentences.
    pub(super) notes: Vec<String>,
}

/// Finds the network's tensors.
///
/// # Errors
/// `ModelInvalid` for a pickle without a network's tensors, with a sentence on what it holds; `Limit`.
pub(super) fn unwrap<'p>(pickle: &'p Pickle<'_>) -> Result<Unwrapped<'p>> {
    let mut search = Search::new(pickle);
    let mut unwrapped = Unwrapped { tensors: Vec::new(), hyperparameters: BTreeMap::new(), notes: Vec::new() };
    let mut map = pickle.root;
    for _ in 0..DEEPEST {
        if let Some(claims) = pickle.get(map, "metadata") {
            metadata::of_pickle(pickle, claims, &mut unwrapped.hyperparameters)?;
        }
        match search.inner(map)? {
            Some((_, inner)) => map = inner,
            None => {
                unwrapped.notes = search.notes;
                unwrapped.tensors = tensors(pickle, map, &mut unwrapped.notes)?;
                return Ok(unwrapped);
            }
        }
    }
    Err(invalid("the checkpoint's tensors lie in too many maps inside each other; save the network's state_dict alone"))
}

/// The tensors of the innermost map, and a note for what else it holds.
fn tensors<'p>(pickle: &'p Pickle<'_>, map: Value, notes: &mut Vec<String>) -> Result<Vec<(&'p str, u32)>> {
    let mut tensors = Vec::new();
    let mut known = HashSet::new();
    for [key, value] in pickle.map(map).unwrap_or_default() {
        let name = pickle.name(*key);
        let named = || name.map_or_else(|| "without a name".to_owned(), |name| format!("`{}`", shown(name)));
        match value {
            Value::Tensor(number) => match name {
                Some(name) if names::droppable(name) => {}
                Some(name) if !known.insert(name) => {
                    return Err(names::twice(name));
                }
                Some(name) => tensors.push((name, *number)),
                None => {
                    return Err(invalid(
                        "a tensor of the checkpoint has no name, or a very long one; save the network's state_dict alone",
                    ));
                }
            },
            Value::Object(global) | Value::Global(global) => {
                let global = pickle.global(*global).ok_or_else(refusals::incomplete)?;
                if refusals::is_tensor(global) || refusals::is_array(global) || name.is_some_and(is_weight) {
                    return Err(refusals::object(&named(), global));
                }
                if notes.len() < NOTES && !refusals::is_harmless(global) {
                    notes
                        .push(format!("the object {} (`{global}`) beside the network's tensors was left out", named()));
                }
            }
            Value::Unknown if name.is_some_and(is_weight) => {
                return Err(invalid(format!(
                    "{} of the checkpoint is no tensor, but something that only a program can load; save the network's state_dict alone",
                    named()
                )));
            }
            Value::Map(_) | Value::Sequence(_) if notes.len() < NOTES && contains_tensors(pickle, *value) => {
                notes.push(format!("the part {} beside the network's tensors was left out", named()));
            }
            _ => {}
        }
    }
    Ok(tensors)
}

/// Whether a name is one that tensors have. `_extra_state` is what modules keep beside them.
fn is_weight(name: &str) -> bool {
    (name.contains('.') || matches!(name, "weight" | "bias")) && !name.ends_with("_extra_state")
}

/// Whether a map or a sequence holds tensors itself, among its first items.
fn contains_tensors(pickle: &Pickle<'_>, value: Value) -> bool {
    let of_map = pickle.map(value).unwrap_or_default().iter().map(|[_, value]| value);
    let items = of_map.chain(pickle.sequence(value).unwrap_or_default());
    items.take(100).any(|item| matches!(item, Value::Tensor(_)))
}
