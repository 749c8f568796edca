//! The exit statuses of the command.

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
