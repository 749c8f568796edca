//! Limits on what is read from an ONNX file, and the error for a damaged one.

use enlarger::{Error, ErrorKind, Result};

use crate::errors::invalid;

/// The most bytes that a network may have, weights in other files included. This is protobuf's own limit.
pub const MAX_NETWORK: u64 = 2 << 30;

pub(super) fn damaged() -> Error {
    invalid("this is not an ONNX file, or it is damaged; fetch it again")
}

/// The number of items that may still be collected from a file. An item takes more memory than it takes in the file, so a
/// small hostile file could otherwise exhaust the memory.
pub(super) struct Budget(u32);

impl Budget {
    const ITEMS: u32 = 1 << 20;

    pub(super) fn new() -> Self {
        Budget(Self::ITEMS)
    }

    /// Counts one item.
    ///
    /// # Errors
    /// `Limit` when none is left.
    pub(super) fn spend(&mut self) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| {
            Error::new(
                ErrorKind::Limit,
                format!(
                    "the network has more than {} parts, more than any network for pictures; use another model",
                    Self::ITEMS
                ),
            )
        })?;
        Ok(())
    }
}
