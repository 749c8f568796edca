//! Models coming in: a network's file is read, probed, described in a manifest, and put where the registry looks.
//!
//! Nothing is guessed from a file's name: what a network does is found out by running it, on small pictures and within
//! bounds. It downloads nothing; that is for the programs that people run.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod archive;
mod catalogue;
mod draft;
mod given;
mod probe;
mod store;

pub use archive::Archive;
pub use catalogue::{Catalogue, Client, Entry, Measured, Package};
pub use draft::{Draft, Words};
pub use given::{Given, read};
pub use probe::{Findings, Open, Subject, Support, probe};
pub use store::{Place, Store};

use enlarger::{Error, ErrorKind};
use sha2::{Digest, Sha256};

/// The SHA-256 of bytes, as manifests and the catalogue write it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn invalid(sentence: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, sentence)
}
