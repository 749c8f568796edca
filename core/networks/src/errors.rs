//! The errors that all formats share.
//!
//! A message says what is wrong with the file and what to do next.

use enlarger::{Error, ErrorKind};

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, message)
}
