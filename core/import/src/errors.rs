//! The error for a file that is not a usable model or catalogue.

use enlarger::{Error, ErrorKind};

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, message)
}
