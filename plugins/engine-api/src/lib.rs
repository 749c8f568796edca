//! Engine libraries: the interface between Enlarger and an engine in a library of its own, and both sides of it.
//!
//! An engine library exports one C function, [`ENTRY`], which returns a [`Table`] of functions. A library in Rust uses
//! [`export_engine!`] with anything that implements [`enlarger::Engine`]; it also exports the layout of its table, which
//! `abi_stable` compares with ours. A library in C fills the table itself; its header is `include/enlarger_engine.h`. The host
//! opens a library with [`open()`] and uses it like any other engine.
//!
//! An engine library runs in the host's process, with all of its rights. Only files that the user has named or has put into
//! the folder for engine libraries are loaded, and they are never unloaded, because libraries in Rust cannot be.
#![deny(missing_docs)]

mod cancel;
mod errors;
mod export;
mod layout;
mod library_file;
mod load;
mod loaded_engine;
mod loaded_stream;
mod open;
mod session_handle;
mod table;

#[doc(hidden)]
pub use export::table_of;
pub use layout::{LAYOUT, Layout};
pub use library_file::check as check_library_file;
pub use load::load_library;
pub use open::open;
pub use table::*;
