//! Probing what was read from a file: one network, or several that the shapes of a checkpoint allow.
//!
//! It chooses among them by what they do to a picture, never by a name.

use enlarger::Result;
use enlarger_import::{Findings, LoadedNetwork};

use crate::watch::Watch;
use crate::worker::{Deadline, Worker};

/// Probes the network, and the others that the checkpoint's shapes allow. The one whose result shows its input best is the right one.
///
/// # Errors
/// As [`Worker::probe`]; `Limit` if all of them take too much time together.
pub(crate) fn probe(
    given: LoadedNetwork,
    worker: &Worker,
    deadline: Deadline,
    watch: &mut Watch<'_>,
) -> Result<(Vec<u8>, Findings)> {
    /// How much better another network must be than the usual one. Untrained networks are all alike.
    const BETTER: f32 = 1.25;
    let known = given.known.as_ref();
    let mut best = worker.probe(given.network, known, deadline, watch)?;
    for network in given.alternatives {
        let other = worker.probe(network, known, deadline, watch)?;
        if other.1.fidelity * BETTER < best.1.fidelity {
            best = other;
        }
    }
    Ok(best)
}
