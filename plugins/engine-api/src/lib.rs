//! Engines in libraries of their own: the interface, and both sides of it.
//!
//! An engine library exports one C function, [`ENTRY`], which gives a [`Table`] of functions. A library in Rust is made by
//! [`export_engine!`] from anything that implements [`enlarger::Engine`], and exports the layout of its table too, which
//! `abi_stable` compares with ours. A library in C fills the table by itself; its header is `include/enlarger_engine.h`.
//! The host opens a library with [`open`] and uses it as any other engine.
//!
//! An engine library runs inside the host's process with all its rights. Nothing is opened that the user did not name or
//! put into the folder for engines, and what is open stays open: libraries in Rust cannot be unloaded.
#![deny(missing_docs)]

mod binary;
mod control;
mod export;
mod layout;
mod library;
mod loaded;
mod said;
mod stream;
mod table;

pub use binary::check as check_library_file;
#[doc(hidden)]
pub use export::table_of;
pub use layout::{LAYOUT, Layout};
pub use library::open;
pub use table::*;
