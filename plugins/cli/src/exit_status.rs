//! The exit statuses of the command.

use enlarger::{Error, ErrorKind};

/// Everything was done.
pub const DONE: u8 = 0;
/// Something failed.
pub const FAILED: u8 = 1;
/// The command line is wrong, or names something that does not exist.
pub const USAGE: u8 = 2;
/// Nothing failed, but results exist already.
pub const EXISTS: u8 = 3;
/// The user stopped the work.
pub const CANCELLED: u8 = 130;

/// The status for an error that ends the command.
pub fn of_error(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Cancelled => CANCELLED,
        ErrorKind::Argument | ErrorKind::ModelNotFound | ErrorKind::EngineNotFound => USAGE,
        _ => FAILED,
    }
}
