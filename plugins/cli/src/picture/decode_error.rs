//! The errors that all readers share.

use std::fmt::Display;

use enlarger::{Error, ErrorKind};

use super::file_format::FileFormat;

/// The error for a file that breaks its format's rules.
pub fn damaged(file_format: FileFormat, why: impl Display) -> Error {
    let why = why.to_string();
    let why = why.trim_end_matches('.');
    let name = file_format.name();
    Error::new(
        ErrorKind::Format,
        format!(
            "this {name} file is damaged or cut short ({why}); use another copy, or open it in an image editor and save it again"
        ),
    )
}

/// The error for a file that ends too soon.
pub fn cut_short(file_format: FileFormat) -> Error {
    damaged(file_format, "it ends before the picture does")
}
