//! Limits on what is read from a checkpoint.
//!
//! They keep a hostile file from taking memory or time out of proportion to its size. No checkpoint of a network for
//! pictures comes near them. A limit must never depend on what the file claims about itself.

use enlarger::{Error, ErrorKind};

/// The most bytes of a pickle. The largest seen in a checkpoint for pictures has 76 kB.
pub(super) const PICKLE: usize = 16 << 20;
/// The most tensors, and the most storages.
pub(super) const TENSORS: usize = 100_000;
/// The most dimensions of a tensor.
pub(super) const DIMENSIONS: usize = 8;
/// The largest product of an empty tensor's other dimensions.
pub(super) const EMPTY: usize = 1 << 20;
/// The most containers inside each other.
pub(super) const NESTING: u32 = 64;
/// The most bytes of a tensor's name, a class's name or a storage's key.
pub(super) const NAME: usize = 512;
/// The most values that a pickle may make.
pub(super) const VALUES: usize = 3 << 20;
/// The most values that a pickle may leave unused at one time.
pub(super) const STACK: usize = 1 << 18;
/// The most lists, tuples and maps.
pub(super) const CONTAINERS: usize = 1 << 20;
/// The most values that a pickle may remember for later use.
pub(super) const MEMO: usize = 1 << 20;
/// The most different classes and functions that a pickle may name.
pub(super) const GLOBALS: usize = 10_000;
/// The most texts with escapes, which have to be copied.
pub(super) const ESCAPED_TEXTS: usize = 100_000;
/// The most entries of a ZIP file.
pub(super) const ENTRIES: usize = 2 * TENSORS;
/// The most bytes of a safetensors header.
pub(super) const HEADER: usize = 16 << 20;
/// The most bytes that tensors may have together, for each byte of the file. Tensors may share storages, and a small file
/// could otherwise describe terabytes.
pub(super) const SHARING: usize = 4;
/// The most hyperparameters, items of lists included.
pub(super) const HYPERPARAMETERS: usize = 10_000;
/// The most bytes of a text with hyperparameters in JSON. The largest seen has 4 kB.
pub(super) const HYPERPARAMETER_TEXT: usize = 160_000;

/// The refusal of a file that exceeds a limit. `what` is a noun, such as "more than 100000 tensors".
pub(super) fn exceeded(what: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Limit,
        format!("the checkpoint has {what}, which exceeds what any network for pictures needs; use another model"),
    )
}
