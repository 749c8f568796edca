//! Adds models to the user's folder: a network is read, probed, described by a manifest, and stored where the registry looks.
//!
//! There are two ways in. `enlarge models import` takes any network file ([`load_network`]); `enlarge models install` takes a
//! model of the [`Catalogue`]. What a network does is found out by running it on small pictures ([`probe()`]), never by its
//! file name. This crate downloads nothing and starts no process; `enlarger-models` does.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod catalogue;
mod errors;
mod findings;
mod known;
mod manifest_draft;
mod network_file;
mod probe;
mod public_database;
mod recognition;
mod remote_file;
mod sha256;
mod user_models;

pub use catalogue::{Archive, Catalogue, Client, Entry, Measured, Package};
pub use findings::{Findings, Support};
pub use known::Known;
pub use manifest_draft::{Description, ManifestDraft};
pub use network_file::{LoadedNetwork, load_network};
pub use probe::{Open, probe};
pub use public_database::{
    FileKind, KeptCopy, MAX_DATABASE, PUBLIC_DATABASE_VARIABLE, PublicDatabase, PublicFile, PublicModel,
};
pub use recognition::{Recognised, recognise};
pub use remote_file::{RemoteFile, check_address};
pub use sha256::{Sha256Writer, sha256};
pub use user_models::{PreparedModel, UserModels};
