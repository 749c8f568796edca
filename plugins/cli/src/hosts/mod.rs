//! The programs that have a shim: where they look for plug-ins, copying a shim there, and checking one.
//!
//! Folders are those that the programs use by convention. Only our own files in them are changed.

mod check;
mod copy;
mod find;
mod folders;
mod gimp;
mod host;
mod installation;
mod krita;

pub use check::check;
pub use copy::{copy_shim, remove_shim, shipped_shim};
pub use find::{all_installations, installations};
pub use host::Host;
pub use installation::Installation;
