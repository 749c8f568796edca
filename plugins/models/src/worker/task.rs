//! What a worker is asked and what it answers: a line of JSON each; the network follows the question.
//!
//! Both sides are of the same release, which the question states; nothing else is compatible.

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
