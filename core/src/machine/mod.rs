//! The machine: its memory, the user's folders, and measurements kept from earlier runs.

pub(crate) mod cache;
pub(crate) mod folders;
pub(crate) mod memory;
