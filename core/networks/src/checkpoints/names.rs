//! The names of a network's tensors, without what wrappers and training programs add to them.
//!
//! A prefix goes only if all tensors have it, or if the others belong to something else. Names may not become equal.

use std::collections::HashSet;

use enlarger::{Error, Result};

use super::limits::{self, exceeded};
use super::{Checkpoint, StoredTensor, refusals};
use crate::errors::{invalid, shown};

/// What profilers, averages and normalisation count. It is no part of a network.
const COUNTERS: &[&str] = &["total_ops", "total_params", "num_batches_tracked", "n_averaged"];
/// Prefixes of wrappers. They go if all names have them.
const PREFIXES: &[&str] = &[
    "module.",
    "_orig_mod.",
    "netG.",
    "net_g.",
    "generator.",
    "params_ema.",
    "params-ema.",
    "params.",
    "state_dict.",
    "model.",
];
/// Prefixes of the network beside others: the tensors without them go. Best first.
const NETWORKS: &[&str] = &["params_ema.", "params-ema.", "params.", "net_g_ema.", "model_g.", "net_g.", "netG."];

/// Prefixes of an enlarging network that its training program saved with other parts, and the beginnings of those parts.
const GENERATORS: &[&str] = &["generator_ema.", "generator."];
const COMPANIONS: &[&str] =
    &["generator", "discriminator", "perceptual", "loss", "criterion", "step_counter", "gan_loss"];

/// How many prefixes a name may have.
const WRAPPERS: usize = 8;

/// Whether a tensor is a counter of a training program.
pub(super) fn droppable(name: &str) -> bool {
    COUNTERS.contains(&name.rsplit('.').next().unwrap_or(name))
}

/// Cleans the names, and checks what the tensors come to. `size` is the file's.
///
/// # Errors
/// `ModelInvalid` for a checkpoint of something else, and for one without tensors; `Limit`.
pub(super) fn finish(mut checkpoint: Checkpoint<'_>, size: usize) -> Result<Checkpoint<'_>> {
    let tensors = &mut checkpoint.tensors;
    if tensors.is_empty() {
        return Err(refusals::no_tensors());
    }
    let bytes = tensors
        .iter()
        .try_fold(0usize, |bytes, (_, tensor)| bytes.checked_add(tensor.values().checked_mul(tensor.element.width())?));
    if bytes.is_none_or(|bytes| bytes / limits::SHARING > size) {
        return Err(exceeded("tensors with many times the values that the file holds"));
    }
    if let Some(refusal) = refusals::other_model(tensors.iter().map(|(name, _)| name.as_str())) {
        return Err(refusal);
    }
    for _ in 0..WRAPPERS {
        if let Some(prefix) = network(tensors) {
            let before = tensors.len();
            tensors.retain(|(name, _)| name.starts_with(prefix));
            if tensors.len() < before {
                let others = before - tensors.len();
                checkpoint.notes.push(format!(
                    "the network's tensors are named `{prefix}…`; other tensors ({others}) were left out"
                ));
            }
            shorten(tensors, prefix);
        } else if let Some(prefix) = PREFIXES.iter().find(|prefix| common(tensors, prefix)) {
            shorten(tensors, prefix);
        } else {
            break;
        }
    }
    let mut names = HashSet::with_capacity(tensors.len());
    match tensors.iter().find(|(name, _)| !names.insert(name.as_str())) {
        None => Ok(checkpoint),
        Some((name, _)) => Err(twice(name)),
    }
}

/// The refusal of a name that two tensors have.
pub(super) fn twice(name: &str) -> Error {
    invalid(format!("the checkpoint has two tensors named `{}`, so it is ambiguous; fetch it again", shown(name)))
}

/// The prefix of the network, if it is beside others.
fn network(tensors: &[(String, StoredTensor<'_>)]) -> Option<&'static str> {
    let has = |prefix: &&&str| tensors.iter().any(|(name, _)| name.starts_with(**prefix));
    let companions = || tensors.iter().all(|(name, _)| COMPANIONS.iter().any(|start| name.starts_with(start)));
    NETWORKS.iter().find(has).or_else(|| GENERATORS.iter().find(has).filter(|_| companions())).copied()
}

/// Removes a prefix that all names have.
fn shorten(tensors: &mut [(String, StoredTensor<'_>)], prefix: &str) {
    for (name, _) in tensors {
        name.drain(..prefix.len());
    }
}

/// Whether all names have a prefix that is a wrapper's. `model.0` is the first layer of an old network, not a wrapper.
fn common(tensors: &[(String, StoredTensor<'_>)], prefix: &str) -> bool {
    tensors.iter().all(|(name, _)| {
        let rest = name.strip_prefix(prefix).and_then(|rest| rest.bytes().next());
        rest.is_some_and(|first| prefix == "module." || !first.is_ascii_digit())
    })
}
