//! Finds the network's tensors among everything that a training program saves.
//!
//! Programs wrap the tensors in maps, put other maps beside them, and save a second, averaged copy. The choice is made by
//! the keys that programs use; where they do not decide, the file is refused rather than guessed at.

use std::collections::{BTreeMap, HashMap};

use enlarger::{Error, Result};

use super::pickle::{Pickle, Value};
use super::{Hyperparameter, limits, metadata, names, refusals};
use crate::errors::invalid;

/// Keys under which programs keep the tensors, best first: an averaged copy is what everybody uses.
const WRAPPERS: &[&str] = &["model_state_dict", "state_dict", "params_ema", "params-ema", "params", "model", "net"];
/// Keys of the enlarging network beside others, such as a network that judges it. Best first.
const GENERATORS: &[&str] = &[
    "net_g_ema",
    "netG_ema",
    "g_ema",
    "generator_ema",
    "model_ema",
    "ema_state_dict",
    "ema",
    "net_g",
    "netG",
    "model_g",
    "generator",
    "gen",
    "G",
    "g",
];
/// How deep wrappers are looked into.
const DEEPEST: usize = 8;
/// What the keys of a training program's other states begin with.
const STATES: &[&str] = &["optim", "sched", "lr_sched", "scaler", "grad_scaler", "callbacks", "loops"];

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
    let mut search = Search { pickle, holds: HashMap::new() };
    let mut unwrapped = Unwrapped { tensors: Vec::new(), hyperparameters: BTreeMap::new(), notes: Vec::new() };
    let mut map = pickle.root;
    for _ in 0..DEEPEST {
        if let Some(claims) = pickle.get(map, "metadata") {
            metadata::of_pickle(pickle, claims, &mut unwrapped.hyperparameters)?;
        }
        match search.inner(map)? {
            Some((key, inner)) => {
                unwrapped.notes.extend(copies(pickle, map, key));
                map = inner;
            }
            None => {
                unwrapped.tensors = tensors(pickle, map, &mut unwrapped.notes)?;
                return Ok(unwrapped);
            }
        }
    }
    Err(invalid("the checkpoint's tensors lie in too many maps inside each other; save the network's state_dict alone"))
}

/// A note about the copy that was left out.
fn copies(pickle: &Pickle<'_>, map: Value, key: &str) -> Option<String> {
    let averaged = key.strip_suffix("_ema").or(key.strip_suffix("-ema"))?;
    pickle.get(map, averaged).filter(|other| matches!(other, Value::Map(_)))?;
    Some(format!("the file holds two copies of the network; the averaged one, `{key}`, was taken"))
}

/// The search for the innermost map of tensors.
struct Search<'p, 'a> {
    pickle: &'p Pickle<'a>,
    /// Whether maps hold tensors, by their numbers. Shared maps are looked at once.
    holds: HashMap<u32, bool>,
}

impl<'p> Search<'p, '_> {
    /// The key and the value of the map that leads to the network's tensors; none if `map` holds them itself.
    fn inner(&mut self, map: Value) -> Result<Option<(&'p str, Value)>> {
        let pickle = self.pickle;
        let Some(entries) = pickle.map(map) else { return Err(no_map(pickle, map)) };
        // By key, first to last; the last of several entries counts.
        let mut maps: Vec<(&str, Value)> = Vec::new();
        let mut direct = false;
        for [key, value] in entries {
            match value {
                Value::Tensor(_) => direct |= pickle.text(*key).is_some(),
                Value::Map(number) => {
                    let Some(key) = pickle.text(*key) else { continue };
                    if key.len() <= limits::NAME && self.holds_tensors(*number, 0) {
                        maps.push((key, *value));
                    }
                }
                _ => {}
            }
        }
        let named = |key: &&str| maps.iter().rev().find(|(name, _)| name == key).copied();
        if let Some(found) = WRAPPERS.iter().find_map(named) {
            return Ok(Some(found));
        }
        if direct {
            return Ok(None);
        }
        let trained = |key: &str| {
            let key = key.to_ascii_lowercase();
            STATES.iter().any(|state| key.starts_with(state))
        };
        let optimiser = pickle.get(map, "param_groups").is_some();
        let networks: Vec<(&str, Value)> =
            maps.iter().filter(|(key, _)| !trained(key) && !(optimiser && *key == "state")).copied().collect();
        if let [only] = networks[..] {
            return Ok(Some(only));
        }
        if let Some(found) = GENERATORS.iter().find_map(named) {
            return Ok(Some(found));
        }
        if networks.is_empty() {
            return Err(nothing(pickle, map, optimiser || !maps.is_empty()));
        }
        let keys: Vec<String> = networks.iter().take(5).map(|(key, _)| format!("`{key}`")).collect();
        Err(invalid(format!(
            "the checkpoint holds several networks ({}), and nothing says which of them enlarges; save that one alone",
            keys.join(", ")
        )))
    }

    /// Whether a map holds tensors, itself or in maps inside it.
    fn holds_tensors(&mut self, number: u32, depth: usize) -> bool {
        if let Some(known) = self.holds.get(&number) {
            return *known;
        }
        // Also the answer for a map that contains itself.
        self.holds.insert(number, false);
        let entries = self.pickle.map(Value::Map(number)).unwrap_or_default();
        let found = entries.iter().any(|[_, value]| match value {
            Value::Tensor(_) => true,
            Value::Map(inner) => depth < DEEPEST && self.holds_tensors(*inner, depth + 1),
            // Sparse tensors and the like: they get their sentence later.
            Value::Object(global) => self.pickle.global(*global).is_some_and(refusals::is_tensor),
            _ => false,
        });
        self.holds.insert(number, found);
        found
    }
}

/// The tensors of the innermost map, and a note for what else it holds.
fn tensors<'p>(pickle: &'p Pickle<'_>, map: Value, notes: &mut Vec<String>) -> Result<Vec<(&'p str, u32)>> {
    let mut tensors = Vec::new();
    for [key, value] in pickle.map(map).unwrap_or_default() {
        let name = pickle.text(*key);
        let named = || name.map_or_else(|| "without a name".to_owned(), |name| format!("`{}`", names::shown(name)));
        match value {
            Value::Tensor(number) => match name {
                Some(name) if name.len() <= limits::NAME => {
                    if !names::droppable(name) {
                        tensors.push((name, *number));
                    }
                }
                _ => {
                    return Err(invalid(
                        "a tensor of the checkpoint has no name, or a very long one; save the network's state_dict alone",
                    ));
                }
            },
            Value::Object(global) => {
                let global = pickle.global(*global).ok_or_else(refusals::incomplete)?;
                if !refusals::is_harmless(global) && !name.is_some_and(|name| name.ends_with("_extra_state")) {
                    return Err(refusals::object(&named(), global));
                }
            }
            Value::Map(_) | Value::Sequence(_) if name != Some("metadata") && name != Some("_metadata") => {
                if notes.len() < 10 && contains_tensors(pickle, *value) {
                    notes.push(format!("the part {} beside the network's tensors was left out", named()));
                }
            }
            _ => {}
        }
    }
    Ok(tensors)
}

/// Whether a map or a sequence holds tensors itself.
fn contains_tensors(pickle: &Pickle<'_>, value: Value) -> bool {
    let in_map = pickle.map(value).unwrap_or_default().iter().any(|[_, value]| matches!(value, Value::Tensor(_)));
    in_map || pickle.sequence(value).unwrap_or_default().iter().any(|value| matches!(value, Value::Tensor(_)))
}

/// The refusal of something that is no map of tensors.
fn no_map(pickle: &Pickle<'_>, value: Value) -> Error {
    match value {
        Value::Object(global) | Value::Global(global) => match pickle.global(global) {
            Some(global) => refusals::whole_object(global),
            None => refusals::no_tensors(),
        },
        Value::Tensor(_) => {
            invalid("the checkpoint holds a single tensor, not a network; save the network's state_dict")
        }
        Value::Sequence(_) => {
            invalid("the checkpoint holds a list, not the named tensors of a network; save the network's state_dict")
        }
        _ => refusals::no_tensors(),
    }
}

/// The refusal of a map without a network.
fn nothing(pickle: &Pickle<'_>, map: Value, training: bool) -> Error {
    // A whole module where its tensors should be.
    let entries = || pickle.map(map).unwrap_or_default().iter();
    let wrapper = |[key, _]: &&[Value; 2]| pickle.text(*key).is_some_and(|key| WRAPPERS.contains(&key));
    let object = |[_, value]: &[Value; 2]| match value {
        Value::Object(global) => pickle.global(*global).filter(|global| !refusals::is_harmless(global)),
        _ => None,
    };
    let training = training || entries().any(|[key, _]| pickle.text(*key).is_some_and(|key| key.starts_with("optim")));
    match entries().filter(wrapper).find_map(object) {
        Some(global) => refusals::whole_object(global),
        None if training => refusals::training_state(),
        None => match entries().find_map(object) {
            Some(global) => refusals::whole_object(global),
            None => refusals::no_tensors(),
        },
    }
}
