//! Models coming in: a network's file is read, probed, described in a manifest, and put where the registry looks.
//!
//! Nothing is guessed from a file's name: what a network does is found out by running it, on small pictures and within
//! bounds. It downloads nothing; that is for the programs that people run.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod archive;
mod catalogue;
mod draft;
mod entry;
mod given;
mod package;
mod probe;
mod remote;
mod store;

pub use archive::Archive;
pub use catalogue::Catalogue;
pub use draft::{Draft, Words};
pub use entry::{Entry, Measured};
pub use given::{Given, read};
pub use package::{Client, Package};
pub use probe::{Findings, Open, Subject, Support, probe};
pub use remote::Remote;
pub use store::{Place, Store};

use std::fmt;
use std::io::{self, Write};

use enlarger::{Error, ErrorKind};
use sha2::{Digest, Sha256};

/// The SHA-256 of bytes, as manifests and the catalogue write it.
pub fn sha256(bytes: &[u8]) -> String {
    let mut sum = Sum::default();
    sum.0.update(bytes);
    sum.to_string()
}

/// The SHA-256 of bytes that come one after another.
#[derive(Clone, Default)]
pub struct Sum(Sha256);

impl Sum {
    /// Whether what came so far has this SHA-256, in letters of either case.
    pub fn is(&self, sha256: &str) -> bool {
        self.to_string().eq_ignore_ascii_case(sha256)
    }
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.clone().finalize().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sum({self})")
    }
}

/// Whether a text is a SHA-256 as manifests and the catalogue write it.
fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn invalid(sentence: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, sentence)
}
