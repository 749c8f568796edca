//! Copies a message with other contents for some of its fields.

use enlarger::Result;

use super::field_numbers::model;
use super::limits::damaged;
use crate::protobuf::{Message, fields};

/// Copies a message. `change` gets the number and the contents of each field of bytes, and gives other contents, or `None` to
/// keep the field.
///
/// # Errors
/// `ModelInvalid` for a damaged message, and those of `change`.
pub(super) fn rewritten(
    message: &[u8],
    mut change: impl FnMut(u64, &[u8]) -> Result<Option<Message>>,
) -> Result<Message> {
    let mut copy = Message::new();
    for field in fields(message) {
        let (field, value) = field.ok_or_else(damaged)?;
        let changed = match value.bytes() {
            Some(bytes) => change(field, bytes)?,
            None => None,
        };
        match changed {
            Some(changed) => copy.message(field, &changed),
            None => copy.value(field, value),
        };
    }
    Ok(copy)
}

/// As [`rewritten`], for the fields of the graph in the file of a network.
pub(super) fn with_graph(
    file: &[u8],
    mut change: impl FnMut(u64, &[u8]) -> Result<Option<Message>>,
) -> Result<Vec<u8>> {
    let whole =
        rewritten(
            file,
            |field, bytes| {
                if field == model::GRAPH { rewritten(bytes, &mut change).map(Some) } else { Ok(None) }
            },
        )?;
    Ok(whole.into_bytes())
}
