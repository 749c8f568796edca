//! The maps that training programs wrap a network's tensors in, and the search for the innermost.
//!
//! Programs put other maps beside the tensors and save a second, averaged copy. The choice is made by the keys that programs
//! use; where they do not decide, the file is refused rather than guessed at.

use std::collections::HashMap;

use enlarger::{Error, Result};

use super::pickle::{Global, Pickle, Value};
use super::refusals;
use crate::errors::{invalid, shown};

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
/// How deep maps are looked into.
const DEEPEST: usize = 8;
/// What the keys of a training program's other states begin with.
const STATES: &[&str] = &["optim", "sched", "lr_sched", "scaler", "grad_scaler", "callbacks", "loops"];

/// The search for the innermost map of tensors.
pub(super) struct Search<'p, 'a> {
    pickle: &'p Pickle<'a>,
    /// Whether maps hold tensors, by their numbers. Shared maps are looked at once.
    holds: HashMap<u32, bool>,
    /// What was chosen, in sentences.
    pub(super) notes: Vec<String>,
}

impl<'p, 'a> Search<'p, 'a> {
    pub(super) fn new(pickle: &'p Pickle<'a>) -> Self {
        Search { pickle, holds: HashMap::new(), notes: Vec::new() }
    }

    /// The key and the value of the map that leads to the network's tensors; none if `map` holds them itself.
    pub(super) fn inner(&mut self, map: Value) -> Result<Option<(&'p str, Value)>> {
        let pickle = self.pickle;
        let Some(entries) = pickle.map(map) else { return Err(no_map(pickle, map)) };
        // By key, first to last; the last of several entries counts.
        let mut maps: Vec<(&str, Value)> = Vec::new();
        // Single numbers, such as a count of steps, lie beside networks as well as in them.
        let (mut direct, mut single) = (false, false);
        for [key, value] in entries {
            match value {
                Value::Tensor(number) if pickle.name(*key).is_some() => {
                    let shape = pickle.tensor(*number).and_then(|tensor| pickle.sequence(tensor.shape));
                    let number = shape.is_some_and(<[Value]>::is_empty);
                    direct |= !number;
                    single |= number;
                }
                Value::Map(number) => {
                    let Some(key) = pickle.name(*key) else { continue };
                    if self.holds_tensors(*number, 0) {
                        maps.push((key, *value));
                    }
                }
                _ => {}
            }
        }
        let named = |key: &&str| maps.iter().rev().find(|(name, _)| name == key).copied();
        if let Some(found) = WRAPPERS.iter().find_map(named) {
            let plain = found.0.strip_suffix("_ema").or(found.0.strip_suffix("-ema"));
            if plain.is_some_and(|plain| named(&plain).is_some()) {
                let note =
                    format!("the file holds two copies of the network; the averaged one, `{}`, was taken", found.0);
                self.notes.push(note);
            }
            return Ok(Some(found));
        }
        if direct {
            return Ok(None);
        }
        let trained = |key: &str| {
            let starts = |state: &&str| key.get(..state.len()).is_some_and(|start| start.eq_ignore_ascii_case(state));
            STATES.iter().any(starts)
        };
        let optimiser = pickle.get(map, "param_groups").is_some();
        let networks: Vec<(&str, Value)> =
            maps.iter().filter(|(key, _)| !(trained(key) || optimiser && *key == "state")).copied().collect();
        if let [only] = networks[..] {
            return Ok(Some(only));
        }
        let keys: Vec<String> = networks.iter().take(5).map(|(key, _)| format!("`{}`", shown(key))).collect();
        let keys = keys.join(", ");
        if let Some(found) = GENERATORS.iter().find_map(named) {
            self.notes.push(format!("the file holds several networks ({keys}); `{}` was taken", found.0));
            return Ok(Some(found));
        }
        if networks.is_empty() && single {
            return Ok(None);
        }
        if networks.is_empty() {
            return Err(nothing(pickle, map, optimiser || !maps.is_empty()));
        }
        Err(invalid(format!(
            "the checkpoint holds several networks ({keys}), and nothing says which of them enlarges; save that one alone"
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
    let entries = || pickle.map(map).unwrap_or_default().iter();
    let wrapper = |[key, _]: &&[Value; 2]| pickle.name(*key).is_some_and(|key| WRAPPERS.contains(&key));
    let object = |[_, value]: &[Value; 2]| match value {
        Value::Object(global) => pickle.global(*global).filter(|global| !refusals::is_harmless(global)),
        _ => None,
    };
    let training = training || entries().any(|[key, _]| pickle.name(*key).is_some_and(|key| key.starts_with("optim")));
    let inner = || entries().filter(wrapper).flat_map(|[_, value]| pickle.map(*value).unwrap_or_default());
    let odd = inner().chain(entries().filter(|_| !training)).find_map(|[key, value]| match value {
        Value::Object(global) => {
            let odd = |global: &&Global| refusals::is_tensor(global) || refusals::is_array(global);
            Some((pickle.name(*key)?, pickle.global(*global).filter(odd)?))
        }
        _ => None,
    });
    if let Some((key, global)) = odd {
        return refusals::object(&format!("`{}`", shown(key)), global);
    }
    // A whole module where its tensors should be.
    match entries().filter(wrapper).find_map(object) {
        Some(global) => refusals::whole_object(global),
        None if training => refusals::training_state(),
        None => match entries().find_map(object) {
            Some(global) => refusals::whole_object(global),
            None => refusals::no_tensors(),
        },
    }
}
