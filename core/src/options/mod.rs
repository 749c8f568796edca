//! Options: the keyed settings that the C interface, the dialogs and the command offer.
//!
//! To add an option, add a key to `key.rs` and a definition to `table.rs`, and give it a meaning in `job.rs` or `settings.rs`.

pub(crate) mod definition;
pub(crate) mod describe;
mod job;
pub(crate) mod key;
pub(crate) mod kind;
pub(crate) mod settings;
pub(crate) mod table;
#[cfg(test)]
mod test_values;
