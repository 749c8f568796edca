//! The errors that all formats share.
//!
//! A message says what is wrong with the file and what to do next.

use enlarger::{Error, ErrorKind};

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, message)
}

/// A name from a file for a message: short, and in one line.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(80).map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}
