//! What a worker is asked and what it answers: a line of JSON each; the network and what belongs to it follow the question.
//!
//! Both sides are of the same release, which the question states; nothing else is compatible.

use std::path::PathBuf;

use enlarger_import::Known;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of this crate.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What to do with the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Task {
    /// Find out what it does, given what its architecture tells. The answer is the findings.
    Probe(Option<Known>),
    /// Check that it does what the manifest states. The answer is the engine's name and version.
    Trial {
        /// The manifest's text.
        manifest: String,
        /// Whether to compare tiles with the whole picture; otherwise one tile runs.
        tiles: bool,
    },
    /// List the devices of the engine library for GPUs. The answer is its version, and an id and a name for each.
    ListGpus {
        /// The library's file.
        library: PathBuf,
    },
    /// Run a network on a GPU. The results of exact arithmetic precede the network. The answer is the measurement's text.
    TryGpu {
        /// The engine library's file.
        library: PathBuf,
        /// The device's id.
        device: String,
        /// The precision's name.
        precision: String,
        /// The manifest's text.
        manifest: String,
        /// The number of values that precede the network.
        expected: usize,
    },
}

impl Task {
    /// Whether the memory of the process is limited. Drivers of GPUs reserve far more addresses than they use.
    pub(super) fn is_limited(&self) -> bool {
        matches!(self, Task::Probe(_) | Task::Trial { .. })
    }
}

/// The first line that the worker reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Question {
    /// The version of the program that asks.
    pub(super) version: String,
    /// The seconds that the worker may take.
    pub(super) seconds: u64,
    pub(super) task: Task,
}

/// The line that the worker writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    Done(Value),
    /// The number of the error's kind, and its text.
    Failed(i32, String),
}
